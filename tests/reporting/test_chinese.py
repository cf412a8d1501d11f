"""A report in Chinese, in each of its forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from diagnostics.models import Launch
from diagnostics.reporting import Asked, preview, rendering


def test_all_forms(slowed: list[Launch]) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    content = preview(Asked(now - timedelta(days=1), now, language="zh-hans", why="catch-up", missed=3, name="周报"))
    assert content.headline.startswith("2 个新的性能退化：自 2.0 起，open-autoglm 的 weights 用时")
    page, text = rendering.html(content), rendering.text(content)
    assert '<html lang="zh-hans">' in page
    for told in ("性能退化", "差异来自哪里", "错过的 3 份报告"):
        assert told in page
    for told in ("░ 基线", "启动时间变化", "15 次启动"):
        assert told in text
    assert rendering.subject(content).startswith("补发报告 · 周报: 2 个新的")
    assert [one.heading for one in rendering.sections(content)][1].startswith("新的性能退化: weights")
