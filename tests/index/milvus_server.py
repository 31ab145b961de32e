"""A Milvus server for tests: `milvus-lite server`, a test double that speaks the real one's protocol."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from index.milvus_server import Place

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"


class LiteServer:
    """A process of its own on a free port of the loopback interface; `stop` it, and `start` it again at will."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = int(free.getsockname()[1])
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(self._folder)]
        self._process = subprocess.Popen(
            [*command, "--host", HOST, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "listening" in line, f"the server said {line!r}"

    def stop(self) -> None:
        """Kill it as a power cut would."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def place(self, name: str = "district_qa", seconds: float = 20) -> Place:
        return Place(f"http://{HOST}:{self.port}", "root:secret", "default", name, seconds)
