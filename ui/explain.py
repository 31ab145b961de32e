"""How an answer came about: the reading of the question, the hits by part, and the evidence kept and dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.types import Language, answer_json
from rag.wording import filter_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import Evidence, Hit, Question, Trace

#: Dropped sentences that a person is shown; all are in the JSON form.
_DROPPED_SHOWN = 12
#: Characters of a passage or sentence shown to a person.
_SHOWN = 70


def explanation(trace: Trace) -> dict[str, Any]:
    """Return all that led to an answer, for programs: question, hits, evidence, drafts, notes and the answer itself."""
    return {
        "question": _reading(trace.question),
        "hits": [_hit(rank, hit) for rank, hit in enumerate(trace.hits, 1)],
        "evidence": [_evidence(item) for item in trace.evidence],
        "drafts": [{"raw": draft.raw, "fate": draft.fate.value, "why": draft.why} for draft in trace.drafts],
        "notes": list(trace.notes),
        "answer": answer_json(trace.answer),
    }


def _reading(question: Question) -> dict[str, Any]:
    return {
        "text": question.text,
        "standalone": question.standalone,
        "also": list(question.also),
        "language": question.language.value,
        "kind": question.kind.value,
        "wants": question.wants.value,
        "facts": [fact.value for fact in question.facts],
        "focus": [concept.forms[0] for concept in question.focus],
        "periods": [str(period) for period in question.periods],
        "report_years": list(question.report_years),
        "within": filter_label(Language.EN, question.within),
        "is_override": question.is_override,
        "concepts": [
            {"name": concept.forms[0], "kind": concept.kind or "word", "forms": list(concept.forms)}
            for concept in question.concepts
        ],
    }


def _hit(rank: int, hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "rank": rank,
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "headings": list(passage.headings),
        "period": str(passage.period) if passage.period else None,
        "status": passage.status.value,
        "score": round(hit.score, 4),
        "dense": round(hit.dense, 4),
        "keyword": round(hit.keyword, 4),
        "time": round(hit.time, 4),
        "region": round(hit.region, 4),
        "text": passage.text,
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    passage, sentence = item.hit.passage, item.frame
    return {
        "passage_id": passage.id,
        "sentence": item.sentence,
        "period": str(sentence.period) if sentence.period else None,
        "status": sentence.status.value,
        "kept": item.kept,
        "why": item.why,
        "score": round(float(item.score), 4),  # numpy's, which no JSON knows
        "coverage": round(item.coverage, 4),
        "time": round(item.time, 4),
        "text": item.text,
    }


def explanation_text(trace: Trace) -> str:
    """Return the explanation as a person reads it; the answer itself is left to `ui.terminal.answer_text`."""
    told = explanation(trace)
    kept = [item for item in told["evidence"] if item["kept"]]
    dropped = [item for item in told["evidence"] if not item["kept"]]
    more = len(dropped) - _DROPPED_SHOWN
    return "\n".join(
        [
            *_reading_lines(told["question"]),
            "",
            "Hits (score = (dense and keyword, weighted) x time x region):",
            "  rank  score  dense  keyw.  time  region  passage",
            *map(_hit_line, told["hits"]),
            "",
            f"Evidence kept ({len(kept)}):",
            *map(_evidence_line, kept),
            f"Evidence dropped ({len(dropped)}):",
            *map(_evidence_line, dropped[:_DROPPED_SHOWN]),
            *([f"  … and {more} more; --json lists all"] if more > 0 else []),
            *_draft_lines(told["drafts"]),
            "",
            f"Decision: {_decision(told['answer'], told['notes'])}",
        ]
    )


def _draft_lines(drafts: Sequence[dict[str, Any]]) -> list[str]:
    """Return what a language model wrote, as it wrote it, with what became of each sentence."""
    if not drafts:
        return []
    lines = [f"  {draft['fate']}{draft['why'] and ', '}{draft['why']}: {_short(draft['raw'])}" for draft in drafts]
    return [f"Written by the language model ({len(drafts)}):", *lines]


def _reading_lines(question: dict[str, Any]) -> list[str]:
    named = ", ".join(f"{c['name']} ({c['kind']}, {len(c['forms'])} forms)" for c in question["concepts"])
    lines = [
        f"Question: {_short(question['text'])}",
        f"  read as: {question['standalone']}",
        f"  language {question['language']}; wants {question['wants']}; kind {question['kind']}; "
        f"must give {_listed(question['facts'])}",
        f"  periods {_listed(question['periods'])}; report of {_listed(question['report_years'])}",
        f"  names {named or 'nothing'}",
    ]
    lines += [f"  also searched with: {_short(text)}" for text in question["also"]]
    lines += [f"  only within {question['within']}"] if question["within"] else []
    return [*lines, "  tries to change what the assistant does"] if question["is_override"] else lines


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values)) or "any"


def _hit_line(hit: dict[str, Any]) -> str:
    parts = f"{hit['score']:.3f}  {hit['dense']:.3f}  {hit['keyword']:.3f}  {hit['time']:.2f}    {hit['region']:.2f}"
    when = f"[{hit['period'] or 'unknown'} {hit['status']}]"
    return f"  {hit['rank']:>4}  {parts}  {hit['passage_id']} {when} {_short(hit['text'])}"


def _evidence_line(item: dict[str, Any]) -> str:
    scores = f"{item['score']:.3f} (coverage {item['coverage']:.2f}, time {item['time']:.2f})"
    when = f"[{item['period'] or 'unknown'} {item['status']}]"
    return f"  {scores} {item['why']}: {item['passage_id']}/{item['sentence']} {when} {_short(item['text'])}"


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _SHOWN else joined[: _SHOWN - 1] + "…"


def _decision(answer: dict[str, Any], notes: Sequence[str]) -> str:
    if answer["refusal"] is not None:
        return f"refused, {answer['refusal']['reason']}"
    return "; ".join(["answered", *notes])
