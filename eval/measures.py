"""The measures, each of one case: small pure functions with their definition and source.

Each returns its contribution as (part, whole), or None where the case does not bear on it; `eval.scores` adds
contributions up. `None` never stands for a failure: a question that was refused wrongly, or that ended in an error,
contributes a part of 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from corpus.periods import mentioned_plans, plan_period
from corpus.quantities import Quantity, Unit, all_stated, quantities
from corpus.types import Period, Status
from eval.cases import meets
from eval.records import Outcome
from rag.types import Fate, Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eval.cases import Case
    from eval.gold import GoldDates
    from eval.records import Cited, Record
    from eval.relevance import Judgement

#: Hits that the measures of time and evidence look at.
TOP = 5
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Share:
    """What one case contributes to a measure: `part` of `whole`."""

    part: float
    whole: float


def share(good: int, of: int) -> Share | None:
    """Return a case's own share, which counts as one case; None where there is nothing to share."""
    return Share(good / of, 1) if of else None


def flag(good: bool) -> Share:
    """Return a contribution of one case that is right or wrong."""
    return Share(float(good), 1)


# --- retrieval ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """The standard retrieval measures of one case, each 0 to 1."""

    recall_1: float
    recall_5: float
    recall_10: float
    mrr_10: float
    ndcg_10: float


def ranking(record: Record, judgement: Judgement) -> tuple[str, ...]:
    """Return the ids of the ranked hits: passages, or for a case judged by document their documents, once each."""
    ids = [hit.document_id if judgement.by_document else hit.passage_id for hit in record.passages]
    return tuple(dict.fromkeys(ids))


def scored_docs(case_id: str, ids: Sequence[str]) -> list[ScoredDoc]:
    """Return a ranking as TREC wants it. Scores count down from the top, since trec_eval reorders equal scores."""
    return [ScoredDoc(case_id, identity, float(len(ids) - place)) for place, identity in enumerate(ids)]


def qrels(case_id: str, judgement: Judgement) -> list[Qrel]:
    """Return what is relevant to a case as TREC wants it."""
    return [Qrel(case_id, identity, grade) for identity, grade in sorted(judgement.grades.items())]


def rank_all(runs: Mapping[str, Sequence[str]], judgements: Mapping[str, Judgement]) -> dict[str, Ranked]:
    """Return Recall@1/5/10, MRR@10 and nDCG@10 of every judged case, by ir-measures (trec_eval's definitions).

    MacAvaney et al., "Streamlining Evaluation with ir-measures", ECIR 2022. A case without any hit scores 0.
    """
    wanted = {R @ 1: "recall_1", R @ 5: "recall_5", R @ 10: "recall_10", RR @ 10: "mrr_10", nDCG @ 10: "ndcg_10"}
    relevant = [qrel for case_id, judgement in judgements.items() for qrel in qrels(case_id, judgement)]
    hits = [doc for case_id in judgements for doc in scored_docs(case_id, runs.get(case_id, ()))]
    values = {case_id: dict.fromkeys(wanted.values(), 0.0) for case_id in judgements}
    for metric in ir_measures.iter_calc(list(wanted), relevant, hits):
        values[metric.query_id][wanted[metric.measure]] = float(metric.value)
    return {case_id: Ranked(**found) for case_id, found in values.items()}


def all_evidence(record: Record, judgement: Judgement) -> Share | None:
    """1 where the top 5 hits hold every evidence string of the case, else 0."""
    if not judgement.held:
        return None
    top = {hit.passage_id for hit in record.passages[:TOP]}
    return flag(all(ids & top for ids in judgement.held))


# --- time --------------------------------------------------------------------------------------------------------

_YEAR = re.compile(r"(?<!\d)(?<!\d\.)(19[5-9]\d|20[0-4]\d)(?!\d|\.\d|,\d{3}(?!\d)|\s*(?:万|亿|元|家|个|人|套|户|平方))")
_SPAN = re.compile(r"((?:19|20)\d\d)\s*年?\s*(?:[-–—~～至到]|to|through|until)\s*((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
#: A year that only names a report says nothing about the period that is asked for.
_NAMES_REPORT = re.compile(
    r"(?:19|20)\d\d(?:年度?)?的?[\u4e00-\u9fff]{0,10}工作报告"
    r"|(?:19|20)\d\d(?:['’]s)?\s+(?:[a-z]+\s+){0,3}?report\b",
    re.IGNORECASE,
)
_ORDINALS = dict(zip("tenth eleventh twelfth thirteenth fourteenth fifteenth".split(), range(10, 16), strict=True))
_ENGLISH_PLAN = re.compile(rf"\b(?:(1\d|20)th|({'|'.join(_ORDINALS)}))\s+five[- ]year", re.IGNORECASE)


def asked_periods(question: str) -> tuple[Period, ...]:
    """Return the years and five-year plans that a question names; not those that only name a report.

    Of a span of years (从2018到2020年) each counts. Read here anew, apart from what the assistant reads, since that
    is what is measured.
    """
    text = _NAMES_REPORT.sub(" ", question)
    years = {int(year) for year in _YEAR.findall(text)}
    for first, last in _SPAN.findall(text):
        years |= {*range(int(first), int(last) + 1)}
    found = [Period.year(year) for year in sorted(years)]
    found += mentioned_plans(text)
    for number, word in _ENGLISH_PLAN.findall(text):
        found.append(plan_period(int(number) if number else _ORDINALS[word.casefold()]))
    return tuple(dict.fromkeys(found))


def in_period(case: Case, record: Record, k: int) -> Share | None:
    """Share of the top k hits whose period overlaps one that the question names."""
    asked = asked_periods(case.question)
    if not asked or not case.answerable:
        return None
    top = record.passages[:k]
    good = sum(_overlaps(hit.years, asked) for hit in top)
    return Share(good / len(top), 1) if top else Share(0, 1)


def periods_covered(case: Case, record: Record) -> Share | None:
    """Share of the periods that the question names which some top-5 hit speaks about."""
    asked = asked_periods(case.question)
    if not case.answerable:
        return None
    return share(sum(any(_overlaps(hit.years, [one]) for hit in record.passages[:TOP]) for one in asked), len(asked))


def _overlaps(period: Period | None, asked: Iterable[Period]) -> bool:
    return period is not None and any(period.overlaps(one) for one in asked)


# --- the answer --------------------------------------------------------------------------------------------------


def is_right(case: Case, record: Record) -> bool:
    """Return whether the assistant did what it should: refused, or answered with what the answer must hold."""
    if not case.answerable:
        return record.status is Outcome.REFUSED
    return record.status is Outcome.ANSWERED and meets(case, record.answer or "")


def right(case: Case, record: Record) -> Share | None:
    """1 where an answerable question is answered correctly, or an unanswerable one refused."""
    return flag(is_right(case, record)) if case.must_include or not case.answerable else None


def correct(case: Case, record: Record) -> Share | None:
    """1 where an answerable question is answered correctly by the rule of the design; a refusal counts 0."""
    return flag(is_right(case, record)) if case.answerable and case.must_include else None


def number_accuracy(case: Case, record: Record) -> Share | None:
    """1 where value, unit, period and status of every figure asked for are right and cited.

    Of the answerable cases that ask for figures: some group of `must_include` has a figure in every alternative.
    The answer must be correct; and for each such group some citation must hold one alternative's figures in its
    quote (or translation), for a period that overlaps the years asked, with a status that fits the type of question.
    """
    groups = [group for group in case.must_include if all(map(quantities, group))]
    if not groups or not case.answerable:
        return None
    fitting = [cited for cited in record.citations if _fits(case, cited)]
    held = all(any(_holds(cited, either) for either in group for cited in fitting) for group in groups)
    return flag(is_right(case, record) and held)


def _holds(cited: Cited, figures: str) -> bool:
    """Return whether a citation bears out figures of the gold; a bare one (194.1) may stand before any unit (亿元)."""
    if all_stated(quantities(figures), _stated(cited)):
        return True
    text = re.sub(r"(?<=\d),(?=\d{3})", "", f"{cited.quote} {cited.translation or ''}")
    bare = figures.replace(",", "")
    return bool(re.fullmatch(r"\d+\.\d+", bare) and re.search(rf"(?<![\d.]){re.escape(bare)}(?!\d)", text))


def _fits(case: Case, cited: Cited) -> bool:
    asked = asked_periods(case.question)
    return (not asked or _overlaps(cited.years, asked)) and _status_fits(case.type, cited.status)


def _status_fits(kind: str, status: Status) -> bool:
    if kind == "result":
        return status.is_result
    return status.is_intent if kind == "target" else True


def _stated(cited: Cited) -> tuple[Quantity, ...]:
    return quantities(cited.quote) + quantities(cited.translation or "")


_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def written_in(text: str, names: Iterable[str]) -> Language | None:
    """Return the language most of a text is in, two Chinese characters counting as a word; None without either.

    `names` (titles of documents) are left out: they stay in their own language.
    """
    for name in names:
        text = text.replace(name, " ")
    chinese, latin = len(_HAN.findall(text)) / 2, len(_LATIN_WORD.findall(text))
    if not chinese and not latin:
        return None
    return Language.ZH if chinese > latin else Language.EN


def same_language(case: Case, record: Record, titles: Sequence[str]) -> Share | None:
    """1 where the answer or refusal is in the language of the question."""
    language = written_in(record.text, titles)
    if language is None:
        return flag(good=False) if record.status is Outcome.ERROR else None
    return flag(language is case.lang)


# --- citations ---------------------------------------------------------------------------------------------------

_MARKS = re.compile(r"((?:\s*\[\d{1,2}\])+)")
_MARK = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True, slots=True)
class Statement:
    """A part of an answer that ends at its marks, without them, and the numbers of the marks."""

    text: str
    markers: tuple[int, ...]


def statements(answer: str) -> tuple[Statement, ...]:
    """Divide an answer at its marks `[1][2]`; what follows the last mark is a statement without any."""
    pieces = _MARKS.split(answer)
    found = []
    for text, marks in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if re.search(r"\w", text):
            found.append(Statement(text.strip(), tuple(map(int, _MARK.findall(marks)))))
    return tuple(found)


def citation_recall(record: Record) -> Share | None:
    """Share of an answer's statements that are cited and whose every number stands in what they cite.

    After ALCE (Gao et al., "Enabling Large Language Models to Generate Text with Citations", EMNLP 2023), with the
    numbers in place of its entailment model, and statements divided at marks in place of sentences.
    """
    if record.status is not Outcome.ANSWERED:
        return None
    said = statements(record.answer or "")
    return share(sum(_borne_out(statement, record.citations) for statement in said), len(said))


def _borne_out(statement: Statement, citations: Sequence[Cited]) -> bool:
    cited = [c for c in citations if c.marker in statement.markers]
    known = [quantity for c in cited for quantity in (*_stated(c), *_dates(c))]
    return bool(cited) and all_stated(quantities(statement.text), known)


def _dates(cited: Cited) -> list[Quantity]:
    """Return the years of a citation's period and dates, which an answer may name beside its quote."""
    years = {int(date[:4]) for date in (cited.delivered, *cited.posted) if date[:4].isdigit()}
    if cited.years:
        years |= {*range(cited.years.first, cited.years.last + 1)}
    return [Quantity(Decimal(year), Unit.YEAR) for year in years]


def citation_precision(case: Case, record: Record, judgement: Judgement) -> Share | None:
    """Share of an answer's citations whose passage is relevant; of answerable questions that were answered."""
    if record.status is not Outcome.ANSWERED or not case.answerable or not judgement.grades:
        return None
    good = sum(judgement.is_relevant(cited.passage_id, cited.document_id) for cited in record.citations)
    return share(good, len(record.citations))


def unsupported_numbers(record: Record) -> Share | None:
    """Share of the numbers in answers that stand in no cited quote or translation, nor in its dates and period."""
    if record.status is not Outcome.ANSWERED:
        return None
    known = [quantity for cited in record.citations for quantity in (*_stated(cited), *_dates(cited))]
    said = quantities(_MARK.sub(" ", record.answer or ""))
    return Share(sum(not all_stated([number], known) for number in said), len(said)) if said else None


def changed_sentences(record: Record) -> Share | None:
    """Share of the sentences that a language model wrote which were not shown: quoted instead, or left out."""
    written = [draft.fate for draft in record.drafts if draft.fate is not Fate.FAILED]
    return Share(sum(fate in (Fate.QUOTED, Fate.DROPPED) for fate in written), len(written)) if written else None


def declined(record: Record) -> Share | None:
    """Whether a language model that was asked said that the documents do not answer."""
    return flag(any(draft.fate is Fate.DECLINED for draft in record.drafts)) if record.drafts else None


def without_model(record: Record) -> Share | None:
    """Whether an answer or refusal came with a notice that the language model was not to be had."""
    return flag(record.notice is not None) if record.drafts else None


def verbatim_quotes(record: Record, passages: Mapping[str, str]) -> Share | None:
    """Share of quotes that are substrings of the passage they cite.

    `passages` are the texts of the corpus' passages, for citations of passages that were not returned.
    """
    if not record.citations:
        return None
    texts = {**passages, **{hit.passage_id: hit.text for hit in record.passages}}
    good = sum(bool(c.quote) and c.quote in texts.get(c.passage_id, "") for c in record.citations)
    return Share(good, len(record.citations))


def correct_dates(record: Record, gold: Sequence[GoldDates]) -> Share | None:
    """Share of citations whose delivered and posted dates are those of the gold table; documents not in it apart."""
    checked = [(cited, row) for cited in record.citations for row in gold if row.title in cited.title]
    if not checked:
        return None
    return Share(sum(row.agrees(cited.delivered, cited.posted) for cited, row in checked), len(checked))


# --- refusing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """How one case was decided, as counts of 0 or 1, for measures over many cases."""

    refused: int
    answered: int
    to_refuse: int
    to_answer: int
    rightly_refused: int
    rightly_answered: int


def decision(case: Case, record: Record) -> Decision | None:
    """Return whether a case was and should have been refused; an error is neither answer nor refusal."""
    if record.status is Outcome.RETRIEVED:
        return None
    refused, answered = record.status is Outcome.REFUSED, record.status is Outcome.ANSWERED
    return Decision(
        refused=int(refused),
        answered=int(answered),
        to_refuse=int(not case.answerable),
        to_answer=int(case.answerable),
        rightly_refused=int(refused and not case.answerable),
        rightly_answered=int(answered and case.answerable),
    )


# --- running -----------------------------------------------------------------------------------------------------


def failed(record: Record) -> Share | None:
    """1 where a question ended in an error, or was never answered."""
    return flag(record.status is Outcome.ERROR)


def unmarked(answer: str) -> str:
    """Return an answer without its marks."""
    return _MARKS.sub("", answer).strip()
