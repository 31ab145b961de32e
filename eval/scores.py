"""Scoring a run: what each case contributes, and every measure over all cases and by kind, language and corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter, ValidationError

from corpus.passages import cut_passages
from eval import measures
from eval.bootstrap import interval
from eval.gold import read_gold_dates
from eval.records import Outcome, Record
from eval.relevance import Relevance
from eval.table import MEASURES, Contribution, Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eval.bootstrap import Floats
    from eval.cases import Case
    from eval.corpora import Corpus
    from eval.relevance import Judgement
    from eval.suites import Suite


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a run as scored: what it is, and what it contributes to each measure that it bears on."""

    id: str
    digest: str
    file: str
    corpus: str
    lang: str
    type: str
    contributions: dict[str, Contribution]


@dataclass(frozen=True, slots=True)
class Group:
    """A selection of cases: `kind` is all, corpus, lang, type or file; `key` which of them."""

    kind: str
    key: str


ALL = Group("all", "")


@dataclass(frozen=True, slots=True)
class Score:
    """A measure over a group of cases, with its confidence interval."""

    measure: str
    group: Group
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Scores:
    """All that was scored in one run."""

    scores: tuple[Score, ...]
    rows: tuple[Row, ...]

    def find(self, measure: str, group: Group = ALL) -> Score | None:
        """Return one score; None where no case of the group bears on the measure."""
        return next((s for s in self.scores if s.measure == measure and s.group == group), None)

    def groups(self, kind: str) -> tuple[Group, ...]:
        """Return the groups of a kind, in order."""
        return tuple(dict.fromkeys(score.group for score in self.scores if score.group.kind == kind))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What scoring needs of a corpus."""

    relevance: Relevance
    titles: tuple[str, ...]
    passages: dict[str, str]

    @classmethod
    def of(cls, corpus: Corpus) -> _Shelf:
        # Longest first, so that a title that is part of another does not leave the rest of that standing.
        titles = {title for document in corpus.documents for title in (document.title, *document.other_titles)}
        passages = {passage.id: passage.text for document in corpus.documents for passage in cut_passages(document)}
        return cls(Relevance(corpus), tuple(sorted(filter(None, titles), key=len, reverse=True)), passages)


def make_items(
    suites: Sequence[Suite], corpora: Mapping[str, Corpus], records: Mapping[str, Record]
) -> tuple[Item, ...]:
    """Put every case together with its answer and what is relevant to it.

    A case without an answer counts as one that ended in an error, so that nobody gains by silence.
    """
    shelves = {name: _Shelf.of(corpus) for name, corpus in corpora.items()}
    gold = read_gold_dates()
    asked = [(suite, case) for suite in suites for case in suite.cases]
    judged = {case.id: shelves[suite.corpus].relevance.judge(case) for suite, case in asked}
    known = {case.id: records.get(case.id) or _silence(case.id) for _, case in asked}
    ranked = _rank([case for _, case in asked], known, judged)
    return tuple(
        Item(
            case=case,
            file=suite.name,
            corpus=suite.corpus,
            record=known[case.id],
            judgement=judged[case.id],
            ranked=ranked.get(case.id),
            titles=shelves[suite.corpus].titles,
            passages=shelves[suite.corpus].passages,
            gold_dates=tuple(row for row in gold if row.corpus == suite.corpus),
        )
        for suite, case in asked
    )


def _silence(case_id: str) -> Record:
    return Record(case_id, Outcome.ERROR, error="no answer was recorded")


def _rank(
    cases: Sequence[Case], records: Mapping[str, Record], judged: Mapping[str, Judgement]
) -> dict[str, measures.Ranked]:
    bearing = {case.id: judged[case.id] for case in cases if case.answerable and judged[case.id].grades}
    runs = {case_id: measures.ranking(records[case_id], judgement) for case_id, judgement in bearing.items()}
    return measures.rank_all(runs, bearing) if bearing else {}


def score(items: Sequence[Item]) -> Scores:
    """Return every measure over every group of the cases."""
    rows = tuple(_row(item) for item in items)
    scores = []
    for group, members in grouped(rows).items():
        for measure in MEASURES:
            found = interval(measure.summary, column(members, measure.name))
            if found:
                scores.append(Score(measure.name, group, found.value, found.low, found.high, found.n))
    return Scores(tuple(scores), rows)


def _row(item: Item) -> Row:
    found = {measure.name: measure.contribution(item) for measure in MEASURES}
    kept = {name: contribution for name, contribution in found.items() if contribution is not None}
    case = item.case
    return Row(case.id, case.digest, item.file, item.corpus, str(case.lang), case.type, kept)


def grouped(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    """Return the groups that the rows fall into: all of them first, then by corpus, language, type and file."""
    groups: dict[Group, list[Row]] = {ALL: list(rows)}
    for kind in ("corpus", "lang", "type", "file"):
        for row in rows:
            groups.setdefault(Group(kind, getattr(row, kind)), []).append(row)
    return groups


def column(rows: Sequence[Row], measure: str) -> Floats:
    """Return the contributions to a measure, a row a case; NaN where a case does not bear on it."""
    found = [row.contributions.get(measure) for row in rows]
    width = max((len(contribution) for contribution in found if contribution), default=1)
    empty = (np.nan,) * width
    return np.array([contribution or empty for contribution in found], np.float64).reshape(len(rows), width)


_SCORES: TypeAdapter[Scores] = TypeAdapter(Scores)


class ScoresError(ValueError):
    """A folder that holds no scores to compare with."""


def write_scores(path: Path, scores: Scores) -> None:
    """Write scores as JSON."""
    path.write_bytes(_SCORES.dump_json(scores, indent=1))


def read_scores(path: Path) -> Scores:
    """Read what `write_scores` wrote.

    Raises:
        ScoresError: the file is not there or not of this form.
    """
    try:
        return _SCORES.validate_json(path.read_bytes())
    except OSError as error:
        raise ScoresError(f"{path}: no scores there ({error.strerror}); give the folder of a finished run") from error
    except ValidationError as error:
        raise ScoresError(f"{path}: not scores of this version ({error.error_count()} faults)") from error
