"""What probes and checks find, in Chinese."""

from __future__ import annotations

from typing import Dict

CHINESE_CHECKS: Dict[str, str] = {
    "good": "正常",
    "WARNING": "警告",
    "FAILED": "故障",
    "unknown": "未知",
    "resolve": "解析名称",
    "connect": "建立连接",
    "handshake": "握手",
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "protocol": "协议",
    "cpu": "CPU",
    "io": "磁盘",
    "memory": "内存",
    "health": "健康检查",
    "last-launch": "上一次启动",
    "Set {name} to what is expected, or correct the expectation.": "请把 {name} 设为期望的值，或更正期望。",
    "{name} is not set; expected “{expected}”": "{name} 没有设置；期望为“{expected}”",
    "{name} is “{actual}”; expected “{expected}”": "{name} 是“{actual}”；期望为“{expected}”",
    "{count} settings are as expected": "{count} 项设置符合期望",
    "the settings are not a table of names and values": "这些设置不是名称与值的表",
    "process {pid} cannot be looked at: {error}": "无法查看进程 {pid}：{error}",
    "line {number}: write NAME=value": "第 {number} 行：请写成 NAME=value",
    "{name}: {what} took {took}": "{name}：{what} 用时 {took}",
    "Slow, though it worked: expected less than {limit}.": "虽然成功但很慢：期望少于 {limit}。",
    "Look at the name, at /etc/resolv.conf and at the name server.": "请检查名称、/etc/resolv.conf 和域名服务器。",
    "Packets are lost or filtered, or the other side is overloaded: look at firewalls and at its load.": (
        "数据包丢失或被过滤，或对方过载：请检查防火墙和对方的负载。"
    ),
    "The host is there but nothing listens: start it, or correct the port.": (
        "主机在线但没有程序监听：请启动它，或更正端口。"
    ),
    "There is no route: look at the network policy and at the routes.": "没有路由：请检查网络策略和路由。",
    "Look at the certificate: name, expiry, and the authority this host trusts.": (
        "请检查证书：名称、有效期，以及本机信任的颁发机构。"
    ),
    "It is starting, stopping or full: wait for it before the launch needs it.": (
        "它正在启动、停止或已满：请在启动需要它之前等待。"
    ),
    "Look at the user and the password.": "请检查用户名和密码。",
    "Another program listens there: correct the address.": "那里监听的是别的程序：请更正地址。",
    "{path}: {used} of {what} used, {free} free": "{path}：{what}已用 {used}，剩余 {free}",
    "inodes": "inode",
    "space": "空间",
    "Free space there: a download or a log that finds none ends the launch.": (
        "请在那里腾出空间：下载或日志没有空间时，启动就会失败。"
    ),
    "{path} cannot be looked at: {error}": "无法查看 {path}：{error}",
    "{path}: this file system tells no size": "{path}：这个文件系统不提供大小",
    "the kernel killed a process for want of memory": "内核因内存不足结束了进程",
    "Raise the memory limit above what the process needs at its peak, or load less at once.": (
        "请把内存上限提高到进程峰值以上，或一次少加载一些。"
    ),
    "the kernel met errors of a disk": "内核遇到磁盘错误",
    "Look at the disk's health (smartctl, nvme smart-log) and at its cabling or network path.": (
        "请检查磁盘健康（smartctl、nvme smart-log）以及连线或网络路径。"
    ),
    "the kernel met errors of a file system": "内核遇到文件系统错误",
    "Check the file system before the next launch writes to it.": "请在下次启动写入之前检查文件系统。",
    "a task was stuck in the kernel": "有任务卡在内核中",
    "The call trace below that line names what it waited for; most often a disk or a network file system.": (
        "该行下面的调用栈说明它在等什么；多半是磁盘或网络文件系统。"
    ),
    "the kernel reports a fault of the GPU": "内核报告 GPU 故障",
    "Look up the Xid; drain the host if it comes again.": "请查阅该 Xid；若再次出现，请把主机移出服务。",
    "the kernel reported no such trouble in the last {span} ({lines} lines)": (
        "最近 {span} 内核没有报告此类问题（{lines} 行）"
    ),
    "the kernel's messages cannot be read here: {reason}": "这里无法读取内核消息：{reason}",
    "{sentence} ({count} lines in the last {span})": "{sentence}（最近 {span} 内 {count} 行）",
    "Run as root on the host itself.": "请在主机上以 root 运行。",
    "{what}: {free} of {total} free ({share})": "{what}：共 {total}，可用 {free}（{share}）",
    "A start that needs more is swapped or killed: raise the limit or free memory.": (
        "需要更多内存的启动会被换出或结束：请提高上限或释放内存。"
    ),
    "this host does not tell how much memory is available": "本机不提供可用内存的大小",
    "memory of the container": "容器内存",
    "tasks waited for {resource} {share} of the last 10 s": "最近 10 秒内有 {share} 的时间任务在等待 {resource}",
    "this kernel does not tell the pressure on {resource}": "这个内核不提供 {resource} 的压力信息",
    "{path} is read at {rate}/s": "{path} 的读取速度为 {rate}/s",
    "{path} holds no file of {least} or more to measure with": "{path} 没有 {least} 以上的文件可供测量",
    "Keep the weights on a faster or a local disk, or read them before the launch.": (
        "请把权重放在更快的或本地的磁盘上，或在启动前预读。"
    ),
    "Rank 0 must listen there before the others time out: look whether it runs, and at firewalls between.": (
        "rank 0 必须在其他 rank 超时之前在那里监听：请检查它是否在运行，以及其间的防火墙。"
    ),
    "the rendezvous at {address} answers after {took}": "汇合点 {address} 在 {took} 后有响应",
    "{variable} names “{wanted}”; here are {present}": "{variable} 指定了“{wanted}”；这里有 {present}",
    "Name an interface of this container, or unset the variable.": "请指定本容器的网络接口，或取消该变量。",
    "{count} hops towards {host} answered, then none: the rest is filtered": (
        "前往 {host} 的 {count} 跳有回应，之后没有：其余被过滤"
    ),
    "{host} is {count} hops away ({took})": "{host} 距离 {count} 跳（{took}）",
    "hops can only be seen on Linux": "只有在 Linux 上才能看到各跳",
    "the route to {host} cannot be seen here: {error}": "这里看不到去 {host} 的路由：{error}",
    "the server's clock is {offset} ahead of this host's (± {half})": "服务器的时钟比本机快 {offset}（± {half}）",
    "{server} does not tell the time: it does not answer, or without a Date": (
        "{server} 没有提供时间：没有响应，或响应中没有 Date"
    ),
    "Set both clocks by NTP: times of different hosts cannot be compared otherwise.": (
        "请用 NTP 校准两边的时钟：否则不同主机的时间无法比较。"
    ),
    "{address} failed in {stage}: {error}": "{address} 在{stage}时失败：{error}",
    "{address} did not answer within {timeout:g} s (in {stage})": "{address} 在 {timeout:g} 秒内没有响应（{stage}时）",
    "{address} closed the connection in {stage}": "{address} 在{stage}时关闭了连接",
    "nothing listens at {address}": "{address} 没有程序监听",
    "{address} does not speak {protocol}": "{address} 不使用 {protocol} 协议",
    "{address} answered {status}, not {wanted}": "{address} 返回 {status}，而不是 {wanted}",
    "{address} offers no TLS": "{address} 不提供 TLS",
    "the answer does not hold “{text}”": "回答中没有“{text}”",
    "the broker answered with error {code}": "broker 返回错误 {code}",
    "the name server answered {code} for {name}": "域名服务器对 {name} 返回 {code}",
    "the name server knows no such record of {name}": "域名服务器没有 {name} 的这种记录",
    "“{kind}” is not a record type asked for here": "“{kind}”不是这里支持的记录类型",
    "“{name}” is not a name that DNS can ask for": "“{name}”不是 DNS 可以查询的名称",
    "no answer within {deadline}": "{deadline} 内没有回答",
    "{name} answers after {took}": "{name} 在 {took} 后有响应",
    "no launch of “{service}” is known": "没有“{service}”的启动记录",
    "last launch ready after {took}, started {ago} ago{version}": (
        "上一次启动在 {took} 后就绪，开始于 {ago} 之前{version}"
    ),
    "last launch failed after {took}, started {ago} ago{version}": (
        "上一次启动在 {took} 后失败，开始于 {ago} 之前{version}"
    ),
    "last launch not ready yet, started {ago} ago{version}": "上一次启动尚未就绪，开始于 {ago} 之前{version}",
}
