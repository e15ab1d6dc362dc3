#!/usr/bin/env python3
"""Holds the gateway against a bare hyper proxy, and nginx with and without a check in Lua.

    apt-get install nginx-light libnginx-mod-http-lua lua-cjson wrk
    cargo build --release --features cli --bin wafflehaus
    cargo build --release --manifest-path benches/load/peer/Cargo.toml
    benches/load/run.py [--rounds 8] [--seconds 2] [--svg FILE] [TARGET…]

Each proxy has one worker on one core; wrk and the upstream share another. In each round every
target gets one turn with every kind of request, and the order moves on by one each round. What
counts is the CPU time that the kernel accounted to the proxy for its requests, over that of the
bare proxy in the same round: it is what other work on the machine disturbs least.
"""

import argparse
import json
import statistics
import sys

import load
import measure
import report
from targets import Bench

TARGETS = ["bare", "gateway", "keystone", "nginx", "nginx-lua"]
UNCHECKED = {"bare", "nginx"}


def turn(target, lua, connections, seconds):
    """CPU seconds for 100,000 requests."""
    before = measure.cpu_seconds(target.pids)
    requests, wrong = load.wrk(target.address, lua, connections, seconds)
    spent = measure.cpu_seconds(target.pids) - before
    if wrong or not requests:
        raise RuntimeError(f"{target.name}: {wrong} wrong answers of {requests}")
    return spent / requests * 1e5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=TARGETS)
    parser.add_argument("--work", nargs="*", default=list(load.WORK))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--svg", help="where a plot goes")
    parser.add_argument("--json", help="where all figures go")
    wanted = parser.parse_args()

    bench = Bench()
    try:
        scripts = {name: load.script(bench.folder, name) for name in wanted.work}
        targets = [bench.target(name) for name in wanted.targets]
        applies = lambda target, work: work != "refused" or target.name not in UNCHECKED
        for target in targets:
            for work in filter(lambda work: applies(target, work), wanted.work):
                # Whoever answers wrongly is not measured; this also opens the connections.
                turn(target, scripts[work][1], wanted.connections, 1)
        figures, busy = {}, []
        for number in range(wanted.rounds):
            start = number % len(targets)
            for work in wanted.work:
                for target in targets[start:] + targets[:start]:
                    if applies(target, work):
                        spent = turn(target, scripts[work][0], wanted.connections, wanted.seconds)
                        figures.setdefault(work, {}).setdefault(target.name, []).append(spent)
            print(f"round {number + 1} of {wanted.rounds}", file=sys.stderr)
    finally:
        bench.close()
    if wanted.json:
        with open(wanted.json, "w") as file:
            json.dump(figures, file, indent=1)
    print(report.table(figures, wanted.targets))
    if wanted.svg:
        with open(wanted.svg, "w") as file:
            file.write(report.plot(figures, wanted.targets))


if __name__ == "__main__":
    main()
