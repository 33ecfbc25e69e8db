"""What the machine offers, asked without importing torch: cores, bfloat16 arithmetic, CUDA."""

from __future__ import annotations

import os
from pathlib import Path


def cpus_allowed() -> int:
    """CPUs that this process may run on: its affinity, which is the cpuset of a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_quota() -> int:
    """CPUs that this process may use: those allowed, bounded by the container's quota (cgroup v2)."""
    cores = cpus_allowed()
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return max(1, cores)


def multiplies_bf16() -> bool:
    """AVX512-BF16 and AMX multiply bf16 natively; elsewhere it is emulated and slower than fp32."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def arithmetic() -> str:
    """The type in which this CPU multiplies fastest: bfloat16 or float32."""
    return "bfloat16" if multiplies_bf16() else "float32"


def has_cuda() -> bool:
    """Whether an NVIDIA driver is there: torch would take seconds to say so."""
    return Path("/proc/driver/nvidia/version").exists() or any(Path("/dev").glob("nvidia[0-9]*"))
