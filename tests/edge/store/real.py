"""Real components of a test: started if they are there, else skipped with a reason."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
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


def postgres():
    """A server on a free loopback port, gone at the end; gives the address of its database."""
    programs = postgres_programs()
    need(programs, "PostgreSQL server", "apt-get install postgresql-15")
    # A database a test makes many thousand small files: in memory where there is some.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    folder = tempfile.mkdtemp(prefix="pg-", dir=memory if roomy else None)
    as_owner = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_owner = ["runuser", "-u", "postgres", "--"]

    def run(*command):
        call = [*as_owner, *map(str, command)]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL, cwd="/")

    port = free_port()
    data = f"{folder}/data"
    run(programs / "initdb", "-D", data, "-U", "basivert", "--auth=trust", "--encoding=UTF8",
        "--locale=C.UTF-8")  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o",
        f"{options} -c fsync=off", "start")  # fmt: skip
    yield f"postgresql+psycopg://basivert@127.0.0.1:{port}/postgres"
    run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)
