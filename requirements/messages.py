"""``make messages``: extract what is marked for translation, merge it into the catalogue, compile that.

Babel does it, so that no gettext is needed; templates are read through Django's own translator of them into code.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "translate": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "named": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def templates(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Babel's extractor for Django templates."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    code = templatize(file.read().decode())
    # What is left of the markup stands at odd columns, which Python would take for blocks.
    plain = "\n".join(line.lstrip() for line in code.splitlines())
    yield from extract_python(io.BytesIO(plain.encode()), keywords, tags, {"encoding": "utf-8"})


def found() -> Catalog:
    """Every marked text of the code and the templates, with where it is."""
    catalog = Catalog(project="Launchscope", charset="utf-8")
    sources: list[tuple[Path, Any]] = [(path, "python") for path in sorted((ROOT / "diagnostics").rglob("*.py"))]
    sources += [(path, templates) for path in sorted((ROOT / "templates").rglob("*.html"))]
    for path, method in sources:
        # The agent speaks by catalogues of its own.
        if "agent" in path.relative_to(ROOT).parts[:2]:
            continue
        with path.open("rb") as file:
            for _line, message, _comments, context in extract(method, file, KEYWORDS):
                flags = ["python-format"] if "%(" in str(message) else []
                catalog.add(message, locations=[(str(path.relative_to(ROOT)), 0)], context=context, flags=flags)
    return catalog


def kept() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compile_catalog(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(texts)


def main() -> int:
    catalog = kept() if PO.exists() else Catalog(locale="zh_Hans", project="Launchscope", charset="utf-8")
    catalog.update(found(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.revision_date = catalog.creation_date
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, omit_header=False, sort_output=True, include_lineno=False, width=120)
    PO.with_suffix(".mo").write_bytes(compile_catalog(kept()))
    missing = sum(1 for message in catalog if message.id and not translated(message))
    print(f"{len(catalog)} texts, {missing} of them without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
