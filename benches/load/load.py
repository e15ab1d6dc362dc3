"""Requests, and how wrk makes them."""

import base64
import json
import random
import re
import subprocess

import targets

REQUIRED = "11111111-1111-4111-8111-111111111111"
BANNED = "22222222-2222-4222-8222-222222222222"
OTHERS = [f"a0000000-0000-4000-8000-{number:012d}" for number in range(2)]
PROJECT = "9f1c6fd1a8f24f4aa4ae7e1c7b0f5d11"
SERVERS = f"/v2.1/{PROJECT}/servers"
_random = random.Random(7)
TOKEN = "gAAAAAB" + base64.urlsafe_b64encode(_random.randbytes(132)).decode().rstrip("=")
# What a client behind Keystone's middleware sends.
HEADERS = {
    "X-Auth-Token": TOKEN,
    "X-Identity-Status": "Confirmed",
    "X-Project-Id": PROJECT,
    "X-User-Id": "0c1f6fd1a8f24f4aa4ae7e1c7b0f5d22",
    "X-Roles": "member,reader,role1",
    "Accept": "application/json",
    "Content-Type": "application/json",
    "OpenStack-API-Version": "compute 2.90",
    "User-Agent": "openstacksdk/4.0 keystoneauth1/5.9",
}


def create(networks, size):
    """A create of this many bytes, with the networks behind what is large."""
    server = {
        "name": "worker-1",
        "flavorRef": "42",
        "imageRef": "7d1f6a52-0000-4000-8000-0000000000aa",
        "key_name": "ann",
        "metadata": {"note": "a \"quoted\" caf\u00e9"},
        "security_groups": [{"name": "default"}],
        "user_data": "",
        "networks": [{"uuid": network} for network in networks],
    }
    missing = size - len(json.dumps({"server": server}))
    server["user_data"] = base64.b64encode(_random.randbytes(missing * 3 // 4)).decode()
    return json.dumps({"server": server})


# Name, method, path, body, status.
WORK = {
    "get": ("GET pass-through", "GET", SERVERS + "/detail", None, 200),
    "create": ("create 1 KB", "POST", SERVERS, create([OTHERS[0], REQUIRED, OTHERS[1]], 1024), 202),
    "create64": ("create 64 KB", "POST", SERVERS, create([OTHERS[0], REQUIRED, OTHERS[1]], 65536), 202),
    "refused": ("create 1 KB, refused", "POST", SERVERS, create([REQUIRED, BANNED], 1024), 403),
}

DONE = """
local wrong = 0
local threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status) if status ~= EXPECTED then wrong = wrong + 1 end end
function done(summary, latency)
    local all = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    for _, thread in ipairs(threads) do all = all + thread:get("wrong") end
    io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration, all, latency:percentile(99)))
end
"""


def script(folder, name):
    _, method, path, body, status = WORK[name]
    lines = [f"wrk.method = {method!r}", f"wrk.path = {path!r}"]
    lines += [f"wrk.headers[{key!r}] = {value!r}" for key, value in HEADERS.items()]
    if body is not None:
        (folder / f"{name}.json").write_text(body)
        lines.append(f"wrk.body = io.open({str(folder / name) + '.json'!r}):read('*a')")
    # Counting answers costs wrk more than all else, so it is done in a run of its own.
    plain = folder / f"{name}.lua"
    plain.write_text("\n".join(lines) + DONE.replace("function response", "local function unused")
                     .replace("EXPECTED", str(status)).replace("local wrong", "wrong"))
    checked = folder / f"{name}-checked.lua"
    checked.write_text("\n".join(lines) + DONE.replace("EXPECTED", str(status)).replace("local wrong", "wrong"))
    return plain, checked


def wrk(address, lua, connections, seconds):
    """Requests answered, and how many were not as they should have been."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", lua, f"http://{address}"]
    ran = subprocess.run(targets.pinned(targets.LOAD_CPU, command), capture_output=True, text=True, check=True)
    found = re.search(r"^RESULT (\d+) (\d+) (\d+) (\d+)$", ran.stdout, re.M)
    if not found:
        raise RuntimeError(ran.stdout + ran.stderr)
    requests, _, wrong, _ = map(int, found.groups())
    return requests, wrong
