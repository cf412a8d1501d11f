"""The rules, one small file each or one close family. A rule yields a finding for each thing it can prove."""

from __future__ import annotations

from diagnostics.analysis.diagnosis.bounded import Rule
from diagnostics.analysis.diagnosis.rules.blocked import blocked
from diagnostics.analysis.diagnosis.rules.choices import choices
from diagnostics.analysis.diagnosis.rules.clock_skew import clock_skew
from diagnostics.analysis.diagnosis.rules.compile_cache import compile_cache_lost
from diagnostics.analysis.diagnosis.rules.config_mismatch import config_mismatch
from diagnostics.analysis.diagnosis.rules.cpu import cpu_contention, cpu_steal, cpu_throttled
from diagnostics.analysis.diagnosis.rules.crash_loop import crash_loop
from diagnostics.analysis.diagnosis.rules.crashes import machine_check, segfault
from diagnostics.analysis.diagnosis.rules.dependency_lines import dependency_lines
from diagnostics.analysis.diagnosis.rules.dependency_probes import dependency_probes
from diagnostics.analysis.diagnosis.rules.device_errors import device_io_errors
from diagnostics.analysis.diagnosis.rules.disk_space import disk_full, disk_nearly_full
from diagnostics.analysis.diagnosis.rules.garbage_collection import gc_dominates, heap_growth
from diagnostics.analysis.diagnosis.rules.gpu_xid import gpu_xid
from diagnostics.analysis.diagnosis.rules.image_pull import image_pull
from diagnostics.analysis.diagnosis.rules.kernel_stalls import hung_task, soft_lockup
from diagnostics.analysis.diagnosis.rules.limits_too_low import limits_too_low
from diagnostics.analysis.diagnosis.rules.memory import memory_pressure, swapping
from diagnostics.analysis.diagnosis.rules.network import link_flap, network_saturated
from diagnostics.analysis.diagnosis.rules.not_resolvable import not_resolvable
from diagnostics.analysis.diagnosis.rules.oom_kill import oom_kill
from diagnostics.analysis.diagnosis.rules.page_cache import page_cache_miss
from diagnostics.analysis.diagnosis.rules.probe_budget import probe_budget
from diagnostics.analysis.diagnosis.rules.rdma import rdma_off
from diagnostics.analysis.diagnosis.rules.rendezvous import rendezvous_timeout
from diagnostics.analysis.diagnosis.rules.scheduling import unschedulable
from diagnostics.analysis.diagnosis.rules.storage import iowait_bound, read_throughput_bound
from diagnostics.analysis.diagnosis.rules.straggler import straggler_rank
from diagnostics.analysis.diagnosis.rules.thermal import thermal_throttle
from diagnostics.analysis.diagnosis.rules.unlogged_time import unlogged_time
from diagnostics.analysis.diagnosis.rules.volumes import failed_mount
from diagnostics.analysis.diagnosis.rules.weights_download import weights_download

# Every rule is run for every launch; their order says nothing, ``diagnose`` sorts what they find.
RULES: tuple[Rule, ...] = (
    # Host resources.
    oom_kill,
    memory_pressure,
    swapping,
    limits_too_low,
    disk_full,
    disk_nearly_full,
    device_io_errors,
    read_throughput_bound,
    iowait_bound,
    page_cache_miss,
    cpu_throttled,
    cpu_contention,
    cpu_steal,
    thermal_throttle,
    hung_task,
    soft_lockup,
    segfault,
    machine_check,
    gpu_xid,
    network_saturated,
    link_flap,
    not_resolvable,
    # Everything around the host: Kubernetes, dependencies, configuration, the application itself.
    image_pull,
    unschedulable,
    failed_mount,
    crash_loop,
    probe_budget,
    dependency_lines,
    dependency_probes,
    blocked,
    rendezvous_timeout,
    rdma_off,
    straggler_rank,
    clock_skew,
    config_mismatch,
    compile_cache_lost,
    weights_download,
    gc_dominates,
    heap_growth,
    choices,
    unlogged_time,
)

__all__ = ["RULES", "Rule"]
