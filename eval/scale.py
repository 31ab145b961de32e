"""How the index grows: `python -m eval.scale --sizes 1000,10000,100000`.

Texts are those that ship with the project, multiplied and varied: every copy has other figures, and one character of
Chinese in twenty is drawn anew from the same texts, so that the vocabulary grows as it does with new documents.
Vectors stand in for an encoder's: clustered around subjects as texts are, since encoding a million passages takes a
day and tells nothing about the index. Everything else is the real way: `build_index`, then `HybridSearch` over the
opened index with the questions of the benchmark, and the passages of the best hits read.

Each size is built and then opened in a process of its own, so that memory is what that step took. Seconds are of this
machine as it was; compare the rows of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.passages import cut_passages
from corpus.translations import Translations
from corpus.types import text_id
from eval.cases import read_cases
from eval.corpora import DISTRICT, PROVINCES, load_corpus
from index import tokenize
from index.build import build_index
from index.search import HybridSearch, Weights
from index.store import open_index
from rag.retrieve import CONSIDERED
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus.types import Document
    from index.store import Manifest

OUT = Path(__file__).with_name("SCALE.md")
QUESTIONS = Path(__file__).with_name("questions")
DIMENSION = 384
#: Subjects that vectors gather around, in fields; what a text's own vector strays from its subject, by length.
_SUBJECTS, _FIELDS, _STRAY = 5000, 50, 0.9
#: Share of Chinese characters drawn anew in every copy.
_VARIED = 0.05
_HAN = (0x4E00, 0x9FFF)
_NONE = Translations({})


class ClusteredEncoder:
    """Vectors as an encoder's might lie: each text near the subject that its hash chooses."""

    name, dimension = "clustered", DIMENSION

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        fields = random.standard_normal((_FIELDS, DIMENSION))
        subjects = fields[random.integers(0, _FIELDS, _SUBJECTS)] + random.standard_normal((_SUBJECTS, DIMENSION))
        self._subjects = (subjects / np.linalg.norm(subjects, axis=1, keepdims=True)).astype(np.float32)

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        """Return vectors of shape (len(texts), dimension)."""
        hashes = np.array([zlib.crc32(text.encode()) for text in texts], np.int64)
        random = np.random.default_rng(hashes[:1])
        stray = random.standard_normal((len(texts), DIMENSION), np.float32) * np.float32(_STRAY / DIMENSION**0.5)
        vectors = self._subjects[hashes % _SUBJECTS] + stray
        if progress:
            progress(len(texts))
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one query, of shape (dimension,)."""
        vector: NDArray[np.float32] = self.encode_passages([text])[0]
        return vector


def varied(documents: Sequence[Document], passages: int) -> Iterator[Document]:
    """Yield documents in ever new copies of equal length, until they have so many passages."""
    sizes = [len(cut_passages(document)) for document in documents]
    codes = [np.frombuffer(document.text.encode("utf-32-le"), np.uint32) for document in documents]
    everything = np.concatenate(codes)
    han = everything[(everything >= _HAN[0]) & (everything <= _HAN[1])]
    random = np.random.default_rng(2)
    made = 0
    while True:
        for document, size, code in zip(documents, sizes, codes, strict=True):
            if made >= passages:
                return
            text = _vary(code, han, random)
            yield replace(document, id=text_id(text), text=text)
            made += size


def _vary(code: NDArray[np.uint32], han: NDArray[np.uint32], random: np.random.Generator) -> str:
    new = code.copy()
    digits = (code >= ord("0")) & (code <= ord("9"))
    new[digits] = random.integers(ord("0"), ord("9") + 1, digits.sum())
    chosen = (code >= _HAN[0]) & (code <= _HAN[1]) & (random.random(len(code)) < _VARIED)
    new[chosen] = random.choice(han, chosen.sum())
    return new.tobytes().decode("utf-32-le")


@dataclass(frozen=True, slots=True)
class Built:
    """What building one size took: seconds, megabytes."""

    passages: int
    search: str
    recall_at_10: float
    seconds: float
    add_one: float
    remove_one: float
    peak_mb: float
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Served:
    """What serving one size took: milliseconds a query, megabytes of memory of its own and of mapped files."""

    open_ms: float
    dense_p50: float
    dense_p95: float
    keyword_p50: float
    keyword_p95: float
    total_p50: float
    total_p95: float
    own_mb: float
    mapped_mb: float


def build(folder: Path, passages: int) -> Built:
    """Build an index of so many passages, then add one document, then remove it."""
    settings = Settings()
    seeds = [document for name in (DISTRICT, PROVINCES) for document in load_corpus(name, settings).documents]
    *documents, extra = varied(seeds, passages + 1)
    encoder = ClusteredEncoder()

    def timed(held: Sequence[Document]) -> tuple[Manifest, float]:
        began = time.perf_counter()
        return build_index(held, _NONE, encoder, folder), time.perf_counter() - began

    manifest, seconds = timed(documents)
    add_one = timed([*documents, extra])[1]
    remove_one = timed(documents)[1]
    serving = next((folder / "builds").iterdir())
    return Built(
        passages=manifest.passages,
        search=manifest.search,
        recall_at_10=manifest.recall_at_10,
        seconds=round(seconds, 1),
        add_one=round(add_one, 1),
        remove_one=round(remove_one, 1),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        disk_mb=round(sum(path.stat().st_size for path in serving.rglob("*")) / 1e6),
    )


def serve(folder: Path) -> Served:
    """Open an index and ask it the shipped questions, once to warm up and once to count."""
    encoder = ClusteredEncoder()
    tokenize.terms("词典")  # reads its dictionary, which is not the index's
    before = _memory()
    began = time.perf_counter()
    index = open_index(folder)
    opened = time.perf_counter() - began
    questions = [case.question for path in sorted(QUESTIONS.glob("*.jsonl")) for case in read_cases(path)]
    sides = {
        "dense": HybridSearch(index, encoder, Weights(1, 0)),
        "keyword": HybridSearch(index, encoder, Weights(0, 1)),
        "total": HybridSearch(index, encoder, Weights(0.5, 0.5)),
    }
    figures: dict[str, float] = {}
    for name, search in sides.items():
        for _ in range(2):
            seconds = []
            for question in questions:
                began = time.perf_counter()
                found = search.search(question)
                if name == "total":
                    index.library.passages([candidate.row for candidate in found[:CONSIDERED]])
                seconds.append(time.perf_counter() - began)
        for share in (50, 95):
            figures[f"{name}_p{share}"] = round(float(np.percentile(seconds, share)) * 1e3, 2)
    after = _memory()
    own, mapped = (round(after[kind] - before[kind]) for kind in ("Anonymous", "Mapped"))
    return Served(open_ms=round(opened * 1e3, 1), own_mb=own, mapped_mb=mapped, **figures)


def _memory() -> dict[str, float]:
    """Return this process's resident memory in megabytes: its own, and of mapped files (which the system can drop)."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return {"Anonymous": sizes["Anonymous"], "Mapped": sizes["Rss"] - sizes["Anonymous"]}


def table(rows: Sequence[tuple[Built, Served]]) -> str:
    """Return the figures as Markdown."""
    columns = (
        "passages",
        "vectors searched",
        "recall@10",
        "dense p50 / p95 ms",
        "BM25 p50 / p95 ms",
        "both, fused, 60 passages read, p50 / p95 ms",
        "open ms",
        "own / mapped MB",
        "build s",
        "add / remove one s",
        "build's peak MB",
        "disk MB",
    )
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for built, served in rows:
        cells = (
            f"{built.passages:,}",
            built.search,
            built.recall_at_10,
            f"{served.dense_p50} / {served.dense_p95}",
            f"{served.keyword_p50} / {served.keyword_p95}",
            f"{served.total_p50} / {served.total_p95}",
            served.open_ms,
            f"{served.own_mb:.0f} / {served.mapped_mb:.0f}",
            built.seconds,
            f"{built.add_one} / {built.remove_one}",
            f"{built.peak_mb:.0f}",
            f"{built.disk_mb:.0f}",
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


_INTRODUCTION = """# How the index grows

Written by `python -m eval.scale --sizes {sizes}` ({cores} cores). Texts are the shipped ones, multiplied and varied;
vectors are clustered stand-ins of {dimension} dimensions, so building is without encoding; queries are the {count}
shipped questions, one at a time, their encoding not counted. `own` is what opening and asking added to the memory of
the process itself, `mapped` what of the files was resident, which the system takes back when it is short.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all sizes and write the table."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description="Measure how the index grows.")
    parser.add_argument("--sizes", default="1000,10000,100000", help="numbers of passages")
    parser.add_argument("--out", type=Path, default=OUT, help="Markdown file that is written")
    parser.add_argument("--folder", type=Path, help="where indexes are built and left; else a temporary folder")
    parser.add_argument("--step", choices=("build", "serve"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step:
        step = build(chosen.folder, int(chosen.sizes)) if chosen.step == "build" else serve(chosen.folder)
        print(json.dumps(asdict(step)))
        return 0
    rows = [_measure(int(size), chosen.folder) for size in chosen.sizes.split(",")]
    count = sum(len(read_cases(path)) for path in QUESTIONS.glob("*.jsonl"))
    introduction = _INTRODUCTION.format(sizes=chosen.sizes, cores=os.cpu_count(), dimension=DIMENSION, count=count)
    text = introduction + table(rows) + "\n"
    chosen.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _measure(size: int, kept: Path | None) -> tuple[Built, Served]:
    folder = kept / str(size) if kept else Path(tempfile.mkdtemp(prefix="district-qa-scale-"))
    try:
        built = Built(**_step("build", folder, size))
        print(built, file=sys.stderr, flush=True)
        served = Served(**_step("serve", folder, size))
        print(served, file=sys.stderr, flush=True)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    return built, served


def _step(step: str, folder: Path, size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.scale", "--step", step, "--folder", str(folder), "--sizes", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    sys.exit(main())
