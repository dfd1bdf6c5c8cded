"""Real components of a test: started if they are there, else skipped with a reason."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

_ROOM_BYTES = 4_000_000_000


def need(found: object, what: str, hint: str) -> None:
    """Skip with a reason where a component is missing; fail where all must be there."""
    if found:
        return
    reason = f"{what} not installed: {hint}"
    if os.environ.get("BASIVERT_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as waiting:
        waiting.bind(("127.0.0.1", 0))
        return waiting.getsockname()[1]


def postgres_programs() -> Path | None:
    """The folder of the newest server, by Debian's way or on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


class PostgresServer:
    """A server on a free loopback port in a folder of its own."""

    def __init__(self, *, fsync: bool):
        self.programs = postgres_programs()
        need(self.programs, "PostgreSQL server", "apt-get install postgresql-15")
        # A database a test makes many thousand small files: in memory where there is some.
        memory = Path("/dev/shm")
        roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
        self.folder = tempfile.mkdtemp(prefix="pg-", dir=memory if roomy and not fsync else None)
        self.as_owner = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.as_owner = ["runuser", "-u", "postgres", "--"]
        self.data, self.port = f"{self.folder}/data", free_port()
        self.options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self.folder} -c fsync={'on' if fsync else 'off'}"
        )
        self.run("initdb", "-D", self.data, "-U", "basivert", "--auth=trust", "--encoding=UTF8",
                 "--locale=C.UTF-8")  # fmt: skip

    @property
    def url(self):
        return f"postgresql+psycopg://basivert@127.0.0.1:{self.port}/postgres"

    def run(self, program, *command):
        call = [*self.as_owner, str(self.programs / program), *map(str, command)]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-l", f"{self.folder}/log", "-o", self.options,
                 "start")  # fmt: skip

    def kill(self):
        """kill -9 of the server and of every process that it started."""
        first = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        every = (first, *map(int, children))
        for number in every:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        while any(map(_lives, every)):
            threading.Event().wait(0.05)
        # Where nobody takes the dead away, their number still looks like a server.
        if Path(f"/proc/{first}").exists():
            Path(self.data, "postmaster.pid").unlink()
            Path(self.folder, f".s.PGSQL.{self.port}.lock").unlink()

    def stop(self):
        if Path(self.data, "postmaster.pid").exists():
            self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _lives(number):
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def postgres():
    """A server, gone at the end; gives the address of its database."""
    server = PostgresServer(fsync=False)
    server.start()
    yield server.url
    server.stop()
