"""The process of a service: its memory, its further processes, and how it is told to stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ui import cli

_ARENAS = """
import ctypes, threading
from ui.allocator import share_arenas
{before}
held = []
def take():
    held.append([bytes(1000) for _ in range(2000)])
    barrier.wait()
barrier = threading.Barrier(9)
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads: thread.start()
barrier.wait()
ctypes.CDLL(None).malloc_stats()
"""


def _arenas(before: str) -> int:
    command = [sys.executable, "-c", _ARENAS.format(before=before)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.count("Arena ")


def test_threads_share_two_arenas() -> None:
    assert _arenas("share_arenas()") <= 2 < _arenas("")


def test_several_processes_serve_the_api_alone_and_count_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}

    def run(application: str, **given: Any) -> None:
        told.update(given, application=application, counted=os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert Path(told["counted"]).is_dir()

    monkeypatch.setattr("uvicorn.run", run)
    monkeypatch.setattr("ui.logs.configure_logs", lambda *given: None)
    monkeypatch.setattr("ui.commands.serving.share_arenas", lambda: None)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DISTRICT_QA_STOP_SECONDS", "3.5")
    done = CliRunner().invoke(cli.app, ["serve", "--workers", "2"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (told["application"], told["factory"], told["workers"]) == ("ui.api.app:worker_api", True, 2)
    assert told["timeout_graceful_shutdown"] == 4
    assert not Path(told["counted"]).exists()
