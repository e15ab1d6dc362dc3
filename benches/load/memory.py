#!/usr/bin/env python3
"""Memory under what holds it: slow readers of large answers, and idle connections.

    benches/load/memory.py [TARGET…]

Each target is started anew for each part. The bytes of an idle connection are those by which the
resident memory of the proxy grows for 10,000 connections that have each had one answer.
"""

import resource
import selectors
import socket
import sys
import time

import load
import measure
from targets import Bench

READERS, SIZE, RATE = 50, 10 * 1024 * 1024, 2 * 1024 * 1024
IDLE = 10_000


def request(path):
    headers = "".join(f"{name}: {value}\r\n" for name, value in load.HEADERS.items())
    return f"GET {path} HTTP/1.1\r\nHost: gateway\r\n{headers}\r\n".encode()


def connect(address):
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), 20)


def slow_readers(target):
    """Peak resident memory in KiB while 50 clients read 10 MB each, with 2 MB a second."""
    chosen = selectors.DefaultSelector()
    for _ in range(READERS):
        reader = connect(target.address)
        reader.sendall(request(f"/v2.1/{load.PROJECT}/bytes/{SIZE}"))
        reader.setblocking(False)
        chosen.register(reader, selectors.EVENT_READ, [0])
    begin, peak = time.monotonic(), 0
    while chosen.get_map():
        peak = max(peak, measure.memory(target.pids))
        due = (time.monotonic() - begin) * RATE
        for key, _ in chosen.select(0.05):
            while key.data[0] < min(due, SIZE):
                try:
                    read = len(key.fileobj.recv(65536))
                except BlockingIOError:
                    break
                if read == 0:
                    raise RuntimeError(f"{target.name}: an answer ends early")
                key.data[0] += read
            if key.data[0] >= SIZE:
                chosen.unregister(key.fileobj)
                key.fileobj.close()
        time.sleep(0.005)
    return max(peak, measure.memory(target.pids, "VmHWM"))


def idle(target):
    """Bytes for each idle connection."""
    asked = request(load.SERVERS + "/detail")
    before = measure.memory(target.pids)
    connections = []
    for _ in range(IDLE):
        connection = connect(target.address)
        connection.sendall(asked)
        connections.append(connection)
        if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{target.name}: a wrong answer")
    time.sleep(5)
    grown = measure.memory(target.pids) - before
    for connection in connections:
        connection.close()
    return grown * 1024 / IDLE


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print("| | 50 slow readers of 10 MB: peak | to bare | an idle connection |\n|---|---|---|---|")
    base = None
    for name in sys.argv[1:] or ["bare", "gateway", "nginx"]:
        figures = []
        for part in (slow_readers, idle):
            bench = Bench()
            try:
                figures.append(part(bench.target(name)))
            finally:
                bench.close()
        peak, each = figures
        base = base or peak
        print(f"| {name} | {peak / 1024:.1f} MiB | {peak / base:.2f} | {each / 1024:.1f} KiB |", flush=True)


if __name__ == "__main__":
    main()
