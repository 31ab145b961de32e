"""How the index grows: `python -m eval.scale --sizes 1000,10000,100000`.

Texts are those that ship with the project, multiplied and varied: every copy has other figures, and one character of
Chinese in twenty is drawn anew from the same texts, so that the vocabulary grows as it does with new documents.
Vectors stand in for an encoder's: clustered around subjects as texts are, since encoding a million passages takes a
day and tells nothing about the index. Everything else is the real way: `build_index`, then `HybridSearch` over the
opened index with the questions of the benchmark, with filters and without, and the whole way to an answer.

Each size is built and then opened in a process of its own, so that memory is what that step took. Seconds are of this
machine as it was; compare the rows of one run.
"""

from __future__ import annotations

import argparse
import functools
import itertools
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
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.glossary import load_glossary
from corpus.passages import cut_passages
from corpus.translations import Translations
from corpus.types import text_id
from eval.cases import read_cases
from eval.corpora import DISTRICT, PROVINCES, load_corpus
from index import tokenize
from index.build import build_index
from index.filter import EVERYTHING, Filter
from index.search import HybridSearch, Weights
from index.store import current_build, open_index
from rag.assemble import make_pipeline
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
#: Filters in turn: one year, a span of years and a status, a kind of document, a status alone.
FILTERS = (
    Filter.parse(periods=("2019",)),
    Filter.parse(periods=("2016-2020",), statuses=("actual",)),
    Filter.parse(kinds=("report",)),
    Filter.parse(statuses=("target",)),
)
#: Of so many questions one is answered; the day from which its years count.
_ANSWERED = 4
TODAY = date(2025, 7, 9)


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
    """What serving one size took: milliseconds, and megabytes of memory of the process's own and of mapped files.

    `filtered` is the fused search under a filter that was used before, `new_filter` the worst first use of one;
    `answer` is the whole way of a question; the memory is that of the process when all of it has been asked.
    """

    open_ms: float
    dense_p50: float
    dense_p95: float
    keyword_p50: float
    keyword_p95: float
    total_p50: float
    total_p95: float
    filtered_p50: float
    filtered_p95: float
    new_filter: float
    answer_p50: float
    answer_p95: float
    own_mb: float
    mapped_mb: float


def build(folder: Path, passages: int) -> Built:
    """Build an index of so many passages in the data folder `folder`, then add one document, then remove it."""
    settings, glossary = Settings(data_dir=folder), load_glossary()
    tokenize.add_words(glossary.chinese_names)
    seeds = [document for name in (DISTRICT, PROVINCES) for document in load_corpus(name, settings).documents]
    *documents, extra = varied(seeds, passages + 1)
    encoder = ClusteredEncoder()

    def timed(held: Sequence[Document]) -> tuple[Manifest, float]:
        began = time.perf_counter()
        manifest = build_index(held, _NONE, encoder, settings.index_dir, glossary=glossary)
        return manifest, time.perf_counter() - began

    manifest, seconds = timed(documents)
    add_one = timed([*documents, extra])[1]
    remove_one = timed(documents)[1]
    serving = current_build(settings.index_dir)
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
    encoder, settings = ClusteredEncoder(), Settings(data_dir=folder)
    tokenize.add_words(load_glossary().chinese_names)
    began = time.perf_counter()
    index = open_index(settings.index_dir)
    opened = time.perf_counter() - began
    questions = [case.question for path in sorted(QUESTIONS.glob("*.jsonl")) for case in read_cases(path)]
    search = HybridSearch(index, encoder, Weights(0.5, 0.5))

    def read(question: str, within: Filter = EVERYTHING) -> None:
        found = search.search(question, (), within)
        index.library.passages([candidate.row for candidate in found[:CONSIDERED]])

    first_uses = [_seconds(functools.partial(read, questions[0], within)) for within in FILTERS]
    within = itertools.cycle(FILTERS)
    pipeline = make_pipeline(settings, encoder, lambda: TODAY)
    asked: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "dense": (HybridSearch(index, encoder, Weights(1, 0)).search, questions),
        "keyword": (HybridSearch(index, encoder, Weights(0, 1)).search, questions),
        "total": (read, questions),
        "filtered": (lambda question: read(question, next(within)), questions),
        "answer": (pipeline.ask, questions[::_ANSWERED]),
    }
    figures: dict[str, float] = {}
    for name, (ask, texts) in asked.items():
        for _ in range(2):
            seconds = [_seconds(functools.partial(ask, text)) for text in texts]
        for share in (50, 95):
            figures[f"{name}_p{share}"] = _ms(float(np.percentile(seconds, share)))
    memory = _memory()
    return Served(
        open_ms=_ms(opened),
        new_filter=_ms(max(first_uses)),
        own_mb=round(memory["Anonymous"]),
        mapped_mb=round(memory["Mapped"]),
        **figures,
    )


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 1 if seconds > 0.01 else 2)


def _memory() -> dict[str, float]:
    """Return this process's resident memory in megabytes: its own, and of mapped files (which the system can drop)."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return {"Anonymous": sizes["Anonymous"], "Mapped": sizes["Rss"] - sizes["Anonymous"]}


def table(rows: Sequence[tuple[Built, Served]]) -> str:
    """Return the figures as Markdown."""
    columns: dict[str, Callable[[Built, Served], str]] = {
        "passages": lambda b, s: f"{b.passages:,}",
        "vectors searched": lambda b, s: b.search,
        "recall@10": lambda b, s: str(b.recall_at_10),
        "dense": lambda b, s: f"{s.dense_p50} / {s.dense_p95}",
        "BM25": lambda b, s: f"{s.keyword_p50} / {s.keyword_p95}",
        "both": lambda b, s: f"{s.total_p50} / {s.total_p95}",
        "filtered": lambda b, s: f"{s.filtered_p50} / {s.filtered_p95}",
        "new filter": lambda b, s: f"{s.new_filter}",
        "answer": lambda b, s: f"{s.answer_p50} / {s.answer_p95}",
        "open": lambda b, s: f"{s.open_ms}",
        "memory MB": lambda b, s: f"{s.own_mb:.0f} + {s.mapped_mb:.0f}",
        "disk MB": lambda b, s: f"{b.disk_mb:.0f}",
        "build s": lambda b, s: f"{b.seconds}",
        "build's peak MB": lambda b, s: f"{b.peak_mb:.0f}",
        "add / remove one s": lambda b, s: f"{b.add_one} / {b.remove_one}",
    }
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell(*row) for cell in columns.values()) + " |" for row in rows]
    return "\n".join(lines)


_INTRODUCTION = """# How the index grows

Written by `python -m eval.scale --sizes {sizes}` ({cores} cores). Texts are the shipped ones, multiplied and varied;
vectors are clustered stand-ins of {dimension} dimensions, so building is without encoding; queries are the {count}
shipped questions, one at a time, their encoding not counted. Latencies are milliseconds, p50 / p95:

- `dense`, `BM25`: each side alone. `both`: both sides, fused, and the best {considered} passages read.
- `filtered`: the same under one of {filters} filters in turn (a year; a span and a status; a kind; a status), used
  before; `new filter`: the slowest first use of one, when the rows that fit it are gathered.
- `answer`: from question to answer or refusal, all of retrieval, weighing, indicators and citing, of every
  {answered}th question.
- `memory`: what the process that answers holds at the end, programs and dictionaries included: its own + what is
  resident of mapped files, which the system takes back when it is short. `open`: milliseconds.
- `build`: everything anew; `add / remove one`: one document of some {one} passages more, and less.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all sizes and write the table."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description="Measure how the index grows.")
    parser.add_argument("--sizes", default="1000,10000,100000", help="numbers of passages")
    parser.add_argument("--out", type=Path, default=OUT, help="Markdown file that is written")
    parser.add_argument(
        "--folder", type=Path, help="where indexes are built and left, and found again; else a temporary one"
    )
    parser.add_argument("--step", choices=("build", "serve"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step:
        step = build(chosen.folder, int(chosen.sizes)) if chosen.step == "build" else serve(chosen.folder)
        print(json.dumps(asdict(step)))
        return 0
    rows = [_measure(int(size), chosen.folder) for size in chosen.sizes.split(",")]
    count = sum(len(read_cases(path)) for path in QUESTIONS.glob("*.jsonl"))
    introduction = _INTRODUCTION.format(
        sizes=chosen.sizes,
        cores=os.cpu_count(),
        dimension=DIMENSION,
        count=count,
        considered=CONSIDERED,
        filters=len(FILTERS),
        answered=_ANSWERED,
        one=70,
    )
    text = introduction + table(rows) + "\n"
    chosen.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _measure(size: int, kept: Path | None) -> tuple[Built, Served]:
    folder = kept / str(size) if kept else Path(tempfile.mkdtemp(prefix="district-qa-scale-"))
    try:
        built = _built(folder, size)
        print(built, file=sys.stderr, flush=True)
        served = Served(**_step("serve", folder, size))
        print(served, file=sys.stderr, flush=True)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    return built, served


def _built(folder: Path, size: int) -> Built:
    """Return what building a size took; what stands in a folder that is kept is not built again."""
    record = folder / "built.json"
    if not record.exists():
        folder.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(_step("build", folder, size)), encoding="utf-8")
    return Built(**json.loads(record.read_text(encoding="utf-8")))


def _step(step: str, folder: Path, size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.scale", "--step", step, "--folder", str(folder), "--sizes", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    sys.exit(main())
