#!/usr/bin/env python3
"""How long creates take at a fixed rate, by turns with the bare proxy.

    benches/load/tail.py [--rounds 10] [--seconds 5] [--rate 2000] [TARGET…]

Times are from the moment a request was due. The ratio is that of the same round.
"""

import argparse
import statistics
import subprocess

import load
import targets
from targets import Bench


def turn(target, request, rate, seconds):
    command = [targets.PEER, "steady", target.address, request, rate, seconds]
    ran = subprocess.run(targets.pinned(targets.LOAD_CPU, command), capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{target.name}: {ran.stderr}")
    return [int(field) for field in ran.stdout.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=["bare", "gateway", "nginx-lua"])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=2000)
    wanted = parser.parse_args()
    bench = Bench()
    try:
        _, method, path, body, _ = load.WORK["create"]
        headers = load.HEADERS | {"Host": "gateway", "Content-Length": str(len(body.encode()))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = bench.folder / "request"
        request.write_bytes(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode())
        running = [bench.target(name) for name in wanted.targets]
        times = {target.name: [] for target in running}
        for number in range(wanted.rounds):
            start = number % len(running)
            for target in running[start:] + running[:start]:
                times[target.name].append(turn(target, request, wanted.rate, wanted.seconds))
    finally:
        bench.close()
    print("| | p50 | p99 | p99 to bare | p99.9 | longest |\n|---|---|---|---|---|---|")
    base = [row[1] for row in times[wanted.targets[0]]]
    for name, rows in times.items():
        p50, p99, p999, longest = (statistics.median(column) for column in zip(*rows))
        ratio = statistics.median(row[1] / its for row, its in zip(rows, base))
        print(f"| {name} | {p50:.0f} µs | {p99:.0f} µs | {ratio:.2f} | {p999:.0f} µs | {longest:.0f} µs |")


if __name__ == "__main__":
    main()
