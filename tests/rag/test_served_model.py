"""A real `transformers serve` on loopback, asked through the OpenAI-compatible client, and killed in the middle."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rag.language_model import LanguageModelError, complete
from rag.remote_model import RemoteModel
from rag.types import Done, Text
from rag.wording import NO_MODEL
from tests.rag.conftest import make_pipeline
from tests.rag.tiny_chat import save_tiny_chat

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

#: Seconds that the service has to come up, on a machine that is busy.
_PATIENCE = 240


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """The name of a tiny model, the address of the service that serves it, and its process."""
    folder = save_tiny_chat(tmp_path / "tiny")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--port", str(port), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process, tmp_path / "log")
        yield str(folder), f"{url}/v1", process
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not come up: {log.read_text(errors='replace')[-2000:]}")


def test_a_served_model_streams_and_when_it_is_killed_the_documents_answer(
    served: tuple[str, str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    name, url, process = served
    model = RemoteModel(name, url, seconds=120, silence=60, attempts=1)
    pieces = list(model.stream("instructions", "request", 30))
    assert len(pieces) > 1
    assert complete(model, "instructions", "request", 30) == "".join(pieces).strip(), "the same words every time"

    stream = model.stream("instructions", "request", 3000)
    next(stream)
    process.kill()
    with pytest.raises(LanguageModelError, match="broke off"):
        list(stream)

    steps = list(make_pipeline(tmp_path / "index", model=model).stream("2030年新增公共充电桩多少个?"))
    assert isinstance(steps[-1], Done)
    answer = steps[-1].trace.answer
    assert "210" in (answer.answer or "")
    assert answer.answer == "".join(step.text for step in steps if isinstance(step, Text))
    assert answer.notice == NO_MODEL[answer.language]
