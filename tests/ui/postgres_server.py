"""A PostgreSQL server for tests: Debian's, on a free port of the loopback interface, in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HOST, USER, PASSWORD = "127.0.0.1", "dqa", "korrekt-pferd"
#: PostgreSQL refuses root; Debian's package brings this user.
_SERVICE_USER = "postgres"
_LONGEST_START = 30.0


def find_programs() -> Path | None:
    """Return the folder of the newest server's programs, None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else (Path(on_path).parent if on_path else None)


class Postgres:
    """A process of its own; `stop` it, and `start` it again at will; `remove` ends it for good."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._as = {"user": _SERVICE_USER, "group": _SERVICE_USER, "extra_groups": []} if os.geteuid() == 0 else {}
        self._folder = Path(tempfile.mkdtemp(prefix="dqa-postgres-"))  # not pytest's, which only its owner may enter
        if self._as:
            shutil.chown(self._folder, _SERVICE_USER, _SERVICE_USER)
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = int(free.getsockname()[1])
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ["--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync"]
        self._run("initdb", "-D", str(self._data), "--encoding", "UTF8", "--locale", "C.UTF-8", *options)
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        environment = os.environ | {"LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD}
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            env=environment,
            **self._as,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-h", HOST, "-p", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "-k", "", "-c", "fsync=off", "-c", "max_connections=20"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **self._as,  # type: ignore[call-overload]
        )
        end = time.monotonic() + _LONGEST_START
        ready = [str(self._programs / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, "the server ended at once"
            assert time.monotonic() < end, "the server did not get ready"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as a crash would: nothing is finished and nobody is told."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def remove(self) -> None:
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@{HOST}:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; return its address."""
        name = f"t{secrets.token_hex(4)}"
        self._run("createdb", "-h", HOST, "-p", str(self.port), "-U", USER, name)
        return self.url(name)
