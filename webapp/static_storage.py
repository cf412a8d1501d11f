"""How static files are kept: under names that change with their content, and packed."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our own modules only: what packages bring along imports what is not there.
MODULE_IMPORTS = (
    "js/*.js",
    ((r"""(?P<matched>(?P<names>import\s[^"']*)"(?P<url>\./[^"]+)";)""", """%(names)s"%(url)s";"""),),
)


class HashedModules(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it comes without types
    """Modules import each other by these names, too: after an upgrade no browser mixes old ones with new ones."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, MODULE_IMPORTS)
