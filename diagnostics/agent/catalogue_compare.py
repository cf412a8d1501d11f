"""Chinese for the gate, ``autoglm-debug compare``."""

from __future__ import annotations

from typing import Dict

CHINESE_COMPARE: Dict[str, str] = {
    "Compare two groups of launches and fail if the candidate is slower: a gate for CI.": (
        "比较两组启动，候选组变慢时以失败退出：用作 CI 门禁。"
    ),
    "SEL is snapshot files or globs, separated by commas, and then no server is asked; or launch ids; or "
    "service=NAME,environment=NAME,version=TEXT,last=20 (also host, start_class, since, until, label.K).\n\n"
    "On files the test is the exact rank-sum test, with the false discovery rate over phases held at 5 % and "
    "changes below 2 % or 10 ms ignored; it takes 3 launches a side to tell of the total, 4 and more to tell of phases. "
    "The server's own test uses the history of the service, too.\n\n"
    "Exit codes: 0 not slower; 1 slower; 2 cannot tell (too few launches, none selected, no snapshot), or "
    "wrong command line; 3 could not do it.": (
        "SEL 是以逗号分隔的快照文件或通配符，此时不询问服务器；或者是启动 id；或者是 "
        "service=NAME,environment=NAME,version=TEXT,last=20（还有 host、start_class、since、until、label.K）。\n\n"
        "对文件使用精确秩和检验，各阶段的错误发现率控制在 5 %，忽略小于 2 % 或 10 ms 的变化；"
        "判断总时间每侧至少要有 3 次启动，判断各阶段要 4 次以上。服务器自己的检验还会用到该服务的历史。\n\n"
        "退出码：0 没有变慢；1 变慢；2 无法判断（启动太少、没有选中、不是快照），或命令行有误；3 无法执行。"
    ),
    "the launches of before": "之前的启动",
    "the launches that are judged": "要判断的启动",
    "what exits 1: regressed (total or any phase), or total alone": "何时以 1 退出：regressed（总时间或任一阶段）或仅 total",
    "text, json, markdown or junit": "text、json、markdown 或 junit",
    "where the result goes; - is standard output": "结果写到哪里；- 表示标准输出",
    "one side is files and the other is not; both must be files, or neither": (
        "一侧是文件而另一侧不是；两侧必须都是文件，或都不是"
    ),
    "no file is there for “{text}”": "“{text}”没有对应的文件",
    "Slower: the total": "变慢：总时间",
    "Slower: the total, and {phases}": "变慢：总时间，以及 {phases}",
    "Slower: {phases}; the total is not surely so": "变慢：{phases}；总时间不能确定",
    "1 phase": "1 个阶段",
    "{count} phases": "{count} 个阶段",
    "Cannot tell: {before} and {after} launches are too few, or vary too much (3 a side at least)": (
        "无法判断：{before} 次和 {after} 次启动太少，或波动太大（每侧至少 3 次）"
    ),
    "counted as longer than seen, since they did not become ready: {count}": "因未就绪而按“比所见更长”计入：{count} 次",
    "what differs: {list}": "不同之处：{list}",
    "(none)": "（无）",
    "Faster: the total": "变快：总时间",
    "Not slower": "没有变慢",
    "slower": "变慢",
    "faster": "变快",
    "unchanged": "未变",
    "cannot tell": "无法判断",
    "before": "之前",
    "after": "之后",
    "change": "变化",
    "95 % interval": "95 % 区间",
    "verdict": "结论",
    "{before} launches before, {after} after; {count} phases compared": (
        "之前 {before} 次启动，之后 {after} 次；比较了 {count} 个阶段"
    ),
    "phases that changed and are not shown: {count}": "有变化但未显示的阶段：{count}",
    "phases of which too few launches tell: {count}": "启动太少而无法判断的阶段：{count}",
}
