"""Whether both engines find the same, and how a Milvus server answers as it grows: `python -m eval.engines`.

Without `--uri` the server is `milvus-lite server`, started here on loopback: a test double written in Python, whose
times tell nothing of a Milvus server. With `--uri` it is any server; collections named `eval_…` are made there and
dropped in the end.

Two indexes hold the same: one in files, one moved from it to the server. Every question of the benchmark is asked of
both. Rankings are alike where no passage among the first ten of either has a score that differs by more than `TIE`
between them: what lies closer is a tie, since the embedded engine rounds the lengths of texts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.glossary import load_glossary
from corpus.translations import Translations
from eval.cases import read_cases
from eval.corpora import DISTRICT, PROVINCES, load_corpus
from eval.scale import FILTERS, QUESTIONS, ClusteredEncoder, varied
from index import tokenize
from index.build import build_index
from index.embedded import EmbeddedEngine
from index.engine import Store
from index.filter import EVERYTHING
from index.milvus import MilvusEngine
from index.milvus_server import Place
from index.search import HybridSearch, Weights
from index.store import open_index
from rag import assemble
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from index.search import Candidate
    from index.store import OpenIndex

OUT = Path(__file__).with_name("ENGINES.md")
#: Passages that are compared, and the difference of fused scores (0 to 1) up to which two rank equally.
FIRST, TIE = 10, 0.02
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the first ten of two rankings are the same, whether they are but for ties, and the worst difference."""

    same: bool
    but_for_ties: bool
    difference: float


def compare(one: Sequence[Candidate], other: Sequence[Candidate]) -> Agreement:
    """Compare two rankings of the same passages."""
    firsts = [[candidate.row for candidate in ranked[:FIRST]] for ranked in (one, other)]
    scores = [{candidate.row: candidate.fused for candidate in ranked} for ranked in (one, other)]
    rows = {row for first in firsts for row in first}
    difference = max((abs(scores[0].get(row, 0.0) - scores[1].get(row, 0.0)) for row in rows), default=0.0)
    return Agreement(set(firsts[0]) == set(firsts[1]), difference <= TIE, difference)


def move(settings: Settings, place: Place, folder: Path) -> OpenIndex:
    """Return the index of some settings as a server holds it; the one that is there stays where it is."""
    shutil.copytree(settings.index_dir, folder, copy_function=_link)
    own = settings.model_copy(update={"data_dir": folder.parent, **_as_settings(place)})
    assemble.migrate_index(own, Store.MILVUS, lambda done, total: None)
    return open_index(folder, {Store.MILVUS: MilvusEngine(place)})


def _as_settings(place: Place) -> dict[str, object]:
    from pydantic import SecretStr

    return {
        "milvus_uri": place.uri,
        "milvus_token": SecretStr(place.token),
        "milvus_database": place.database,
        "milvus_name": place.name,
        "milvus_seconds": place.seconds,
    }


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@contextmanager
def lite_server() -> Iterator[str]:
    """Run the test double on a free port of loopback; yield its address."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="district-qa-milvus-")
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", folder, "--host", HOST, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it says that it listens
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Grown:
    """What a server took at one size: seconds to write, milliseconds a query (p50, p95) by what is asked."""

    passages: int
    build: float
    milliseconds: Mapping[str, tuple[float, float]]


def grow(place: Place, passages: int, queries: int) -> Grown:
    """Build an index of so many stand-in passages on a server and ask it."""
    settings, encoder = Settings(), ClusteredEncoder()
    tokenize.add_words(load_glossary().chinese_names)
    seeds = [document for name in (DISTRICT, PROVINCES) for document in load_corpus(name, settings).documents]
    engine = MilvusEngine(place)
    with tempfile.TemporaryDirectory(prefix="district-qa-engines-") as folder:
        documents = list(varied(seeds, passages))
        began = time.perf_counter()
        manifest = build_index(documents, Translations({}), encoder, Path(folder), engine=engine)
        seconds = time.perf_counter() - began
        index = open_index(Path(folder), {Store.MILVUS: engine})
        sides = {"dense": Weights(1, 0), "BM25": Weights(0, 1), "both": Weights(0.5, 0.5)}
        asked = _questions()[:: max(1, len(_questions()) // queries)]
        searches = {name: HybridSearch(index, encoder, weights) for name, weights in sides.items()}
        times = {name: _times(asked, search.search) for name, search in searches.items()}
        both = searches["both"]
        times["filtered"] = _times(asked, lambda text: both.search(text, (), FILTERS[len(text) % len(FILTERS)]))
    return Grown(manifest.passages, seconds, times)


def _times(questions: Sequence[str], ask: Callable[[str], object]) -> tuple[float, float]:
    ask(questions[0])
    seconds = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - began)
    low, high = np.percentile(seconds, (50, 95))
    return float(low) * 1e3, float(high) * 1e3


def _questions() -> list[str]:
    return [case.question for path in sorted(QUESTIONS.glob("*.jsonl")) for case in read_cases(path)]


def report(agreed: Mapping[str, Sequence[Agreement]], grown: Sequence[Grown], sizes: str, server: str) -> str:
    """Return all figures as Markdown."""
    lines = [
        "# Both engines",
        "",
        f"Written by `python -m eval.engines --sizes {sizes}` ({os.cpu_count()} cores) against {server}.",
        "",
        f"The first {FIRST} passages for each question of the benchmark, of one index in files and on the server.",
        f"`but for ties`: no passage among them has a fused score that differs by more than {TIE}.",
        "",
        "| asked | questions | the same | but for ties | largest difference of a score |",
        "|---|---|---|---|---|",
    ]
    for name, found in agreed.items():
        same, ties = (sum(values) / len(found) for values in ([a.same for a in found], [a.but_for_ties for a in found]))
        worst = max(agreement.difference for agreement in found)
        lines.append(f"| {name} | {len(found)} | {same:.1%} | {ties:.1%} | {worst:.3f} |")
    if grown:
        lines += [
            "",
            "How it grows, with stand-in texts and vectors (see `eval/SCALE.md`); milliseconds a question, p50 / p95.",
            "",
            "| passages | build s | " + " | ".join(grown[0].milliseconds) + " |",
            "|" + "---|" * (2 + len(grown[0].milliseconds)),
        ]
    for one in grown:
        cells = " | ".join(f"{low:.1f} / {high:.1f}" for low, high in one.milliseconds.values())
        lines.append(f"| {one.passages:,} | {one.build:.0f} | {cells} |")
    return "\n".join(lines) + "\n"


def agreements(settings: Settings, place: Place, questions: Sequence[str]) -> dict[str, list[Agreement]]:
    """Ask both engines all questions, without a filter and under four of them."""
    encoder = assemble.make_encoder(settings)
    tokenize.add_words(load_glossary().chinese_names)
    weights = Weights(settings.dense_weight, settings.keyword_weight)
    with tempfile.TemporaryDirectory(prefix="district-qa-engines-") as folder:
        indexes = (
            open_index(settings.index_dir, {Store.FAISS: EmbeddedEngine()}),
            move(settings, place, Path(folder) / "index"),
        )
        one, other = (HybridSearch(index, encoder, weights) for index in indexes)
        asked = {"all": (EVERYTHING,), "filtered": FILTERS}
        return {
            name: [
                compare(one.search(text, (), within), other.search(text, (), within))
                for number, text in enumerate(questions)
                for within in [filters[number % len(filters)]]
            ]
            for name, filters in asked.items()
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, measure, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m eval.engines", description="Compare both engines.")
    parser.add_argument("--uri", help="a Milvus server; else the lite server, started here")
    parser.add_argument("--token", default="", help="its token")
    parser.add_argument("--sizes", default="", help="numbers of stand-in passages to measure, such as 1000,10000")
    parser.add_argument("--queries", type=int, default=100, help="questions asked at each size")
    parser.add_argument("--out", type=Path, default=OUT, help="Markdown file that is written")
    chosen = parser.parse_args(arguments)
    if chosen.uri:
        text = _measured(chosen, chosen.uri, f"a server at {chosen.uri}")
    else:
        with lite_server() as uri:
            text = _measured(chosen, uri, "`milvus-lite server`, a test double: its times are not those of Milvus")
    chosen.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _measured(chosen: argparse.Namespace, uri: str, server: str) -> str:
    def place(name: str) -> Place:
        return Place(uri, chosen.token, "default", name, 600)

    agreed = agreements(Settings(), place("eval_agreement"), _questions())
    grown = []
    for size in filter(None, chosen.sizes.split(",")):
        grown.append(grow(place(f"eval_grown_{size}"), int(size), chosen.queries))
        print(grown[-1], file=sys.stderr, flush=True)
    return report(agreed, grown, chosen.sizes or "''", server)


if __name__ == "__main__":
    sys.exit(main())
