"""What is measured, and what it stands on: PostgreSQL, Keystone, Adjutant, and wafflehaus."""

import contextlib
import os
import pathlib
import secrets
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "load"))

import measure  # noqa: E402
import targets  # noqa: E402

PEER = pathlib.Path(os.environ.get("WORKFLOW_PEER", HERE / "peer/target/release/workflow-peer"))
WAFFLEHAUS = pathlib.Path(os.environ.get("WORKFLOW_BINARY", targets.BUILT / "wafflehaus"))
ADJUTANT = pathlib.Path(os.environ.get("WORKFLOW_ADJUTANT", targets.ROOT / "target/adjutant")) / "bin"
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
# Both have the whole machine, as on a server of their own.
CPUS = f"0-{os.cpu_count() - 1}"


def reaped(pid):
    """CPU seconds of the children of a process that have ended."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def spent(server):
    """CPU seconds of a server and all that it has started, also of what has ended meanwhile."""
    total = 0
    # Children first: one that ends meanwhile is then its parent's.
    for pid in reversed(measure.family(server.process.pid)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += measure.cpu_seconds([pid]) + reaped(pid)
    return total


class Stand:
    """PostgreSQL and Keystone, and the services between them."""

    def __init__(self, folder, fsync):
        self.folder, self.running = folder, []
        self.mail = f"127.0.0.1:{targets.free_port()}"
        self.postgres = self.start("postgres", lambda at, folder: self._postgres(at, folder, fsync))
        self.keystone = self.start("keystone", lambda at, _: [PEER, "keystone", at])

    def start(self, name, command, variables=()):
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o777)
        address = f"127.0.0.1:{targets.free_port()}"
        command = [*("env", *variables), *command(address, folder)]
        started = targets.Process(name, command, CPUS, address, folder)
        self.running.append(started)
        return started

    def close(self):
        for one in reversed(self.running):
            one.stop()

    def service(self, kind):
        """A service by what it is: `ours`, `sync-4` or `gthread-2x4`."""
        start = self._ours if kind.startswith("ours") else self._adjutant
        return start(kind)

    def _postgres(self, address, folder, fsync):
        # The server refuses to be run by root.
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        made = [*user, POSTGRES[-1] / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(made, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        settings = {"fsync": fsync, "listen_addresses": "127.0.0.1", "port": address.split(":")[1],
                    "max_connections": 300, "shared_buffers": "128MB", "unix_socket_directories": folder}
        settings = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*user, POSTGRES[-1] / "postgres", "-D", folder / "data", *settings]

    def database(self, name):
        """A database, and where it is: the folder of a Unix socket, and a port."""
        folder, port = self.folder / "postgres", self.postgres.address.split(":")[1]
        place = [POSTGRES[-1] / "createdb", "-h", folder, "-p", port, "-U", "postgres", name]
        # It answers a moment before it is ready.
        create = lambda: subprocess.run(place, stderr=subprocess.DEVNULL).returncode == 0
        if not measure.wait_until(create):
            raise RuntimeError(f"there is no database {name}")
        return str(folder), port

    def _fill(self, template, path, **values):
        text = (HERE / "config" / template).read_text()
        values |= {"KEYSTONE": self.keystone.address, "MAIL_PORT": self.mail.split(":")[1]}
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        path.write_text(text)
        return path

    def _ours(self, kind):
        database = kind.replace("-", "_")
        host, port = self.database(database)
        url = f"postgres://postgres@localhost:{port}/{database}?host={host}"
        _, workers, connections = (kind.split("-") + ["4", "16"])[:3]

        def command(address, folder):
            values = {"LISTEN": address, "DATABASE": url, "KEY": secrets.token_hex(32),
                      "WORKERS": workers, "CONNECTIONS": connections}
            config = self._fill("workflow.toml", folder / "workflow.toml", **values)
            return [WAFFLEHAUS, "workflow", "--config", config]

        return self.start(kind, command)

    def _adjutant(self, kind):
        database = kind.replace("-", "_")
        host, port = self.database(database)
        folder = self.folder / f"{kind}-config"
        folder.mkdir()
        values = {"HOST": host, "PORT": port, "DATABASE": database, "LOG": str(folder / "log")}
        config = self._fill("adjutant.yaml", folder / "adjutant.yaml", **values)
        variables = [f"ADJUTANT_CONFIG_FILE={config}"]
        migrate = ["env", *variables, ADJUTANT / "adjutant-api", "migrate"]
        subprocess.run(migrate, check=True, stdout=subprocess.DEVNULL)
        style, workers, threads = (kind.replace("x", "-").split("-") + ["1"])[:3]
        command = lambda address, _: [
            ADJUTANT / "gunicorn", "--worker-class", style, "--workers", workers, "--threads", threads,
            "--bind", address, "--no-control-socket", "adjutant.wsgi",
        ]
        return self.start(kind, command, variables)
