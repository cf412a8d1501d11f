"""Tables, recommendations, and what is wrong with files and answers, in Chinese."""

from __future__ import annotations

from typing import Dict

CHINESE_RESULTS: Dict[str, str] = {
    "launches: {count}": "启动次数：{count}",
    "total": "总计",
    "(no phase)": "（无阶段）",
    "phase": "阶段",
    "launches": "次数",
    "mean, ms": "均值（毫秒）",
    "share": "占比",
    "trend": "趋势",
    "did not become ready": "未就绪",
    "launch {number} of {count}: {state}": "第 {number} 次启动，共 {count} 次：{state}",
    "phases not shown: {count}; see --depth and --least": "未显示的阶段：{count} 个；见 --depth 和 --least",
    "left out, since they did not become ready: {count}": "因未就绪而不计入：{count} 次",
    "no trend: it takes {least} launches": "没有趋势：至少需要 {least} 次启动",
    "{file} is not a snapshot: {error}": "{file} 不是快照：{error}",
    "{file} cannot be read: {error}": "无法读取 {file}：{error}",
    "{path} cannot be read: {error}": "无法读取 {path}：{error}",
    "{url} knows no launch of “{service}”": "{url} 没有“{service}”的启动记录",
    "none of the {count} launches became ready: there is no mean to show": "{count} 次启动都未就绪：没有均值可显示",
    "{sent} sent, {left} left in the spool, {refused} refused": "已发送 {sent}，暂存目录剩余 {left}，被拒绝 {refused}",
    "{failed} failed, {warning} warnings, {good} good, {unknown} could not be looked at": (
        "故障 {failed}，警告 {warning}，正常 {good}，无法查看 {unknown}"
    ),
    "{name} ({protocol}, {address})": "{name}（{protocol}，{address}）",
    "Recommended timeout: {timeout:g} s: {because}": "推荐的超时：{timeout:g} 秒：{because}",
    "No timeout can be recommended: {because}": "无法推荐超时：{because}",
    ", {count} shorter gave up": "，{count} 个较短的放弃了",
    "round {number}: {state}{more}": "第 {number} 轮：{state}{more}",
    "failed: {message}": "失败：{message}",
    "timeout": "超时",
    "probes": "探测次数",
    "success": "成功率",
    "false positives": "误报",
    "rate": "误报率",
    "at most (95 %)": "上限（95 %）",
    "{hits} of {judged}": "{hits} / {judged}",
    "← recommended": "← 推荐",
    "slowest answer: {duration} ({parts})": "最慢的回答：{duration}（{parts}）",
    "median answer: {duration}": "回答的中位数：{duration}",
    "false positives {rate}, and the slowest answer took {answer}, less than half of it": (
        "误报率 {rate}，最慢的回答用时 {answer}，不到它的一半"
    ),
    "not one probe of {timeout:g} s succeeded: mend the dependency first": (
        "{timeout:g} 秒的探测没有一次成功：请先修复依赖"
    ),
    "; {rounds} rounds with an answer are few, {least} would say more": (
        "；只有 {rounds} 轮得到回答，{least} 轮更能说明问题"
    ),
    "the slowest answer took {answer}, and no timeout here is twice that: try longer ones": (
        "最慢的回答用时 {answer}，这里没有两倍于它的超时：请试更长的"
    ),
    "the slowest answer took {answer}; every shorter timeout gave up too often or is too close": (
        "最慢的回答用时 {answer}；更短的超时都放弃得太多或太接近"
    ),
    "no probe was made": "没有进行探测",
    "“{scheme}” is not probed here; known are {known}": "不支持探测“{scheme}”；支持 {known}",
    "the address names no host and port; write {scheme}://host:port": (
        "地址中没有主机和端口；请写成 {scheme}://host:port"
    ),
    "the address is not a URL: its port is not a number up to 65535": "地址不是 URL：端口不是 65535 以内的数字",
    "“{host}” is not the name of a host": "“{host}”不是主机名",
    "no trace at {url} carries the id “{id}”": "{url} 上没有追踪带有 id “{id}”",
    "{url} answered {status}: {message}": "{url} 返回 {status}：{message}",
    "{url} did not answer as a Launchscope server does: check the address": (
        "{url} 的回答不像 Launchscope 服务器：请检查地址"
    ),
    "“{url}” is not the address of a server; write http://host:8000": "“{url}”不是服务器地址；请写成 http://host:8000",
    "{url} did not answer in time": "{url} 没有及时回答",
    "{url} does not answer: {reason}": "{url} 没有响应：{reason}",
    "{url} answered more than {size} MB": "{url} 的回答超过 {size} MB",
    "“{name}” is not a URL, and there is no services.toml; see --services": (
        "“{name}”不是 URL，也没有 services.toml；见 --services"
    ),
    "{file} has no entry “{name}”; it has {known}": "{file} 中没有条目“{name}”；其中有 {known}",
    "{file}: every entry is a table with a url": "{file}：每个条目都应是带有 url 的表",
    "line {number}: [{name}] is there twice": "第 {number} 行：[{name}] 出现了两次",
    "line {number}: {key} is there twice": "第 {number} 行：{key} 出现了两次",
    "line {number}: {text} is not a value read here; see docs/agent.md": (
        "第 {number} 行：这里不支持值 {text}；见 docs/agent.md"
    ),
    "line {number}: write [name], or key = value below one": "第 {number} 行：请写 [名称]，或在其下写 键 = 值",
    "{file}, [{name}]: there is no url": "{file}，[{name}]：没有 url",
    "{file}, [{name}]: timeouts are seconds above zero": "{file}，[{name}]：timeouts 应为大于零的秒数",
    "{file}, [{name}]: {key} is not one of {known}, or is of the wrong type": (
        "{file}，[{name}]：{key} 不在 {known} 之中，或类型有误"
    ),
    "Bottleneck: {name}, {own} of {whole} ({share})": "瓶颈：{name}，{whole} 中的 {own}（{share}）",
    "No phase covers {silent} ({share}): more than the bottleneck takes": (
        "没有阶段覆盖的时间为 {silent}（{share}）：比瓶颈还多"
    ),
    "There is no phase to draw.": "没有可画的阶段。",
    "failed": "失败",
    "… and {count} shorter phases": "……以及另外 {count} 个较短的阶段",
    "bottleneck": "瓶颈",
}
