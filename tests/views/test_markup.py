"""What a strict CSP and the icon sprite ask of the templates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).resolve().parents[2] / "templates").rglob("*.html"))
SPRITE = Path(__file__).resolve().parents[2] / "static/vendor/tabler-icons/sprite.svg"
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:|https?://", re.IGNORECASE)


# Files to keep and e-mails must bring their styles with them; neither is a page of ours.
PAGES = [path for path in TEMPLATES if path.parent.name not in ("exports", "mail")]


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.name)
def test_nothing_inline_and_nothing_from_elsewhere(template: Path) -> None:
    assert not INLINE.findall(template.read_text())


def test_every_icon_is_in_the_sprite() -> None:
    from diagnostics.templatetags.launchscope import BADGES

    known = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    text = "\n".join(template.read_text() for template in TEMPLATES)
    named = set(re.findall(r'{% icon "([^"]+)" %}', text)) | set(re.findall(r'symbol="([^"]+)"', text))
    assert named | {icon for _, icon, _ in BADGES.values()} <= known
