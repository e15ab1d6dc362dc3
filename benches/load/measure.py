"""What the kernel has accounted to a process and those it started."""

import os
import time


def _parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def family(root):
    """A process and its descendants."""
    members = [root]
    others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    grown = True
    while grown:
        grown = False
        for pid in others:
            try:
                if pid not in members and _parent(pid) in members:
                    members.append(pid)
                    grown = True
            except (OSError, ValueError):
                continue
    return members


def cpu_seconds(pids):
    """CPU seconds, user and system, to the nanosecond."""
    total = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def machine():
    """CPU seconds of everything on this machine."""
    with open("/proc/stat") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    busy = sum(fields) - fields[3] - fields[4]
    return busy / os.sysconf("SC_CLK_TCK")


def status(pid, field):
    """A size of `/proc/PID/status`, in KiB."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def memory(pids, field="VmRSS"):
    return sum(status(pid, field) for pid in pids)


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
