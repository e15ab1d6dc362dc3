"""What is measured, and how each is started. All listen on loopback, on one worker."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import measure

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
PEER = pathlib.Path(os.environ.get("LOAD_PEER", HERE / "peer/target/release/load-peer"))
GATEWAY = pathlib.Path(os.environ.get("LOAD_GATEWAY", BUILT / "wafflehaus"))
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MODULES = pathlib.Path("/usr/lib/nginx/modules")
PROXY_CPU, LOAD_CPU = "0", "1"
TRUSTED = "trust_identity_headers = true\n[filter.identity]\nuse = \"identity\""
ASKED = """auth_url = "http://@KEYSTONE@/v3"
username = "wafflehaus"
password = "secret"
project_name = "service"
[filter.identity]
use = "keystone"
fresh_for = 60
"""


def pinned(cpu, command):
    return ["taskset", "-c", cpu, *map(str, command)]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def fill(template, **values):
    text = (HERE / "config" / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


class Process:
    """A server of its own folder, ended with the `with`."""

    def __init__(self, name, command, cpu, address, folder):
        self.name, self.address = name, address
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            pinned(cpu, command), cwd=folder, stdout=self.log, stderr=self.log
        )
        if not measure.wait_until(lambda: self.answers() or self.process.poll() is not None) or self.process.poll() is not None:
            raise RuntimeError(f"{name} does not start: {(folder / 'log').read_text()}")
        # Workers are there once it answers, and stay.
        self.pids = measure.family(self.process.pid)

    def answers(self):
        host, port = self.address.split(":")
        with contextlib.suppress(OSError):
            socket.create_connection((host, int(port)), 1).close()
            return True
        return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Bench:
    """Everything that runs during a measurement."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wafflehaus-load-"))
        self.running = []
        self.upstream = self.start("upstream", LOAD_CPU, lambda at, _: [PEER, "upstream", at])

    def start(self, name, cpu, command):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        address = f"127.0.0.1:{free_port()}"
        started = Process(name, command(address, folder), cpu, address, folder)
        self.running.append(started)
        return started

    def stop(self, one):
        one.stop()
        self.running.remove(one)

    def close(self):
        for one in reversed(self.running[:]):
            self.stop(one)
        shutil.rmtree(self.folder)

    def target(self, name):
        return self.start(name, PROXY_CPU, getattr(self, "_" + name.replace("-", "_")))

    def _bare(self, address, _):
        return [PEER, "bare", address, self.upstream.address]

    def _gateway(self, address, folder, identity=TRUSTED, binary=GATEWAY):
        config = folder / "gateway.toml"
        text = fill("gateway.toml", UPSTREAM=self.upstream.address, IDENTITY=identity)
        config.write_text(text)
        command = [binary, "serve", "--config", config, "--listen", address, "--no-watch"]
        return command + os.environ.get("LOAD_GATEWAY_ARGS", "--threads 1").split()

    def _before(self, address, folder):
        """Another build, to see what a change gave."""
        binary = os.environ["LOAD_BEFORE"]
        command = self._gateway(address, folder, binary=binary)[:7]
        return command + os.environ.get("LOAD_BEFORE_ARGS", "").split()

    def _keystone(self, address, folder):
        script = HERE / "keystone.py"
        asked = self.start("tokens", LOAD_CPU, lambda at, _: ["python3", script, at])
        return self._gateway(address, folder, ASKED.replace("@KEYSTONE@", asked.address))

    def _nginx(self, address, folder, modules="", lua="", check=""):
        text = fill(
            "nginx.conf", WORKERS="1", LISTEN=address, UPSTREAM=self.upstream.address,
            MODULES=modules, LUA=lua, CHECK=check,
        )
        (folder / "nginx.conf").write_text(text)
        return [NGINX, "-p", folder, "-e", "error.log", "-c", folder / "nginx.conf"]

    def _nginx_lua(self, address, folder):
        modules = ["ndk_http_module.so", "ngx_http_lua_module.so"]
        return self._nginx(
            address, folder,
            "\n".join(f"load_module {MODULES / module};" for module in modules),
            f'lua_package_path "{HERE}/config/?.lua;;";',
            r"""location ~ ^/v2\.1/[^/]+/servers/?$ {
                access_by_lua_block { require("check").check() }
                proxy_pass http://nova;
            }""",
        )
