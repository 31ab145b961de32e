"""Every measure by name: what it says, which way is good, and how cases add up to it."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

from eval import measures, spans
from eval.bootstrap import Floats, OfSums, Percentile, Summary, ratio, share_of
from eval.measures import Share
from eval.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eval.cases import Case
    from eval.gold import GoldDates
    from eval.measures import Ranked
    from eval.records import Record
    from eval.relevance import Judgement

Contribution = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One case with all that its measures need; `ranked` is None where nothing is relevant to it.

    `titles` and `passages` (texts by id) are those of its corpus.
    """

    case: Case
    file: str
    corpus: str
    record: Record
    judgement: Judgement
    ranked: Ranked | None
    titles: tuple[str, ...]
    passages: Mapping[str, str]
    gold_dates: tuple[GoldDates, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its name in files, its family, what it says, and how it is computed.

    `low_is_good` where less is better; `seconds` where the value is a time and not a share.
    """

    name: str
    family: str
    meaning: str
    contribution: Callable[[Item], Contribution | None]
    summary: Summary
    low_is_good: bool = False
    seconds: bool = False


def _shares(name: str, family: str, meaning: str, of: Callable[[Item], Share | None], low: bool = False) -> Measure:
    """A measure that is one sum over another."""

    def contribution(item: Item) -> Contribution | None:
        found = of(item)
        return None if found is None else (found.part, found.whole)

    return Measure(name, family, meaning, contribution, OfSums(share_of), low_is_good=low)


def _answer(name: str, meaning: str, of: Callable[[Item], Share | None]) -> Measure:
    """A measure of answers, which a run that only retrieves has none of."""
    return _shares(name, "answer", meaning, lambda i: None if i.record.status is Outcome.RETRIEVED else of(i))


def _ranked(name: str, meaning: str, of: Callable[[Ranked], float]) -> Measure:
    return _shares(name, "retrieval", meaning, lambda i: Share(of(i.ranked), 1) if i.ranked else None)


def _span(rule: Callable[[str, Sequence[str]], float]) -> Callable[[Item], Share | None]:
    def of(item: Item) -> Share | None:
        golds = item.case.spans
        return Share(rule(measures.unmarked(item.record.answer or ""), golds), 1) if golds else None

    return of


# Columns of summed decisions, in the order of `measures.Decision`.
_REFUSED, _ANSWERED, _TO_REFUSE, _TO_ANSWER, _RIGHTLY_REFUSED, _RIGHTLY_ANSWERED = range(6)


def _decided(name: str, meaning: str, finish: Callable[[Floats], Floats]) -> Measure:
    def contribution(item: Item) -> Contribution | None:
        found = measures.decision(item.case, item.record)
        return None if found is None else astuple(found)

    return Measure(name, "refusal", meaning, contribution, OfSums(finish))


def _f1(sums: Floats, right: int, done: int, due: int) -> Floats:
    """Return 2 right / (done + due), the harmonic mean of precision and recall; NaN where nothing was due."""
    return np.where(sums[:, due] > 0, ratio(2 * sums[:, right], sums[:, done] + sums[:, due]), np.nan)


def refusal_f1(sums: Floats) -> Floats:
    """F1 of refusing: of the questions refused, and of those that had to be."""
    return _f1(sums, _RIGHTLY_REFUSED, _REFUSED, _TO_REFUSE)


def answered_f1(sums: Floats) -> Floats:
    """F1 of answering what can be answered, whether the answer is right or not."""
    return _f1(sums, _RIGHTLY_ANSWERED, _ANSWERED, _TO_ANSWER)


def grounded_refusal_f1(sums: Floats) -> Floats:
    """Mean of the two: F1_GR of Trust-Score.

    Song et al., "Measuring and Enhancing Trustworthiness of LLMs in RAG through Grounded Attributions and Learning
    to Refuse", ICLR 2025 (arXiv 2409.11242). There a question can be answered when the passages retrieved hold the
    answer; here, when the corpus does.
    """
    return (refusal_f1(sums) + answered_f1(sums)) / 2


def _latency(part: str, percent: int) -> Measure:
    def contribution(item: Item) -> Contribution | None:
        seconds = item.record.seconds
        if seconds is None or (item.record.status is Outcome.RETRIEVED and part != "retrieve"):
            return None
        return ({"retrieve": seconds.retrieve, "answer": seconds.answer, "total": seconds.total}[part],)

    what = {"retrieve": "to find passages", "answer": "to answer from them", "total": "in all"}[part]
    meaning = f"seconds {what} that {percent} of 100 questions do not exceed"
    return Measure(f"{part}_p{percent}", "speed", meaning, contribution, Percentile(percent / 100), True, True)


MEASURES: tuple[Measure, ...] = (
    _answer("right", "answered correctly, or refused where it had to be", lambda i: measures.right(i.case, i.record)),
    _answer("correct", "answerable questions answered correctly", lambda i: measures.correct(i.case, i.record)),
    _answer(
        "number_accuracy",
        "of those that ask for figures: correct, and each figure cited with its unit, period and status",
        lambda i: measures.number_accuracy(i.case, i.record),
    ),
    _answer(
        "language",
        "answer or refusal in the language of the question",
        lambda i: measures.same_language(i.case, i.record, i.titles),
    ),
    _answer("span_em", "answer equals a gold span (CMRC 2018)", _span(spans.exact_match)),
    _answer("span_f1", "overlap of answer and gold span (CMRC 2018)", _span(spans.span_f1)),
    _shares(
        "citation_recall",
        "citation",
        "statements that are cited, with every number in what they cite",
        lambda i: measures.citation_recall(i.record),
    ),
    _shares(
        "citation_precision",
        "citation",
        "citations whose passage holds evidence",
        lambda i: measures.citation_precision(i.case, i.record, i.judgement),
    ),
    _shares(
        "unsupported_numbers",
        "citation",
        "numbers in answers that nothing cited holds",
        lambda i: measures.unsupported_numbers(i.record),
        low=True,
    ),
    _shares(
        "changed_sentences",
        "language model",
        "sentences that a language model wrote and the checks did not let pass",
        lambda i: measures.changed_sentences(i.record),
        low=True,
    ),
    _shares(
        "declined",
        "language model",
        "questions that a language model was asked and declined",
        lambda i: measures.declined(i.record),
        low=True,
    ),
    _shares(
        "without_model",
        "language model",
        "questions for which the language model was not to be had",
        lambda i: measures.without_model(i.record),
        low=True,
    ),
    _shares(
        "verbatim_quotes",
        "citation",
        "quotes that stand so in their passage",
        lambda i: measures.verbatim_quotes(i.record, i.passages),
    ),
    _shares(
        "correct_dates",
        "citation",
        "citations with the right delivered and posted dates",
        lambda i: measures.correct_dates(i.record, i.gold_dates),
    ),
    _decided(
        "refusal_precision", "refusals that were due", lambda sums: ratio(sums[:, _RIGHTLY_REFUSED], sums[:, _REFUSED])
    ),
    _decided(
        "refusal_recall",
        "due refusals that were made",
        lambda sums: ratio(sums[:, _RIGHTLY_REFUSED], sums[:, _TO_REFUSE]),
    ),
    _decided("refusal_f1", "F1 of refusing", refusal_f1),
    _decided(
        "answered_recall",
        "answerable questions that were answered at all",
        lambda sums: ratio(sums[:, _RIGHTLY_ANSWERED], sums[:, _TO_ANSWER]),
    ),
    _decided("grounded_refusal_f1", "mean F1 of refusing and of answering (Trust-Score's F1_GR)", grounded_refusal_f1),
    _ranked("recall@1", "relevant passages that are the first hit", lambda r: r.recall_1),
    _ranked("recall@5", "relevant passages within the first 5 hits", lambda r: r.recall_5),
    _ranked("recall@10", "relevant passages within the first 10 hits", lambda r: r.recall_10),
    _ranked("mrr@10", "1 / place of the first relevant hit within 10", lambda r: r.mrr_10),
    _ranked("ndcg@10", "discounted gain of the first 10 hits", lambda r: r.ndcg_10),
    _shares(
        "all_evidence@5",
        "retrieval",
        "the first 5 hits hold every evidence",
        lambda i: measures.all_evidence(i.record, i.judgement),
    ),
    _shares(
        "in_period@1",
        "time",
        "questions whose first hit speaks about a period asked for",
        lambda i: measures.in_period(i.case, i.record, 1),
    ),
    _shares(
        "in_period@5",
        "time",
        "first 5 hits that speak about a period asked for",
        lambda i: measures.in_period(i.case, i.record, 5),
    ),
    _shares(
        "periods_covered@5",
        "time",
        "periods asked for that the first 5 hits speak about",
        lambda i: measures.periods_covered(i.case, i.record),
    ),
    *(_latency(part, percent) for part in ("retrieve", "answer", "total") for percent in (50, 95)),
    _shares("errors", "speed", "questions that ended in an error", lambda i: measures.failed(i.record), low=True),
)
BY_NAME = {measure.name: measure for measure in MEASURES}
