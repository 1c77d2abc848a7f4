"""What a run was measured on: seconds mean nothing without it."""

import os
from pathlib import Path


def describe(env):
    """Return a dict of processor, cores, memory, PostgreSQL and load."""
    env.cr.execute("SHOW server_version")
    [version] = env.cr.fetchone()
    return {
        "processor": _read_first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mb": int(_read_first("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        "postgresql": version.split()[0],
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _read_first(path, name):
    """Return what a file of the kernel says of a name."""
    with Path(path).open() as file:
        lines = (line.partition(":") for line in file)
        return next((v.strip() for k, _colon, v in lines if k.strip() == name), "0")


def show(results):
    """Print it in a line."""
    machine = results.get("machine")
    if machine:
        print(
            f"{machine['processor']}, {machine['cores']} cores, {machine['memory_mb']}"
            f" MB, PostgreSQL {machine['postgresql']}, load at start"
            f" {machine['load_at_start']}"
        )
