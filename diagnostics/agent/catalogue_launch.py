"""What is said while a launch is recorded, read from a log, spooled and sent, in Chinese."""

from __future__ import annotations

from typing import Dict

CHINESE_LAUNCH: Dict[str, str] = {
    "{url} answers before the launch begins: is an older one still running?": (
        "启动开始之前 {url} 已有响应：是否还有旧的在运行？"
    ),
    "--ready-line {text}: not a regular expression: {reason}": "--ready-line {text}：不是正则表达式：{reason}",
    "Port {port} is listened on before the launch begins: by whom?": "启动开始之前端口 {port} 已有程序监听：是谁？",
    "No line says when it was written: save the log with `kubectl logs --timestamps` or `docker logs -t`": (
        "没有一行说明写入时间：请用 `kubectl logs --timestamps` 或 `docker logs -t` 保存日志"
    ),
    "No line begins with the stamp that --timestamps promises: leave it out, or save the log with stamps": (
        "没有一行以 --timestamps 所说的时间戳开头：请去掉该选项，或保存带时间戳的日志"
    ),
    "{path} cannot be read: {reason}": "无法读取 {path}：{reason}",
    "{path} ends in the middle of its gzip data: fetch it again": "{path} 的 gzip 数据不完整：请重新获取",
    "The log is empty": "日志是空的",
    "No command to run (-- COMMAND), no --from-log FILE, and no recorded launch in {path}": (
        "没有要运行的命令（-- COMMAND），没有 --from-log FILE，{path} 中也没有记录的启动"
    ),
    "did not become ready in {total}": "在 {total} 内未就绪",
    "ready in {total}": "在 {total} 后就绪",
    "{count} phases cover {share}": "{count} 个阶段覆盖 {share}",
    "snapshot in {path}": "快照在 {path}",
    "profile {name}": "规则集 {name}",
    "no line of {phases}: did its wording change?": "没有 {phases} 的行：措辞是否变了？",
    "--launch-id {text}: not a UUID": "--launch-id {text}：不是 UUID",
    "{path} cannot be written: {reason}": "无法写入 {path}：{reason}",
    "The upload goes on in the background; `autoglm-debug upload` sends what it leaves behind": (
        "上传在后台继续；`autoglm-debug upload` 会发送剩下的数据"
    ),
    "it belongs to another user": "它属于另一个用户",
    "{path} is damaged: {reason}": "{path} 已损坏：{reason}",
    "--since is not before --until": "--since 不早于 --until",
    "{option} {text}: write 30m, 2h or 2026-11-23T10:00:00Z": "{option} {text}：请写成 30m、2h 或 2026-11-23T10:00:00Z",
    "written to {path}": "已写入 {path}",
    "the kernel said nothing in that time": "那段时间内核没有消息",
    "sysstat has no record of those days in {places}": "sysstat 在 {places} 中没有那些日子的记录",
}
