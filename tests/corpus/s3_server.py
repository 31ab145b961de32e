"""An S3-compatible storage for tests: `moto.server`, a test double, as a process of its own on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import boto3

HOST = "127.0.0.1"
BUCKET = "district"
_LONGEST_START = 60.0


class S3Server:
    """What it holds is in memory, so a stopped one comes back empty but for the bucket."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = int(free.getsockname()[1])
        self.start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + _LONGEST_START
        while not self._listens():
            assert self._process.poll() is None, "the storage ended at once"
            assert time.monotonic() < end, "the storage did not start"
            time.sleep(0.1)
        self.client().create_bucket(Bucket=BUCKET)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def client(self):  # type: ignore[no-untyped-def]
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1")

    def names(self) -> list[str]:
        """Return the names of all objects."""
        found = self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return sorted(one["Key"] for one in found)
