"""Messages of many drivers and versions, and what they are taken for."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.records import Category
from tests.parsers.kernel_log.reading import read

CASES: list[tuple[str, Category, dict[str, Any]]] = [
    # block layer, 2.6 to 6.x
    (
        "end_request: I/O error, dev sda, sector 12345",
        Category.IO_ERROR,
        {"device": "sda", "sector": 12345, "operation": None},
    ),
    (
        "blk_update_request: I/O error, dev sda, sector 7 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0",
        Category.IO_ERROR,
        {"device": "sda", "sector": 7, "operation": "write"},
    ),
    ("print_req_error: I/O error, dev nvme0n1, sector 9", Category.IO_ERROR, {"device": "nvme0n1", "sector": 9}),
    (
        "I/O error, dev loop0, sector 5120 op 0x0:(READ) flags 0x800 phys_seg 11 prio class 2",
        Category.IO_ERROR,
        {"device": "loop0", "sector": 5120, "operation": "read", "error": "I/O error"},
    ),
    (
        "critical medium error, dev sdb, sector 1 op 0x0:(READ) flags 0x0",
        Category.IO_ERROR,
        {"device": "sdb", "sector": 1, "error": "critical medium error"},
    ),
    (
        "Buffer I/O error on dev sda1, logical block 3, lost async page write",
        Category.IO_ERROR,
        {"device": "sda1", "sector": None, "operation": "write", "block": 3},
    ),
    (
        "Buffer I/O error on device sr0, logical block 0",
        Category.IO_ERROR,
        {"device": "sr0", "block": 0, "operation": None},
    ),
    (
        "ata1.00: failed command: READ FPDMA QUEUED",
        Category.IO_ERROR,
        {"device": "ata1.00", "operation": "read", "sector": None},
    ),
    ("sd 2:0:0:0: [sdc] rejecting I/O to offline device", Category.IO_ERROR, {"device": "sdc"}),
    ("sd 2:0:0:0: rejecting I/O to offline device", Category.IO_ERROR, {"device": "sd 2:0:0:0"}),
    # filesystems
    (
        "EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm ls: reading directory lblock 0",
        Category.FILESYSTEM,
        {"filesystem": "EXT4-fs", "device": "sda1", "problem": True},
    ),
    (
        "EXT4-fs (vda): mounted filesystem with ordered data mode. Opts: errors=remount-ro",
        Category.FILESYSTEM,
        {"device": "vda", "problem": False},
    ),
    (
        "XFS (dm-0): Corruption detected. Unmount and run xfs_repair",
        Category.FILESYSTEM,
        {"filesystem": "XFS", "device": "dm-0", "problem": True},
    ),
    ("BTRFS error (device sdb): parent transid verify failed", Category.FILESYSTEM, {"device": "sdb", "problem": True}),
    ("nfs: server 10.0.0.5 not responding, still trying", Category.FILESYSTEM, {"device": "10.0.0.5", "problem": True}),
    ("Aborting journal on device sda1-8.", Category.FILESYSTEM, {"device": "sda1-8", "problem": True}),
    ("VFS: Disk quotas dquot_6.6.0", Category.OTHER, {}),
    # NVMe
    ("nvme nvme0: I/O 12 QID 3 timeout, aborting", Category.NVME, {"device": "nvme0", "problem": True}),
    (
        "nvme nvme1: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10",
        Category.NVME,
        {"device": "nvme1", "problem": True},
    ),
    ("nvme nvme0: Shutdown timeout set to 8 seconds", Category.NVME, {"device": "nvme0", "problem": False}),
    (" nvme0n1: p1 p2", Category.NVME, {"device": "nvme0n1", "problem": False}),
    # links
    (
        "e1000e: eth0 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None",
        Category.LINK,
        {"interface": "eth0", "state": "up"},
    ),
    ("ixgbe 0000:01:00.0 ens1f0: NIC Link is Down", Category.LINK, {"interface": "ens1f0", "state": "down"}),
    ("mlx5_core 0000:65:00.0 ens2np0: Link up", Category.LINK, {"interface": "ens2np0", "state": "up"}),
    ("r8169 0000:02:00.0 enp2s0: Link is Down", Category.LINK, {"interface": "enp2s0", "state": "down"}),
    (
        "bnx2 0000:0b:00.0: eth0: NIC Copper Link is Up, 1000 Mbps full duplex",
        Category.LINK,
        {"interface": "eth0", "state": "up"},
    ),
    ("IPv6: ADDRCONF(NETDEV_UP): veth0: link is not ready", Category.LINK, {"interface": "veth0", "state": "down"}),
    ("IPv6: ADDRCONF(NETDEV_CHANGE): ib0: link becomes ready", Category.LINK, {"interface": "ib0", "state": "up"}),
    (
        "bond0: (slave eth1): link status definitely down, disabling slave",
        Category.LINK,
        {"interface": "eth1", "state": "down"},
    ),
    (
        "bonding: bond0: link status definitely up for interface eth1, 10000 Mbps full duplex.",
        Category.LINK,
        {"interface": "eth1", "state": "up"},
    ),
    ("mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link ACTIVE", Category.LINK, {"interface": "mlx5_5", "state": "up"}),
    ("mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link DOWN", Category.LINK, {"interface": "mlx5_5", "state": "down"}),
    ("mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link INIT", Category.OTHER, {}),
    ("ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)", Category.OTHER, {}),
    (
        "nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error",
        Category.GPU,
        {"xid": 12028, "pci": "0000:c1:00.0", "problem": True},
    ),
    ("nvidia-nvlink: Nvlink Core is being initialized, major device number 511", Category.GPU, {"problem": False}),
    ("nvme 0000:01:00.0: platform quirk: setting simple suspend", Category.NVME, {"device": "0000:01:00.0"}),
    ("VFS: Mounted root (ext4 filesystem) readonly on device 8:1.", Category.FILESYSTEM, {"device": "8:1"}),
    ("Critical temperature reached (100 C), shutting down", Category.THROTTLE, {"problem": True}),
    # tasks
    (
        "INFO: task nfsd:1234 blocked for more than 120 seconds.",
        Category.HUNG_TASK,
        {"task": "nfsd", "pid": 1234, "seconds": 120},
    ),
    (
        "INFO: task kworker/u8:3:77 blocked for more than 245 seconds.",
        Category.HUNG_TASK,
        {"task": "kworker/u8:3", "pid": 77},
    ),
    (
        "INFO: task dd:9 blocked in I/O wait for more than 120 seconds.",
        Category.HUNG_TASK,
        {"task": "dd", "seconds": 120},
    ),
    (
        "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [python3:4242]",
        Category.SOFT_LOCKUP,
        {"cpu": 3, "seconds": 22, "task": "python3", "pid": 4242, "lockup": "soft"},
    ),
    ("BUG: soft lockup - CPU#0 stuck for 67s! [a:b:1]", Category.SOFT_LOCKUP, {"task": "a:b", "pid": 1}),
    ("NMI watchdog: Watchdog detected hard LOCKUP on cpu 2", Category.SOFT_LOCKUP, {"cpu": 2, "lockup": "hard"}),
    ("rcu: INFO: rcu_sched self-detected stall on CPU", Category.SOFT_LOCKUP, {"lockup": "rcu stall"}),
    (
        "crashy[85]: segfault at 10 ip 000055bb5a329139 sp 00007fff8a95fd40 error 6 in libc-2.31.so[1139,55bb+1000]",
        Category.SEGFAULT,
        {"task": "crashy", "pid": 85, "address": "10", "library": "libc-2.31.so"},
    ),
    (
        "a b[85]: segfault at ffffffffff600000 ip 00007f sp 00007f error 15",
        Category.SEGFAULT,
        {"task": "a b", "library": None},
    ),
    (
        "traps: python3[99] general protection fault ip:7f12 sp:7ffc error:0 in libtorch.so[7f00+1000]",
        Category.SEGFAULT,
        {"task": "python3", "pid": 99, "address": None, "library": "libtorch.so"},
    ),
    (
        "traps: app[5] trap invalid opcode ip:4005 sp:7ff error:0 in app[400000+1000]",
        Category.SEGFAULT,
        {"task": "app", "library": "app"},
    ),
    # GPUs
    (
        "NVRM: Xid (PCI:0000:65:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
        Category.GPU,
        {"xid": 79, "pci": "0000:65:00", "problem": True},
    ),
    (
        "NVRM: Xid (PCI:0000:b3:00): 31, pid=2112, name=python3, Ch 00000008",
        Category.GPU,
        {"xid": 31, "pid": 2112, "task": "python3"},
    ),
    ("NVRM: Xid (0000:0a:00): 13, Graphics Exception", Category.GPU, {"xid": 13, "pci": "0000:0a:00"}),
    ("NVRM: loading NVIDIA UNIX x86_64 Kernel Module  535.104.05", Category.GPU, {"xid": None, "problem": False}),
    (
        "amdgpu 0000:03:00.0: amdgpu: GPU reset begin!",
        Category.GPU,
        {"xid": None, "pci": "0000:03:00.0", "driver": "amdgpu", "problem": True},
    ),
    (
        "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring sdma0 timeout, signaled seq=1",
        Category.GPU,
        {"driver": "amdgpu", "problem": True},
    ),
    # hardware, heat
    ("mce: [Hardware Error]: Machine check events logged", Category.MCE, {"problem": True}),
    (
        "{1}[Hardware Error]: It has been corrected by h/w and requires no further action",
        Category.MCE,
        {"corrected": True},
    ),
    ("EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0", Category.MCE, {}),
    ("mce: CPU supports 32 MCE banks", Category.OTHER, {}),
    ("EDAC MC: Ver: 3.0.0", Category.OTHER, {}),
    (
        "CPU3: Core temperature above threshold, cpu clock throttled (total events = 1)",
        Category.THROTTLE,
        {"cpu": 3, "problem": True},
    ),
    (
        "mce: CPU12: Package temperature above threshold, cpu clock throttled",
        Category.THROTTLE,
        {"cpu": 12, "problem": True},
    ),
    ("CPU3: Core temperature/speed normal", Category.THROTTLE, {"cpu": 3, "problem": False}),
    (
        "thermal thermal_zone0: critical temperature reached (105 C), shutting down",
        Category.THROTTLE,
        {"problem": True},
    ),
    # words that mean something elsewhere
    ("usb 1-1: New USB device found, idVendor=1d6b, idProduct=0002", Category.OTHER, {}),
    ("random: crng init done", Category.OTHER, {}),
    ("00:00: ttyS0 at I/O 0x3f8 (irq = 26, base_baud = 115200) is a 16550A", Category.OTHER, {}),
    ("SGI XFS with ACLs, security attributes, no debug enabled", Category.OTHER, {}),
    ("", Category.OTHER, {}),
]


@pytest.mark.parametrize(("text", "category", "fields"), CASES)
def test_categories(text: str, category: Category, fields: dict[str, Any]) -> None:
    (event,) = read(f"[   12.345678] {text}\n").events
    assert event.category is category
    assert {key: event.fields.get(key, "no such field") for key in fields} == fields
    assert event.text == text
    assert fields or not event.fields or category is not Category.OTHER


def test_only_the_kernel_is_believed() -> None:
    (event,) = read("Nov 23 10:00:00 gpu app[1]: NVRM: Xid (PCI:0000:65:00): 79, gone").events
    assert (event.category, event.source) == (Category.OTHER, "app")
