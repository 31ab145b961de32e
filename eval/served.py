"""A service of its own for runs over HTTP: a process on loopback over a copy of the data folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_READY_WITHIN = 180.0


class ServedError(RuntimeError):
    """The service did not do what a run needs; the message has what it wrote last."""


def copy_data(source: Path, target: Path) -> None:
    """Copy what a service answers from; the unpacked model is only linked, it never changes.

    Raises:
        FileNotFoundError: there is no index; run district-qa build.
    """
    target.mkdir(parents=True)
    (target / "models").symlink_to((source / "models").resolve())
    shutil.copytree(source / "index", target / "index")
    for name in ("library", "translations"):
        if (source / name).exists():
            shutil.copytree(source / name, target / name)


class Served:
    """`district-qa serve` over a data folder; it can be stopped, killed and started again on the same port."""

    def __init__(self, data_dir: Path, log: Path, **environment: str) -> None:
        """Name the data folder and where the service's log goes; `environment` is added to ours."""
        self.data_dir, self._log = data_dir, log
        self._environment = os.environ | {"DISTRICT_QA_DATA_DIR": str(data_dir)} | environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.address, timeout=120, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Served:
        """Start, and wait until it is ready."""
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()
        self.http.close()

    @property
    def process(self) -> psutil.Process:
        """The running process."""
        if self._process is None:
            raise ServedError("the service has not been started")
        return psutil.Process(self._process.pid)

    def start(self, environment: Mapping[str, str] | None = None, workers: int = 1) -> None:
        """Start it, without waiting; with several `workers` the API alone."""
        command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(self.port), "--workers", str(workers)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment | dict(environment or {}), stderr=log)

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command over the data folder, or with another environment, and wait for its end."""
        return subprocess.run(
            [sys.executable, "-m", "ui.cli", *arguments],
            env=self._environment | environment,
            capture_output=True,
            text=True,
            timeout=_READY_WITHIN,
            check=False,
        )

    def wait_until_ready(self) -> None:
        """Wait until it answers.

        Raises:
            ServedError: it ended, or was not ready within three minutes.
        """
        until = time.monotonic() + _READY_WITHIN
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                if self.http.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise ServedError(f"the service is not ready; it wrote: {self.log()[-500:]}")

    def log(self) -> str:
        """Return what it has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self, sign: int = signal.SIGTERM, wait: float = 120) -> int | None:
        """End it with a signal; return its exit status, None where it had not been started."""
        if self._process is None:
            return None
        self._process.send_signal(sign)
        status = self._process.wait(wait)
        self._process = None
        return status

    def job(self, response: httpx.Response, wait: float = 120) -> dict[str, Any]:
        """Wait until the job that a response promised is over; return it."""
        response.raise_for_status()
        until = time.monotonic() + wait
        while time.monotonic() < until:
            job: dict[str, Any] = self.http.get(response.headers["Location"]).raise_for_status().json()
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(0.2)
        raise ServedError(f"the job {response.headers['Location']} was not done within {wait:.0f} s")
