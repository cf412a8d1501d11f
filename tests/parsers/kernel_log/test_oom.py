"""Kills for memory as kernels from 2.6 to 6.x tell of them: one event each, whose fields hold the whole record."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.records import Category
from tests.parsers.kernel_log.reading import of_category, read, the_kill

SIZES = "total-vm:2048kB, anon-rss:1024kB, file-rss:8kB"
IN_CGROUP = (
    "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
    "oom_memcg=/g,task_memcg=/g,task=a,pid=7,uid=0"
)
NONE: dict[str, Any] = {"total_vm_kb": None, "anon_rss_kb": None, "file_rss_kb": None, "shmem_rss_kb": None}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # 6.x
        (
            f"Out of memory: Killed process 7 (a) {SIZES}, shmem-rss:4kB, UID:99 pgtables:200kB oom_score_adj:-17",
            {"scope": "global", "shmem_rss_kb": 4, "uid": 99, "pgtables_kb": 200, "oom_score_adj": -17},
        ),
        (
            f"Memory cgroup out of memory: Killed process 7 (a) {SIZES}, shmem-rss:0kB",
            {"scope": "memcg", "shmem_rss_kb": 0},
        ),
        # 4.x, its constraint in words
        (f"Out of memory (oom_kill_allocating_task): Killed process 7 (a) {SIZES}", {"scope": "global"}),
        (f"No available memory (MPOL_BIND): Killed process 7 (a) {SIZES}", {"scope": "cpuset"}),
        # 3.x, its first line lost
        (f"Killed process 7 (a) {SIZES}", {"scope": None, "shmem_rss_kb": None, "anon_rss_kb": 1024}),
        # RHEL 6, RHEL 5, 2.6
        (f"Killed process 7, UID 498, (a) {SIZES}", {"uid": 498, "total_vm_kb": 2048}),
        ("Out of memory: Killed process 7, UID 500, (a).", {"scope": "global", "uid": 500, **NONE}),
        ("Out of memory: Killed process 7 (a).", {"scope": "global", **NONE}),
        ("Killed process 7 (a) vsz:2048kB, anon-rss:1024kB, file-rss:8kB", {"total_vm_kb": 2048}),
    ],
)
def test_the_line_of_the_kill(line: str, expected: dict[str, Any]) -> None:
    kill = the_kill(line)
    assert (kill["victim"], kill["pid"], kill["cgroup"]) == ("a", 7, None)
    assert {key: kill[key] for key in expected} == expected


@pytest.mark.parametrize("name", ["Web Content", "a(b)", "a) total-vm", "[kworker]", "模型加载器", "a:b", "(sd-pam)"])
def test_names_may_hold_anything(name: str) -> None:
    kill = the_kill(f"{name} invoked oom-killer: order=0", f"Out of memory: Killed process 7 ({name}) {SIZES}")
    assert (kill["victim"], kill["invoker"], kill["total_vm_kb"]) == (name, name, 2048)


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,3,global_oom", ("global", None)),
        ("MEMCG,nodemask=(null),cpuset=docker-1.scope,mems_allowed=0,oom_memcg=/pod", ("memcg", "/pod")),
        ("CPUSET,nodemask=0,2,cpuset=batch,mems_allowed=0,2,global_oom", ("cpuset", None)),
        ("MEMORY_POLICY,nodemask=1,cpuset=/,mems_allowed=0-1,global_oom", ("cpuset", None)),
    ],
)
def test_the_constraint_of_5_0_and_later(constraint: str, expected: tuple[str, str | None]) -> None:
    kill = the_kill(
        f"oom-kill:constraint=CONSTRAINT_{constraint},task_memcg=/pod/a,b,task=x,y,pid=7,uid=1000",
        f"Out of memory: Killed process 7 (x,y) {SIZES}",
    )
    assert (kill["scope"], kill.get("limit_cgroup")) == expected
    assert (kill["cgroup"], kill["uid"], kill["constraint"]) == (
        "/pod/a,b",
        1000,
        "CONSTRAINT_" + constraint.split(",")[0],
    )


def test_before_5_0_two_lines_are_one_kill_and_the_child_is_the_victim() -> None:
    kill = the_kill(
        "sed invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER|__GFP_COLD), nodemask=0-1, order=2, oom_score_adj=0",
        "Task in /docker/a killed as a result of limit of /docker",
        "memory: usage 980kB, limit 1000kB, failcnt 4152239",
        "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
        "[    6]    27     6      900      800       5        1             0 parent one",
        "[    7]    27     7      512      300       4        0          -500 child",
        "Memory cgroup out of memory: Kill process 6 (parent one) score 651 or sacrifice child",
        f"Killed process 7 (child) {SIZES}",
        "oom_reaper: reaped process 7 (child), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
    )
    assert kill == {
        "victim": "child",
        "pid": 7,
        "total_vm_kb": 2048,
        "anon_rss_kb": 1024,
        "file_rss_kb": 8,
        "shmem_rss_kb": None,
        "scope": "memcg",
        "cgroup": "/docker/a",
        "limit_cgroup": "/docker",
        "usage_kb": 980,
        "limit_kb": 1000,
        "invoker": "sed",
        "gfp_mask": "0x24201ca",
        "gfp_flags": "GFP_HIGHUSER|__GFP_COLD",
        "order": 2,
        "task_count": 2,
        "tasks": [
            {"pid": 6, "name": "parent one", "rss_kb": 3200, "total_vm_kb": 3600, "swap_kb": 4, "oom_score_adj": 0},
            {"pid": 7, "name": "child", "rss_kb": 1200, "total_vm_kb": 2048, "swap_kb": 0, "oom_score_adj": -500},
        ],
    }


def test_the_largest_of_many_tasks_are_shown() -> None:
    rows = [
        f"[{pid:5d}]     0 {pid:5d}   {pid + 100}     {pid}   8192        0             0 t{pid}"
        for pid in range(1, 900)
    ]
    header = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
    kill = the_kill("a invoked oom-killer: order=0", header, *rows, f"Out of memory: Killed process 1 (t1) {SIZES}")
    assert [task["pid"] for task in kill["tasks"]] == list(range(899, 889, -1))
    assert kill["task_count"] == 899


def test_pages_of_64_kb_are_seen_by_the_victim() -> None:
    kill = the_kill(
        "a invoked oom-killer: order=0",
        "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
        "[    7]     0     7       100       50         8192        0             0 a",
        "Out of memory: Killed process 7 (a) total-vm:6400kB, anon-rss:3200kB, file-rss:0kB, shmem-rss:0kB",
    )
    assert kill["tasks"][0]["rss_kb"] == 3200


def test_a_cgroup_killed_as_a_group_is_a_kill_a_task() -> None:
    parsed = read(
        "a invoked oom-killer: order=0\n"
        f"{IN_CGROUP}\n"
        f"Memory cgroup out of memory: Killed process 7 (a) {SIZES}\n"
        "Tasks in /g are going to be killed due to memory.oom.group set\n"
        f"Memory cgroup out of memory: Killed process 7 (a) {SIZES}\n"
        f"Memory cgroup out of memory: Killed process 8 (b) {SIZES}\n"
    )
    kills = [event.fields for event in of_category(parsed, Category.OOM_KILL)]
    assert [(kill["pid"], kill["scope"], kill["cgroup"]) for kill in kills] == [
        (7, "memcg", "/g"),
        (7, "memcg", "/g"),
        (8, "memcg", "/g"),
    ]


def test_a_record_does_not_reach_a_kill_of_much_later() -> None:
    parsed = read(
        "[   10.000000] a invoked oom-killer: order=0\n"
        f"[   10.000001] {IN_CGROUP}\n"
        f"[  900.000000] Killed process 9 (z) {SIZES}\n"
    )
    (kill,) = of_category(parsed, Category.OOM_KILL)
    assert (kill.fields["scope"], kill.fields["cgroup"], kill.fields.get("invoker")) == (None, None, None)


@pytest.mark.parametrize(
    "line",
    [
        "Nov 23 10:00:00 gpu oomd[1]: Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
        "Nov 23 10:00:00 gpu kernel: Out of memory: Kill process 7 (a) score 1 or sacrifice child",
        "Nov 23 10:00:00 gpu kernel: oom_reaper: reaped process 7 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
        "Nov 23 10:00:00 gpu kernel: a invoked oom-killer: gfp_mask=0xd0, order=-1, oom_score_adj=0",
    ],
)
def test_what_is_no_kill(line: str) -> None:
    assert not of_category(read(line), Category.OOM_KILL)


def test_a_kill_of_a_searched_log_takes_nothing_of_the_kill_before() -> None:
    """As in ``dmesg | grep -i kill``."""
    parsed = read(
        "\n".join(
            (
                f"[1.000000] {IN_CGROUP}",
                f"[1.000001] Memory cgroup out of memory: Killed process 7 (a) {SIZES}",
                f"[2.000000] Out of memory: Killed process 8 (b) {SIZES}",
                "[3.000000] Memory cgroup out of memory: Kill process 9 (c) score 900 or sacrifice child",
                f"[3.000001] Killed process 9 (c) {SIZES}",
                f"[4.000000] Killed process 10 (d) {SIZES}",
            )
        )
    )
    kills = of_category(parsed, Category.OOM_KILL)
    assert [(kill.fields["victim"], kill.fields["scope"], kill.fields["cgroup"]) for kill in kills] == [
        ("a", "memcg", "/g"), ("b", "global", None), ("c", "memcg", None), ("d", None, None),
    ]  # fmt: skip
