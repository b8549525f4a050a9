"""Servers of our own on loopback, on free ports, in folders of their own: they may be killed without asking anybody."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MISSING = "{} is not installed. `bash .ci/services` installs what `make faults` needs."


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], Any], *, seconds: float, what: str, every: float = 0.02) -> None:
    """Wait for something. Raises TimeoutError that names it."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def listens(port: int) -> bool:
    """Does somebody listen on this port?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str, *, beside: str = "") -> str:
    """The path of a program, also where Debian keeps versions side by side."""
    found = shutil.which(name)
    if found is None and beside:
        versions = sorted(Path("/").glob(f"{beside.lstrip('/')}/{name}"))
        found = str(versions[-1]) if versions else None
    if found is None:
        raise RuntimeError(MISSING.format(name))
    return found


class Server:
    """A folder, a port and an account: servers refuse to run as root or should not."""

    account = ""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"relmail-{type(self).__name__.lower()}-"))
        self.port = free_port()
        if os.geteuid() == 0 and self.account:
            try:
                owner = pwd.getpwnam(self.account)
            except KeyError:
                raise RuntimeError(MISSING.format(type(self).__name__)) from None
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def _as(self) -> dict[str, Any]:
        """How to start a process under the server's account."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        started: dict[str, Any] = {"cwd": self.folder, "env": kept | {"HOME": str(self.folder)}}
        if os.geteuid() == 0 and self.account:
            started |= {"user": self.account, "group": self.account, "extra_groups": []}
        return started

    def remove(self) -> None:
        """Forget everything that the server wrote."""
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgreSQL(Server):
    """A cluster that keeps its data over a restart."""

    account = "postgres"
    binaries = "/usr/lib/postgresql/*/bin"

    def start(self) -> PostgreSQL:
        """Make the cluster and start it."""
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "data")
        (self.folder / "data" / "postgresql.auto.conf").write_text(
            f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n"
            "shared_buffers = '64MB'\nmax_connections = 80\n"
            # What dies here are processes, and what they wrote is the kernel's by then; no power fails.
            "fsync = off\nfull_page_writes = off\n"
        )
        self._control("start")
        return self

    def restart(self) -> None:
        """As after a crash: no goodbye to anybody, and recovery from the log."""
        self._control("restart", "-m", "immediate")

    def stop(self) -> None:
        """Stop it and remove its folder."""
        self._control("stop", "-m", "immediate", check=False)
        self.remove()

    def url(self, database: str) -> str:
        """The address of one database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def copy(self, source: str, target: str) -> None:
        """Dump one database, while others work on it, and restore it into another one that is empty."""
        self._run("pg_dump", "--format=custom", "--file=dump", self.url(source))
        self._run("pg_restore", "--exit-on-error", f"--dbname={self.url(target)}", "dump")

    def _control(self, *words: str, check: bool = True) -> None:
        self._run("pg_ctl", "--pgdata=data", "--log=log", "--wait", "--silent", *words, check=check)

    def _run(self, name: str, *words: str, check: bool = True) -> None:
        # Into a file: the server inherits a pipe and would keep it open.
        with (self.folder / "said").open("a+") as said:
            done = subprocess.run(
                [program(name, beside=self.binaries), *words], stdout=said, stderr=said, check=False, **self._as()
            )
            if check and done.returncode:
                said.seek(0)
                raise RuntimeError(f"{name} {' '.join(words)}:\n{said.read()[-2000:]}")


class Redis(Server):
    """A broker in memory: what it holds is gone when it dies."""

    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Redis:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""],
            stdout=subprocess.DEVNULL, **self._as(),
        )  # fmt: skip
        wait_until(lambda: listens(self.port), seconds=20, what="redis-server")
        return self

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)
            self.process = None

    def stop(self) -> None:
        """End it and remove its folder."""
        self.kill()
        self.remove()

    def flush(self) -> None:
        """FLUSHALL."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.flushall()

    @property
    def url(self) -> str:
        """What CELERY_BROKER_URL takes."""
        return f"redis://127.0.0.1:{self.port}/0"


class RabbitMQ(Server):
    """A node with a name and an epmd of its own."""

    account = "rabbitmq"

    def start(self) -> RabbitMQ:
        """Start node and epmd and wait until AMQP is spoken."""
        started = self._as()
        epmd = free_port()
        started["env"] |= {
            "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"faults{os.getpid()}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{self.folder}/data", "RABBITMQ_LOG_BASE": f"{self.folder}/log",
            "RABBITMQ_PID_FILE": f"{self.folder}/pid", "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self.folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{self.folder}/rabbitmq", "RABBITMQ_CONF_ENV_FILE": f"{self.folder}/none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }  # fmt: skip
        self._epmd = subprocess.Popen(
            [program("epmd"), "-port", str(epmd), "-address", "127.0.0.1"], stdout=subprocess.DEVNULL, **started
        )
        # Debian's wrapper in PATH wants to change the account itself; the script behind it does not.
        script = self._script()
        with (self.folder / "said").open("w") as said:
            self._node = subprocess.Popen([script], stdout=said, stderr=said, start_new_session=True, **started)
        wait_until(self._answers, seconds=90, what="rabbitmq-server", every=0.3)
        return self

    def _script(self) -> str:
        behind = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        return str(behind) if behind.exists() else program("rabbitmq-server")

    def _answers(self) -> bool:
        import kombu

        if not listens(self.port):
            return False
        try:
            with kombu.Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
        except OSError:
            return False
        return True

    def purge(self, queue: str) -> int:
        """Empty a queue; how many messages were in it."""
        import kombu

        with kombu.Connection(self.url) as connection:
            return int(connection.channel().queue_purge(queue) or 0)

    def stop(self) -> None:
        """End node and epmd and remove the folder."""
        for process, group in ((self._node, True), (self._epmd, False)):
            if process.poll() is None:
                if group:
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
                process.wait(timeout=10)
        self.remove()

    @property
    def url(self) -> str:
        """What CELERY_BROKER_URL takes."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"
