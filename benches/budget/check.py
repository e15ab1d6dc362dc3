#!/usr/bin/env python3
"""Counts the instructions of each case under callgrind, and holds them against budget.json.

    apt-get install valgrind
    benches/budget/check.py [--write]

The counts do not depend on how busy the machine is, but on the compiler, the processor's
instructions and the C library. So a case fails only when it takes a quarter more than its budget
and 150 instructions besides; `--write` makes what is counted now the budget.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# Far apart, for what a configuration takes to load is not the same each time.
FEW, MANY = 20, 1020


def build():
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--release"], cwd=HERE, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", HERE / "target")
    return pathlib.Path(target) / "release/wafflehaus-budget"


def instructions(program, case, times):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, case, str(times)]
    ran = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode or not found:
        sys.exit(f"{case}: {ran.stdout}{ran.stderr}")
    return int(found.group(1))


def main():
    program = build()
    cases = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    counted = {
        case: (instructions(program, case, MANY) - instructions(program, case, FEW)) // (MANY - FEW)
        for case in cases
    }
    file = HERE / "budget.json"
    if "--write" in sys.argv:
        file.write_text(json.dumps(counted, indent=1) + "\n")
    budget = json.loads(file.read_text())
    above = []
    print(f"{'':28}{'counted':>9}{'budget':>9}")
    for case, count in counted.items():
        allowed = budget.get(case)
        is_above = allowed is None or count > max(allowed * 1.25, allowed + 150)
        above += [case] * is_above
        print(f"{case:28}{count:9}{allowed or '-':>9}{'  ABOVE' if is_above else ''}")
    if above:
        sys.exit("too many instructions: see benches/budget/check.py for what this means")


if __name__ == "__main__":
    main()
