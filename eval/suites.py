"""Question files opened together with the corpora that they ask about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.cases import Case, QuestionFileError, check, read_cases, unknown_keys
from eval.corpora import Corpus, corpus_name, load_corpus
from eval.datasets import is_beir, read_beir, read_squad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.settings import Settings

QUESTIONS = Path(__file__).with_name("questions")
SPLITS = ("dev", "test")


@dataclass(frozen=True, slots=True)
class Suite:
    """The questions of one file, and the name of the corpus that they are asked of."""

    name: str
    path: Path
    sha256: str
    corpus: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that is to be asked; `warnings` are faults that do not keep a question from being asked."""

    suites: tuple[Suite, ...]
    corpora: dict[str, Corpus]
    warnings: tuple[str, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases in order."""
        return tuple(case for suite in self.suites for case in suite.cases)


def shipped(split: str | None = None) -> list[Path]:
    """Return the question files of this project, of one split or of both."""
    return sorted(QUESTIONS.glob(f"*-{split}.jsonl" if split else "*.jsonl"))


def open_suites(
    paths: Sequence[Path], settings: Settings, corpus: str | None = None, limit: int | None = None
) -> Opened:
    """Read question files (`.jsonl`), SQuAD-style files (`.json`) and BEIR-style folders, with their corpora.

    `corpus` overrides which corpus question files are asked of; `limit` takes the first so many of each file.

    Raises:
        QuestionFileError: a file is faulty, or two files use one id.
        CorpusError: there is no corpus of the name.
    """
    suites: list[Suite] = []
    corpora: dict[str, Corpus] = {}
    warnings: list[str] = []
    for path in paths:
        suite, own = _open(path, corpus)
        if own is None:
            corpora.setdefault(suite.corpus, load_corpus(suite.corpus, settings))
            warnings += _doubts(suite, corpora[suite.corpus])
        elif suite.corpus in corpora:
            raise QuestionFileError(f"{path}: there is another corpus named {suite.corpus}; rename the file or folder")
        else:
            corpora[suite.corpus] = own
        suites.append(replace(suite, cases=suite.cases[:limit]))
    _require_unique(suites)
    return Opened(tuple(suites), corpora, tuple(warnings))


def _open(path: Path, corpus: str | None) -> tuple[Suite, Corpus | None]:
    """Return a suite, and its corpus where it brings its own."""
    if is_beir(path):
        dataset = read_beir(path)
        parts = [path / "corpus.jsonl", path / "queries.jsonl", *sorted((path / "qrels").glob("*.tsv"))]
        return Suite(path.resolve().name, path, _sha256(*parts), dataset.corpus.name, dataset.cases), dataset.corpus
    if path.suffix == ".json":
        dataset = read_squad(path)
        return Suite(path.name, path, _sha256(path), dataset.corpus.name, dataset.cases), dataset.corpus
    cases = read_cases(path)
    return Suite(path.name, path, _sha256(path), corpus or corpus_name(path), cases), None


def _doubts(suite: Suite, corpus: Corpus) -> list[str]:
    """Return what is odd about a question file but does not make it unusable."""
    keys = unknown_keys(suite.path)
    found = [f"{suite.name}: these keys are not of the format and are ignored: {', '.join(keys)}"] if keys else []
    return found + [f"{suite.name}, {fault}" for fault in check(suite.cases, corpus.sources)]


def _sha256(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _require_unique(suites: Sequence[Suite]) -> None:
    home: dict[str, str] = {}
    for suite in suites:
        for case in suite.cases:
            other = home.setdefault(case.id, suite.name)
            if other != suite.name:
                raise QuestionFileError(f"{suite.path}: the id {case.id} is used in {other} too; a run needs each once")
