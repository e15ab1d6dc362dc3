#!/usr/bin/env python3
"""Holds the workflow's service against Adjutant 13: tasks through create, approve and submit.

    apt-get install postgresql
    python3 -m venv target/adjutant
    target/adjutant/bin/pip install 'python-adjutant==13.*' gunicorn psycopg2-binary
    cargo build --release --features cli,workflow-service,postgres,mimalloc --bin wafflehaus
    cargo build --release --manifest-path benches/workflow_load/peer/Cargo.toml
    benches/workflow_load/run.py [--rounds 8] [--seconds 6] [--fsync on] [SERVICE@AT_ONCE…]

A service is `sync-4` (Adjutant under gunicorn with four workers), `gthread-2x4` (with two of four
threads each), or `ours` (`ours-8-24`: eight workers, 24 connections to PostgreSQL; without numbers
as many as by default). `AT_ONCE` is how many people have a task under way, each of whom waits for
every answer and every mail. All services have the same PostgreSQL, with a database for each, the
same Keystone and the same mail server. Each round gives every service one turn, and the order moves
on by one each round. Ratios are to the first service, in the same round. A task counts if its user
can then log in with exactly its roles; anything else ends the run.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request

import services
from services import measure

PARTS = ["service", "postgres", "keystone"]


def drive(stand, service, at_once, count, name):
    """What came of so many tasks, and the CPU seconds of all who had a part in it."""
    watched = dict(zip(PARTS, [service, stand.postgres, stand.keystone]))
    before = {part: services.spent(one) for part, one in watched.items()}
    command = [services.PEER, "drive", service.address, stand.keystone.address, stand.mail]
    command += [count, at_once, f"{service.name}-{at_once}-{name}"]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as people:
        line = people.stdout.readline()
        after = {part: services.spent(one) - before[part] for part, one in watched.items()}
        if not line or people.wait():
            raise RuntimeError(f"{service.name}: the tasks of {name} did not come out right")
    figures = json.loads(line)
    return figures | {"rate": figures["tasks"] / figures["seconds"], "cpu": after}


def calls(stand):
    """How often Keystone was asked what since this was asked before."""
    with urllib.request.urlopen(f"http://{stand.keystone.address}/calls") as answer:
        return json.load(answer)


def column(own, base, of):
    """A median, and the median of the ratios to the first service with their quartiles."""
    values = [of(turn) for turn in own]
    ratios = [value / of(turn) for value, turn in zip(values, base)]
    low, high = statistics.quantiles(ratios, n=4)[::2] if len(ratios) > 1 else ratios * 2
    return f"{statistics.median(values):.3g} (**{statistics.median(ratios):.3g}**, {low:.3g}–{high:.3g})"


def table(figures):
    lines = [
        "| | tasks a second | CPU s for 1,000 tasks: service | PostgreSQL | both | Keystone was busy |",
        "|---" * 6 + "|",
    ]
    base = next(iter(figures.values()))
    for name, own in figures.items():
        cost = lambda *parts: lambda turn: sum(turn["cpu"][part] for part in parts) / turn["tasks"] * 1e3
        cells = [column(own, base, lambda turn: turn["rate"])]
        cells += [column(own, base, cost(*parts)) for parts in (PARTS[:1], PARTS[1:2], PARTS[:2])]
        busy = statistics.median(turn["cpu"]["keystone"] / turn["seconds"] for turn in own)
        lines.append(f"| {name} | {' | '.join(cells)} | {busy:.0%} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("services", nargs="*", default=["gthread-2x4@16", "ours@64"])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=6, help="about how long a turn takes")
    parser.add_argument("--fsync", choices=["on", "off"], default="on")
    parser.add_argument("--json", help="where all figures go")
    wanted = parser.parse_args()

    folder = pathlib.Path(tempfile.mkdtemp(prefix="wafflehaus-workflow-"))
    folder.chmod(0o755)
    stand, figures, counts = services.Stand(folder, wanted.fsync), {}, {}
    try:
        kinds = {name.split("@")[0] for name in wanted.services}
        running = {kind: stand.service(kind) for kind in kinds}
        started = {name: (running[name.split("@")[0]], name.split("@")[1]) for name in wanted.services}
        for name, (service, at_once) in started.items():
            # The first tasks open connections, and show how many there are to be in a turn.
            drive(stand, service, at_once, 2 * int(at_once), "first")
            calls(stand)
            rate = drive(stand, service, at_once, 2 * int(at_once), "second")["rate"]
            asked = {call: count / 2 / int(at_once) for call, count in calls(stand).items()}
            print(f"{name}: {rate:.0f} a second; Keystone is asked for each {json.dumps(asked)}", file=sys.stderr)
            counts[name] = max(2 * int(at_once), int(rate * wanted.seconds))
        for number in range(wanted.rounds):
            start = number % len(started)
            for name in wanted.services[start:] + wanted.services[:start]:
                turn = drive(stand, *started[name], counts[name], f"round-{number}")
                figures.setdefault(name, []).append(turn)
                print(f"round {number + 1}, {name}: {json.dumps(turn)}", file=sys.stderr)
    finally:
        stand.close()
        shutil.rmtree(folder)
    figures = {name: figures[name] for name in wanted.services}
    if wanted.json:
        pathlib.Path(wanted.json).write_text(json.dumps(figures, indent=1))
    print(table(figures))


if __name__ == "__main__":
    main()
