"""What the columns of sysstat are called here, whatever version, language or output format wrote them.

A metric is ``group.column`` in base words. Groups: ``cpu process irq swapping paging io memory swap hugepages kernel
load tty disk network nfs nfsd sockets ip icmp tcp udp ip6 icmp6 udp6 fchost softnet frequency fan temperature voltage
usb filesystem battery pressure``. A column without a base word keeps its own: ``kbfoo`` is ``foo_kb``, ``%foo``
``foo_percent``, ``foo/s`` ``foo``. Of what sysstat measures in sectors (512 bytes), disks are told in kB.

``cpu.user`` is ``%user`` or ``%usr`` and ``cpu.system`` is ``%system`` or ``%sys``, as the file has it: the long forms
hold guests and interrupts, which the short ones (``-u ALL``, ``-A``) tell apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

KB_PER_SECTOR = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """``value × factor`` is a reading of ``metric``; its instance is the row's key and ``suffix``."""

    metric: str
    factor: float = 1.0
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """One section of sysstat: its group and, by the name in the file (``/s`` taken off), its columns."""

    group: str
    columns: Mapping[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """What a column is called; one that is not known keeps its own name under the group."""
        plain = plain_name(name)
        return self.columns.get(plain) or Column(f"{self.group}.{own_name(plain)}")


def plain_name(name: str) -> str:
    """The name without what says only how it is counted: ``rkB/s`` → ``rkB``, ``memused-percent`` → ``%memused``."""
    name = name.removesuffix("/s").replace("%%", "%")  # 11.5 doubles the sign
    share = name.removesuffix("-percent").removeprefix("percent-")
    return name if share == name else f"%{share}"


def own_name(plain: str) -> str:
    """A metric's last word from a column without a base word: ``%vmeff`` → ``vmeff_percent``."""
    if plain.startswith("%"):
        plain = f"{plain[1:]}_percent"
    elif re.match("kb[a-z]", plain):
        plain = f"{plain[2:]}_kb"
    return re.sub(r"[^a-z0-9_]+", "_", plain.lower()).strip("_")


def _activity(group: str, renamed: Mapping[str, str] | None = None, own: str = "", **factors: float) -> Activity:
    columns = {name: Column(f"{group}.{own_name(name)}") for name in own.split()}
    for word, names in (renamed or {}).items():
        metric = word if "." in word else f"{group}.{word}"
        columns |= {name: Column(metric, factors.get(word, 1.0)) for name in names.split()}
    return Activity(group, columns)


def _with(activity: Activity, name: str, metric: str, factor: float) -> Activity:
    return replace(activity, columns={**activity.columns, name: Column(metric, factor)})


def _pressure(of: str, letters: str) -> Activity:
    columns = {}
    for share, letter in (("some", "s"), ("full", "f")):
        for seconds in ("", "10", "60", "300"):
            column = Column(f"pressure.{of}_{share}{seconds and '_'}{seconds}")
            columns[f"%{letter}{letters}{seconds and '-'}{seconds}"] = columns[f"{share}_avg{seconds}"] = column
    return Activity("pressure", columns)


_SWAP = {
    "swap.free_kb": "kbswpfree swpfree",
    "swap.used_kb": "kbswpused swpused",
    "swap.used_percent": "%swpused",
    "swap.cached_kb": "kbswpcad swpcad",
    "swap.cached_percent": "%swpcad",
}
_MEMORY = {
    "free_kb": "kbmemfree memfree",
    "available_kb": "kbavail avail",
    "used_kb": "kbmemused memused",
    "used_percent": "%memused",
    "buffers_kb": "kbbuffers buffers",
    "cached_kb": "kbcached cached",
    "commit_kb": "kbcommit commit",
    "commit_percent": "%commit",
    "active_kb": "kbactive active",
    "inactive_kb": "kbinact inactive",
    "dirty_kb": "kbdirty dirty",
    "shmem_kb": "kbshmem kbshared kbmemshrd shared",
}
_OWN_KB = {f"{name}_kb": f"kb{name} {name}" for name in ("anonpg", "slab", "kstack", "pgtbl", "vmused")}
_DISK = _activity(
    "disk",
    {
        "tps": "tps",
        "read_kb": "rkB",
        "write_kb": "wkB",
        "discard_kb": "dkB",
        "request_kb": "areq-sz",
        "queue": "aqu-sz avgqu-sz",
        "await_ms": "await",
        "svctm_ms": "svctm",
        "util_percent": "%util",
    },
)
for _name, _metric in (
    ("rd_sec", "read_kb"),
    ("wr_sec", "write_kb"),
    ("dc_sec", "discard_kb"),
    ("avgrq-sz", "request_kb"),
):
    _DISK = _with(_DISK, _name, f"disk.{_metric}", KB_PER_SECTOR)
_NETWORK = _activity(
    "network",
    {
        "rx_packets": "rxpck",
        "tx_packets": "txpck",
        "rx_kb": "rxkB",
        "tx_kb": "txkB",
        "util_percent": "%ifutil",
    },
    own="rxcmp txcmp rxmcst",
)
for _name, _metric in (("rxbyt", "rx_kb"), ("txbyt", "tx_kb")):
    _NETWORK = _with(_NETWORK, _name, f"network.{_metric}", 1 / 1024)

CPU = _activity(
    "cpu",
    {
        "user": "%user %usr user usr",
        "nice": "%nice nice",
        "system": "%system %sys system sys",
        "iowait": "%iowait iowait",
        "steal": "%steal steal",
        "irq": "%irq irq",
        "soft": "%soft soft",
        "guest": "%guest guest",
        "gnice": "%gnice gnice",
        "idle": "%idle idle",
    },
)
IRQ = _activity("irq", {"intr": "intr all value"})

# By the name that JSON and XML give them; text formats are told by their columns.
ACTIVITIES: Mapping[str, Activity] = {
    "cpu-load": CPU,
    "process-and-context-switch": _activity("process", own="proc cswch"),
    "interrupts": IRQ,
    "swap-pages": _activity("swapping", {"in": "pswpin", "out": "pswpout"}),
    "paging": _activity(
        "paging",
        {"pgpgin_kb": "pgpgin", "pgpgout_kb": "pgpgout", "major_faults": "majflt"},
        own="fault pgfree pgscank pgscand pgsteal %vmeff pgprom pgdem",
    ),
    "io": _activity("io", own="tps rtps wtps dtps bread bwrtn bdscd"),
    "memory": _activity("memory", _MEMORY | _SWAP | _OWN_KB, own="frmpg bufpg campg shmpg"),
    "swap": _activity("swap", _SWAP),
    "hugepages": _activity(
        "hugepages",
        {
            "free_kb": "kbhugfree hugfree",
            "used_kb": "kbhugused hugused",
            "used_percent": "%hugused",
            "hugrsvd_kb": "kbhugrsvd hugrsvd",
            "hugsurp_kb": "kbhugsurp hugsurp",
        },
    ),
    "kernel": _activity(
        "kernel",
        own="dentunusd file-nr inode-nr pty-nr file-sz %file-sz inode-sz super-sz %super-sz dquot-sz %dquot-sz rtsig-sz"
        " %rtsig-sz",
    ),
    "queue": _activity(
        "load",
        {
            "run_queue": "runq-sz",
            "tasks": "plist-sz",
            "avg_1": "ldavg-1",
            "avg_5": "ldavg-5",
            "avg_15": "ldavg-15",
            "blocked": "blocked",
        },
    ),
    "serial": _activity("tty", {"xmtin": "xmtin txmtin"}, own="rcvin framerr prtyerr brk ovrun"),
    "disk": _DISK,
    "net-dev": _NETWORK,
    "net-edev": _activity("network", own="rxerr txerr coll rxdrop txdrop txcarr rxfram rxfifo txfifo"),
    "net-nfs": _activity("nfs", own="call retrans read write access getatt"),
    "net-nfsd": _activity("nfsd", own="scall badcall packet udp tcp hit miss sread swrite saccess sgetatt"),
    "net-sock": _activity("sockets", own="totsck tcpsck udpsck rawsck ip-frag tcp-tw"),
    "net-ip": _activity("ip", own="irec fwddgm idel orq asmrq asmok fragok fragcrt"),
    "net-eip": _activity("ip", own="ihdrerr iadrerr iukwnpr idisc odisc onort asmf fragf"),
    "net-icmp": _activity(
        "icmp", own="imsg omsg iech iechr oech oechr itm itmr otm otmr iadrmk iadrmkr oadrmk oadrmkr"
    ),
    "net-eicmp": _activity(
        "icmp", own="ierr oerr idstunr odstunr itmex otmex iparmpb oparmpb isrcq osrcq iredir oredir"
    ),
    "net-tcp": _activity("tcp", own="active passive iseg oseg"),
    "net-etcp": _activity("tcp", {"retrseg": "retrseg retrans"}, own="atmptf estres isegerr orsts"),
    "net-udp": _activity("udp", own="idgm odgm noport idgmerr"),
    "net-sock6": _activity("sockets", own="tcp6sck udp6sck raw6sck ip6-frag"),
    "net-ip6": _activity("ip6", own="irec6 fwddgm6 idel6 orq6 asmrq6 asmok6 imcpck6 omcpck6 fragok6 fragcr6"),
    "net-eip6": _activity("ip6", own="ihdrer6 iadrer6 iukwnp6 i2big6 idisc6 odisc6 inort6 onort6 asmf6 fragf6 itrpck6"),
    "net-icmp6": _activity(
        "icmp6",
        own="imsg6 omsg6 iech6 iechr6 oechr6 igmbq6 igmbr6 ogmbr6 igmbrd6 ogmbrd6 irtsol6 ortsol6 irtad6"
        " inbsol6 onbsol6 inbad6 onbad6",
    ),
    "net-eicmp6": _activity(
        "icmp6", own="ierr6 idtunr6 odtunr6 itmex6 otmex6 iprmpb6 oprmpb6 iredir6 oredir6 ipck2b6 opck2b6"
    ),
    "net-udp6": _activity("udp6", own="idgm6 odgm6 noport6 idgmer6"),
    "fchosts": _activity("fchost", own="fch_rxf fch_txf fch_rxw fch_txw"),
    "softnet": _activity("softnet", own="total dropd squeezd rx_rps flw_lim blg_len"),
    "cpu-frequency": _activity("frequency", {"mhz": "MHz frequency"}),
    "cpu-weighted-frequency": _activity("frequency", {"wghmhz": "wghMHz weighted-frequency"}),
    "fan-speed": _activity("fan", own="rpm drpm"),
    "temperature": _activity("temperature", own="degC %temp"),
    "voltage-input": _activity("voltage", own="inV %in"),
    "usb-devices": _activity("usb", own="maxpower"),
    "filesystems": _activity(
        "filesystem",
        {"free_mb": "MBfsfree", "used_mb": "MBfsused", "used_percent": "%fsused"},
        own="%ufsused Ifree Iused %Iused",
    ),
    "psi-cpu": _pressure("cpu", "cpu"),
    "psi-io": _pressure("io", "io"),
    "psi-mem": _pressure("memory", "mem"),
    "battery": _activity("battery", {"cap_percent": "%cap %capacity", "cap_per_min": "cap/min variation"}),
}
# What else JSON and XML call them.
ALIASES = {
    "cpu-load-all": "cpu-load",
    "cpu": "cpu-load",
    "int-global": "interrupts",
    "int-proc": "interrupts",
    "irq": "interrupts",
    "io-reads": "io",
    "io-writes": "io",
    "io-discard": "io",
    "tty": "serial",
    "disk-device": "disk",
    "fchost": "fchosts",
    "cpufreq": "cpu-frequency",
    "cpuwfreq": "cpu-weighted-frequency",
    "fan": "fan-speed",
    "temp": "temperature",
    "in": "voltage-input",
    "usb": "usb-devices",
    "filesystem": "filesystems",
    "bat": "battery",
}
NAMED: Mapping[str, Activity] = {**ACTIVITIES, **{alias: ACTIVITIES[name] for alias, name in ALIASES.items()}}
