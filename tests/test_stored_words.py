"""What was stored in English is said in the reader's language; what is not known stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from django.utils.translation import override

from diagnostics.analysis.start_class import Start, StartClass
from diagnostics.charts.sparkline import sparkline
from diagnostics.detection import _rule
from diagnostics.models import BaselinePolicy
from diagnostics.records import Flag, Verdict
from diagnostics.stored_words import said

POLICIES = [
    BaselinePolicy(),
    BaselinePolicy(launches=5),
    BaselinePolicy(choose="pinned", version="1.4.2", launches=7, host_class="gpu"),
    BaselinePolicy(choose="tagged", label="a=1", begins_at=1),
]
WEIGHTS = "变慢的是其中的 init/weights：与平时一样：在此前 9 次启动的范围之内"
STEPPED = (
    "looking back over 12 launches, the level changed with this one: 3 s before (6 launches), 4 s since (6), 1.3×; "
    "by chance p = 0.002"
)
LOOKED_BACK = (
    "回看 12 次启动，其水平从这次启动起改变：此前 3 s（6 次启动），此后 4 s（6 次），1.3×；偶然出现的概率 p = 0.002"
)
FLAG = Flag(None, 9_920_000_000, 2_360_000_000, 1_720_000_000, 3_230_000_000, 6, Verdict.REGRESSED)


def said_in_chinese(text: str) -> str:
    with override("zh-hans"):
        return said(text)


def english_words(text: str, names: Sequence[str] = ()) -> list[str]:
    return [word for word in re.findall(r"[A-Za-z]{3,}", text) if word not in names]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.sentence)
def test_a_baseline_and_the_rule_that_names_it(policy: BaselinePolicy) -> None:
    assert not english_words(said_in_chinese(policy.sentence), ["gpu"])
    assert not english_words(said_in_chinese(_rule(FLAG, policy)), ["gpu"])


@pytest.mark.parametrize(
    ("stored", "chinese"),
    [
        ("Not enough data: 4 earlier launches, 5 needed", "数据不足：此前有 4 次启动，需要 5 次"),
        ("Not enough data: 1 earlier launch, 5 needed", "数据不足：此前有 1 次启动，需要 5 次"),
        ("The total took 5.35 s, usually 2.41 s (2.22×)", "总时间为 5.35 s，平时为 2.41 s（2.22×）"),
        (
            "load weights@loader took 6.71 s, usually 220 ms (30.45×), and 1 more",
            "load weights@loader 用时 6.71 s，平时为 220 ms（30.45×），另有 1 项",
        ),
        (
            "Differs, but by less than is worth a flag. Moved with the whole launch (+12%), not by itself.",
            "有差异，但不足以标记。 随整个启动一起变化（+12%），并非自身变化。",
        ),
        ("it is init/weights in it: As usual: within the range of the 9 launches before it", WEIGHTS),
        (
            STEPPED,
            LOOKED_BACK,
        ),
        ("it came back: 3 slow launches since it was resolved", "再次出现：解决之后又有 3 次慢启动"),
        (
            "5 launches in a row took 1.0 s to 1.1 s, no more than 1.2 s: back at the baseline",
            "连续 5 次启动用时 1.0 s 至 1.1 s，不超过 1.2 s：已回到基线",
        ),
        ("The status is 404, expected is 200-299", "状态码为 404，期望为 200-299"),
        ("a phase nobody translated", "a phase nobody translated"),
        ("", ""),
    ],
)
def test_sentences(stored: str, chinese: str) -> None:
    assert said(stored) == stored
    assert said_in_chinese(stored) == chinese


def test_what_the_core_says_is_known() -> None:
    assert not english_words(said_in_chinese(StartClass(Start.UNKNOWN).text))
    (title,) = re.findall("<title>(.*)</title>", sparkline([1_000_000_000, 2_000_000_000], said_in_chinese))
    assert title == "最近 2 次启动：最新 2.0 s，最短 1.0 s，最长 2.0 s"
