"""How fast it is on this machine: `python -m eval.speed`.

Encoding is measured against the machine's own matrix product and every engine against the others, by turns in one
process, several times over; the table gives medians. Other work on the machine makes all figures worse but hardly
moves their ratios. Start-up and memory are those of fresh processes over the index that serves.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from corpus.passages import cut_passages
from eval.cases import read_cases
from eval.suites import shipped
from index.backends import Backend, open_embedded
from index.converted import PIECES
from index.e5 import e5_folder
from index.pieces import Pieces
from rag import assemble
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from index.encoder import Encoder
    from rag.pipeline import Pipeline

ENGINES = (Backend.ONNX_INT8, Backend.ONNX, Backend.TORCH)
#: Edge of the square matrices of the roofline.
_EDGE = 2048
#: Multiplications and additions of the embedded model: a token's (12 layers of 384 x 384 and 384 x 1536 matrices), and
#: what is added for every pair of tokens by attention.
_PER_TOKEN, _PER_PAIR = 12 * 2 * (4 * 384 * 384 + 2 * 384 * 1536), 12 * 4 * 384
_READY_WITHIN = 120.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """One engine: medians over repetitions, and how exact it is.

    `roofline` is the share of the matrix product's rate that encoding reaches; `times_faster` than torch by queries;
    `least_cosine` over all vectors, with those of torch.
    """

    engine: Backend
    passages_per_second: float
    roofline: float
    query_ms: float
    times_faster: float
    least_cosine: float


def matrix_rate() -> float:
    """Return the floating point operations a second of a float32 matrix product on all cores, best of three."""
    left, right = (np.random.default_rng(seed).random((_EDGE, _EDGE), np.float32) for seed in (1, 2))
    return 2 * _EDGE**3 / min(seconds(lambda: left @ right) for _ in range(3))


def operations(tokens: Sequence[int]) -> float:
    """Return the floating point operations that texts of so many tokens need, padding not counted."""
    return float(sum(n * _PER_TOKEN + n * n * _PER_PAIR for n in tokens))


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_engines(
    engines: Mapping[Backend, Encoder], texts: Sequence[str], queries: Sequence[str], work: float, repeats: int
) -> list[EngineSpeed]:
    """Measure engines by turns; `work` is the number of operations that the texts need.

    Each repetition asks other queries, so that none comes from a cache; torch must be among the engines.
    """
    rates: dict[Backend, list[float]] = {engine: [] for engine in engines}
    shares: dict[Backend, list[float]] = {engine: [] for engine in engines}
    times: dict[Backend, list[float]] = {engine: [] for engine in engines}
    for engine in engines.values():  # the first texts of a process pay for what is set up only once
        engine.encode_passages(texts[:2])
        engine.encode_query("warm")
    for repeat in range(repeats):
        for name, engine in engines.items():
            roofline = matrix_rate()
            took = seconds(lambda e=engine: e.encode_passages(texts))  # type: ignore[misc]
            rates[name].append(len(texts) / took)
            shares[name].append(work / took / roofline)
        for query in queries[repeat::repeats]:
            for name, engine in engines.items():
                times[name].append(seconds(lambda e=engine, q=query: e.encode_query(q)))  # type: ignore[misc]
    vectors = {name: _vectors(engine, texts, queries) for name, engine in engines.items()}
    return [
        EngineSpeed(
            name,
            median(rates[name]),
            median(shares[name]),
            1000 * median(times[name]),
            median(slow / fast for slow, fast in zip(times[Backend.TORCH], times[name], strict=True)),
            float(np.einsum("ij,ij->i", vectors[name], vectors[Backend.TORCH]).min()),
        )
        for name in engines
    ]


def _vectors(engine: Encoder, texts: Sequence[str], queries: Sequence[str]) -> NDArray[np.float32]:
    return np.concatenate([engine.encode_passages(texts), np.stack([engine.encode_query(query) for query in queries])])


#: What a process does until it can answer, one after the other; each may use the names of those before.
_STAGES = {
    "python and the parts that answer": "from rag import assemble; from rag.settings import Settings",
    "embedding model": "settings = Settings(); encoder = assemble.make_encoder(settings)",
    "index, glossary, words": "pipeline = assemble.make_pipeline(settings, encoder)",
    "first answer": "pipeline.ask('去年新增了多少个公共停车位?')",
    "web libraries": "import fastapi, gradio, uvicorn",
}


def stages() -> dict[str, float]:
    """Return the processor seconds of each stage of starting, in a fresh process."""
    script = ["import json, time", "times = [time.process_time()]"]
    for code in _STAGES.values():
        script += [code, "times.append(time.process_time())"]
    script.append("print(json.dumps(times))")
    done = subprocess.run([sys.executable, "-c", "\n".join(script)], capture_output=True, text=True, check=True)
    times = [0.0, *json.loads(done.stdout)[1:]]
    return {stage: after - before for stage, before, after in zip(_STAGES, times, times[1:], strict=False)}


def serve_and_ask(questions: Sequence[str]) -> tuple[float, float | None]:
    """Start the service, ask it; return the seconds until it was ready, and its resident memory in MB after that.

    The memory is None where the system does not tell it in /proc.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "serve", "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(f"{address}/readyz"):
            if process.poll() is not None or time.perf_counter() - began > _READY_WITHIN:
                raise RuntimeError(f"the service was not ready within {_READY_WITHIN:.0f} s; try: district-qa serve")
            time.sleep(0.05)
        ready = time.perf_counter() - began
        for question in questions:
            body = json.dumps({"question": question}).encode()
            request = urllib.request.Request(
                f"{address}/api/v1/ask", body, {"content-type": "application/json"}, method="POST"
            )
            urllib.request.urlopen(request).read()
        return ready, _resident(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=5).status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _resident(pid: int) -> float | None:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def latency(pipeline: Pipeline, questions: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return p50 and p95 of each stage of an answer in milliseconds; every question is new."""
    answers = [pipeline.ask(question).seconds for question in questions]
    parts = {
        "retrieve": [s.retrieve for s in answers],
        "weigh and compose": [s.answer for s in answers],
        "total": [s.total for s in answers],
    }
    return {
        name: (1000 * float(np.percentile(values, 50)), 1000 * float(np.percentile(values, 95)))
        for name, values in parts.items()
    }


def _texts(settings: Settings, count: int) -> list[str]:
    library = assemble.make_library(settings)
    passages = [passage.text for document in library.documents for passage in cut_passages(document)]
    return passages[:: max(1, len(passages) // count)][:count]


def _questions() -> list[str]:
    """Return the shipped questions about the district, those of both languages by turns."""
    cases = [case for path in shipped(None) if path.name.startswith("district") for case in read_cases(path)]
    by_language = [[case.question for case in cases if case.lang == lang] for lang in ("zh", "en")]
    return [question for pair in zip(*by_language, strict=False) for question in pair]


@app.command()
def main(
    texts: Annotated[int, typer.Option(min=10, help="Passages to encode in each repetition.")] = 60,
    repeats: Annotated[int, typer.Option(min=1, help="Repetitions; the table gives medians.")] = 5,
) -> None:
    """Measure engines, start-up, memory and the way of a question; build the index first."""
    settings = Settings()
    folder, questions = e5_folder(settings.data_dir), _questions()
    sample = _texts(settings, texts)
    tokens = [len(ids) for ids in Pieces(folder / PIECES).encode([settings.passage_prefix + t for t in sample], 512)]
    typer.echo(f"{len(sample)} passages of {sum(tokens) / len(tokens):.0f} tokens, {repeats} repetitions")
    ready, resident = serve_and_ask(questions[:40])
    typer.echo(f"service ready after {ready:.1f} s, resident after 40 questions {resident or float('nan'):.0f} MB")
    typer.echo("start-up, processor seconds: " + ", ".join(f"{name} {s:.2f}" for name, s in stages().items()))
    pipeline = assemble.make_pipeline(settings, assemble.make_encoder(settings))
    for name, (p50, p95) in latency(pipeline, questions[40:140]).items():
        typer.echo(f"question, {name:18} p50 {p50:5.1f} ms  p95 {p95:5.1f} ms")
    engines = {
        engine: open_embedded(folder, engine, settings.query_prefix, settings.passage_prefix) for engine in ENGINES
    }
    typer.echo(f"{'engine':10} passages/s  of roofline   query  times torch  least cosine")
    for s in measure_engines(engines, sample, questions[:50], operations(tokens), repeats):
        typer.echo(
            f"{s.engine:10} {s.passages_per_second:10.1f}  {s.roofline:11.2f}  {s.query_ms:5.1f}ms"
            f" {s.times_faster:11.2f}  {s.least_cosine:12.4f}"
        )


if __name__ == "__main__":
    app()
