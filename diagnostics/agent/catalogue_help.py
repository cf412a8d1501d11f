"""Help and mistakes of the command line in Chinese."""

from __future__ import annotations

from typing import Dict

CHINESE_HELP: Dict[str, str] = {
    "Usage: ": "用法：",
    "Arguments": "参数",
    "Options": "选项",
    "Commands": "命令",
    "Output": "输出",
    "Server": "服务器",
    "What it is about": "数据归属",
    "When it is ready": "何时算就绪",
    "What is recorded": "记录什么",
    "From a saved log": "读取已保存的日志",
    "“{prog} COMMAND --help” tells more.": "详见 “{prog} COMMAND --help”。",
    "{prog}: there is no command “{name}”": "{prog}：没有命令“{name}”",
    "show this help and exit": "显示本帮助并退出",
    "print one JSON document instead of text": "输出一个 JSON 文档，而不是文本",
    "language of texts; else LANGUAGE, LC_ALL and LANG decide": "文字的语言；否则由 LANGUAGE、LC_ALL、LANG 决定",
    "address; else LAUNCHSCOPE_URL": "地址；否则取 LAUNCHSCOPE_URL",
    "token; else LAUNCHSCOPE_TOKEN, which other users of the host cannot see": (
        "令牌；否则取 LAUNCHSCOPE_TOKEN（主机上的其他用户看不到它）"
    ),
    "the service that is launched": "被启动的服务",
    "such as prod or staging": "例如 prod 或 staging",
    "version of the service": "服务的版本",
    "name of this host; else what the host calls itself": "本机名称；否则用主机自己的名称",
    "a fact to keep; may be repeated": "要保留的信息；可重复",
    "the launch this belongs to": "所属的启动",
    "send to the server, from a spool, in the background": "经暂存目录在后台发送到服务器",
    "where unsent data waits; else LAUNCHSCOPE_SPOOL": "未发送数据的暂存目录；否则取 LAUNCHSCOPE_SPOOL",
    "missing on the command line: {names}": "命令行缺少：{names}",
    "not known here: {names}": "无法识别：{names}",
    "{name} needs a value": "{name} 需要一个值",
    "{name} cannot be {value}; it is one of {choices}": "{name} 不能是 {value}；可选 {choices}",
    "{name} needs a whole number, not {value}": "{name} 需要整数，而不是 {value}",
    "{name}: {message}": "{name}：{message}",
    "“{text}” is not a label; write name=value": "“{text}”不是标签；请写成 名称=值",
    "“{text}” is not a time above zero; write 5, 5s, 250ms or 2m": (
        "“{text}”不是大于零的时间；请写成 5、5s、250ms 或 2m"
    ),
    "“{text}” is not a whole number from 1 on": "“{text}”不是从 1 起的整数",
    "“{text}” is not a port; write 8000 or host:8000": "“{text}”不是端口；请写成 8000 或 host:8000",
    "Record launches on this host and bring them to Launchscope.": "在本机记录启动过程并送到 Launchscope。",
    "Run a command as a launch and record where its start spends the time, or read that from a saved log.": (
        "把一个命令作为一次启动来运行，记录启动时间花在哪里；或从已保存的日志中读出。"
    ),
    (
        "The command's output, signals and exit code pass through unchanged. Without a rule for “ready” the "
        "profile decides, from the output itself.\n\n"
        "Exit codes: the command's own (128 + N if signal N ended it); 0 it was ready and is left running or was "
        "stopped; 1 it ended before it was ready, with 0; 2 wrong command line; 3 a file cannot be read or "
        "written; 124 not ready within --timeout; 126 the command cannot be run; 127 there is no such command."
    ): (
        "命令的输出、信号和退出码原样传递。若没有给出“就绪”的规则，则由输出匹配到的规则集（profile）决定。\n\n"
        "退出码：命令自己的退出码（被信号 N 结束时为 128 + N）；0 已就绪，并留其运行或已停止；1 未就绪就以 0 结束；"
        "2 命令行有误；3 文件无法读写；124 在 --timeout 内未就绪；126 命令无法运行；127 没有这个命令。"
    ),
    "Send what waits in the spool, and FILEs, to the server.": "把暂存目录中的数据和给出的文件发送到服务器。",
    (
        "Exit codes: 0 all arrived; 1 something is left in the spool or was refused; 2 wrong command line; "
        "3 could not do it."
    ): "退出码：0 全部送达；1 有数据仍在暂存目录或被拒绝；2 命令行有误；3 无法完成。",
    "Gather what the host knows of a span of time into one bundle (.tar.gz).": (
        "把主机在一段时间内的证据收集成一个包（.tar.gz）。"
    ),
    (
        "Exit codes: 0 done, even if some sources are not there; 2 wrong command line; 3 could not do it; "
        "4 nothing was found."
    ): "退出码：0 完成（即使缺少某些来源）；2 命令行有误；3 无法完成；4 什么也没找到。",
    "where the snapshot goes; - is standard output": "快照写到哪里；- 表示标准输出",
    "sub-modules, dependencies and facts of the environment": "子模块、依赖和环境信息",
    "read this log instead of running; - is standard input": "读取这个日志而不运行命令；- 表示标准输入",
    "its lines begin with the time of arrival (kubectl, docker -t)": "每行以到达时间开头（kubectl、docker -t）",
    "for stamps without a year": "用于没有年份的时间戳",
    "a snapshot, or with --kind any other artifact": "快照；配合 --kind 可为其他文件",
    "what the files are: snapshot, kernel-log, sar, container-log …": (
        "文件种类：snapshot、kernel-log、sar、container-log …"
    ),
    "keep trying for so long (15m)": "持续重试的时间（15m）",
    "where the bundle goes": "包写到哪里",
    "from then on: 30m, 2h, or 2026-11-23T10:00:00Z": "从何时起：30m、2h 或 2026-11-23T10:00:00Z",
    "up to then; else now": "到何时止；否则到现在",
    "kernel messages": "内核消息",
    "sysstat's records": "sysstat 的记录",
    "a container's log; may be repeated": "容器日志；可重复",
    "kubectl get events -o json; may be repeated": "kubectl get events -o json 的输出；可重复",
    "kubectl get pod NAME -o json; may be repeated": "kubectl get pod NAME -o json 的输出；可重复",
    "any other artifact; may be repeated": "任何其他文件；可重复",
    "a line of its output says so; may be repeated": "由它输出的某一行说明；可重复",
    "when ready, ask this URL for the first success": "就绪后向这个 URL 询问首次成功",
    "this URL answers 2xx": "这个 URL 返回 2xx",
    "something listens there; else on loopback": "那里有程序监听；未写主机则指本机回环",
    "whose output it is: {names}": "输出属于哪种程序：{names}",
    "give up waiting after 90, 90s or 15m": "等待多久后放弃：90、90s 或 15m",
    "when ready, leave it running and return": "就绪后让它继续运行并返回",
    "when ready, stop it and return": "就绪后停止它并返回",
    "also the imports of a Python program (-X importtime)": "同时记录 Python 程序的导入（-X importtime）",
    "settings the launch should have: JSON, TOML or NAME=value": "启动应有的设置：JSON、TOML 或 NAME=value",
    "time between two samples of the host (500ms)": "两次主机采样的间隔（500ms）",
    "do not sample the host": "不对主机采样",
    "Look at how a service starts.": "查看服务如何启动。",
    "Show what each phase of a service's start takes: mean, spread, share, trend.": (
        "显示服务启动各阶段的耗时：均值、离散度、占比、趋势。"
    ),
    (
        "Launches come from the server (--service), from snapshot FILEs, or are recorded now: COMMAND is started "
        "--runs times, and stopped each time it is ready. Times are in ms; ± is the standard deviation; the share "
        "of a phase is its part of the total, so phases inside others count twice. The trend is ↑ slower, ↓ "
        "faster, → steady, · fewer than 5 launches (Mann–Kendall, p < 0.05, and more than 2 % and 10 ms).\n\n"
        "Exit codes: 0 done; 1 a recorded launch did not become ready; 2 wrong command line or no snapshot; "
        "3 could not do it; 4 there are no launches."
    ): (
        "启动数据来自服务器（--service）、快照文件，或现在记录：COMMAND 被启动 --runs 次，每次就绪后停止。"
        "时间单位为毫秒；± 为标准差；阶段的占比是它在总时间中的部分，嵌套的阶段会重复计入。"
        "趋势：↑ 变慢，↓ 变快，→ 平稳，· 不足 5 次启动（Mann–Kendall 检验，p < 0.05，且超过 2 % 和 10 ms）。\n\n"
        "退出码：0 完成；1 有一次记录的启动未就绪；2 命令行有误或不是快照；3 无法完成；4 没有启动数据。"
    ),
    "snapshots, of any form and age": "快照文件，形式和时间不限",
    "newest launches of the service (20)": "该服务最新的启动次数（20）",
    "launches of COMMAND to record (5)": "记录 COMMAND 的启动次数（5）",
    "levels of nesting to show (3)": "显示的嵌套层数（3）",
    "least share of the total to show (1)": "显示的最小占比（1）",
    "“{text}” is not a percentage from 0 to 100": "“{text}”不是 0 到 100 的百分数",
    "--last goes up to 1000": "--last 最大为 1000",
    "Find out why a service starts slowly or does not answer.": "找出服务启动慢或没有响应的原因。",
    "Show in one screen and less than 200 ms how a service and its host are.": (
        "在一屏、200 毫秒之内显示服务及其主机的状况。"
    ),
    (
        "Exit codes: 0 nothing is wrong (warnings included); 1 something failed; 2 wrong command line; "
        "3 could not do it; 4 no such entry in services.toml."
    ): "退出码：0 没有故障（可有警告）；1 有故障；2 命令行有误；3 无法完成；4 services.toml 中没有该条目。",
    "Show the trace that carries an id as a waterfall, with its bottleneck.": (
        "以瀑布图显示带有某个 id 的追踪，并标出瓶颈。"
    ),
    (
        "The id is that of a request, a trace (32 hex digits) or a launch.\n\n"
        "Exit codes: 0 found; 2 wrong command line; 3 the server does not answer or refuses; "
        "4 no trace carries the id."
    ): (
        "id 可以是请求、追踪（32 位十六进制）或启动的 id。\n\n"
        "退出码：0 找到；2 命令行有误；3 服务器没有响应或拒绝；4 没有追踪带有该 id。"
    ),
    "Try everything that a launch on this host needs: expensive, a few seconds of reading and asking.": (
        "逐项尝试本机启动所需的一切：开销较大，需要几秒钟的读取和询问。"
    ),
    (
        "Looks at each DEPENDENCY (a name in services.toml or a URL: DNS, TCP, TLS, protocol, route), at each "
        "--path (space, real read throughput past the page cache), at memory, pressure, the kernel's messages of "
        "disks, memory and GPUs, at settings, at the rendezvous of ranks and at the clock against the server.\n\n"
        "Exit codes: 0 nothing failed (warnings included); 1 something failed; 2 wrong command line or file; "
        "3 could not do it; 4 no such entry in services.toml."
    ): (
        "检查每个 DEPENDENCY（services.toml 中的名称或 URL：DNS、TCP、TLS、协议、路由）、每个 --path（空间、"
        "绕过页缓存的真实读取速度）、内存、压力、内核关于磁盘、内存和 GPU 的消息、设置、各 rank 的汇合点，"
        "以及与服务器的时钟差。\n\n"
        "退出码：0 没有故障（可有警告）；1 有故障；2 命令行或文件有误；3 无法完成；4 services.toml 中没有该条目。"
    ),
    "show its last launch, from the server": "从服务器显示它的上一次启动",
    "its address, or its name in services.toml": "它的地址，或它在 services.toml 中的名称",
    "services.toml; else LAUNCHSCOPE_SERVICES": "services.toml；否则取 LAUNCHSCOPE_SERVICES",
    "a disk to look at; may be repeated (/)": "要查看的磁盘；可重复（/）",
    "for answers from the network (120ms)": "等待网络回答的时间（120ms）",
    "what to look for": "要查找的 id",
    "for the server's answer (5s)": "等待服务器回答的时间（5s）",
    "phases to draw, the most telling first (40)": "最多画出的阶段数，最能说明问题的优先（40）",
    "a name in services.toml, or a URL": "services.toml 中的名称，或 URL",
    "weights or any data a launch reads; may be repeated": "权重或启动要读取的任何数据；可重复",
    "read at most so much of each path (256)": "每个路径最多读取的量（256）",
    "read each path at most so long (3s)": "每个路径最多读取的时间（3s）",
    "settings as they should be: JSON, TOML or NAME=value": "应有的设置：JSON、TOML 或 NAME=value",
    "compare with this process's environment; else our own": "与这个进程的环境变量比较；否则与自身的比较",
    "compare with this file instead": "改为与这个文件比较",
    "NCCL's or TCPStore's port; else MASTER_ADDR and MASTER_PORT": (
        "NCCL 或 TCPStore 的端口；否则取 MASTER_ADDR 和 MASTER_PORT"
    ),
    "the kernel's messages of so long (1h)": "查看多久以内的内核消息（1h）",
    "for each question to the network (5s)": "每次网络询问的超时（5s）",
    "Probe what a service depends on, as this runtime sees it, and find the timeout that its probes need.": (
        "从本运行环境探测服务的依赖，并找出探测所需的超时。"
    ),
    (
        "SERVICE is a name in services.toml or a URL: http, https, tcp, tls, dns, postgres, redis, rediss, kafka, "
        "kafka+ssl. Each round sends one probe per timeout in the same moment; a probe that failed while the one "
        "with the longest timeout succeeded is a false positive.\n\n"
        "Exit codes: 0 the dependency answers; 1 it did not answer at least once with the longest timeout; "
        "2 wrong command line or services.toml; 3 could not do it; 4 no such entry."
    ): (
        "SERVICE 是 services.toml 中的名称或 URL：http、https、tcp、tls、dns、postgres、redis、rediss、kafka、"
        "kafka+ssl。"
        "每一轮在同一时刻对每个超时各探测一次；超时最长的探测成功而它失败，就是一次误报。\n\n"
        "退出码：0 依赖有响应；1 最长超时下至少一次没有响应；2 命令行或 services.toml 有误；3 无法完成；4 没有该条目。"
    ),
    "timeout of a probe: 3, 500ms": "探测的超时：3、500ms",
    "probe within this runtime": "在本运行环境内探测",
    "rounds of probes (10)": "探测的轮数（10）",
    "seconds between rounds' beginnings (1)": "每轮开始之间的秒数（1）",
    "timeouts to compare: 3,5,10": "要比较的超时：3,5,10",
    "at most {most} timeouts at once": "一次最多 {most} 个超时",
}
