"""The log of questions as it is shown: for a terminal, for programs, for a spreadsheet."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ui.logged import Gaps, Group, LoggedQuestion
from ui.spreadsheet import table_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The parts of `Gaps`, and what each is called.
_GAPS = {"asked": "asked most", "refused": "refused", "wrong": "marked wrong"}


def question_json(question: LoggedQuestion) -> dict[str, Any]:
    """Return a question for programs; times are ISO 8601 in UTC."""
    return asdict(question) | {"asked_at": question.asked_at.isoformat()}


def gaps_json(gaps: Gaps) -> dict[str, Any]:
    """Return gaps for programs, under the names of their parts."""
    return {name: [asdict(one) | {"latest": one.latest.isoformat()} for one in getattr(gaps, name)] for name in _GAPS}


def questions_csv(questions: Sequence[LoggedQuestion]) -> str:
    """Return questions as CSV, a row each; lists are parted by spaces."""
    rows = map(question_json, questions)
    return table_csv(LoggedQuestion.__slots__, ([_cell(value) for value in row.values()] for row in rows))


def gaps_csv(gaps: Gaps) -> str:
    """Return gaps as CSV, a row a group; the first column says what kind of gap it is."""
    rows = ([name, *map(_cell, row.values())] for name, part in gaps_json(gaps).items() for row in part)
    return table_csv(("gap", *Group.__slots__), rows)


def question_text(question: LoggedQuestion) -> str:
    """Return a question as a person reads it in a terminal."""
    head = f"{question.asked_at:%Y-%m-%d %H:%M:%S}  {question.channel}  {_outcome(question)}  {question.id}"
    said = [] if question.comment is None else [f"    comment: {question.comment}"]
    return "\n".join([head, f"    {question.text or question.subject or '-'}", *said])


def gaps_text(gaps: Gaps) -> str:
    """Return gaps as a person reads them in a terminal."""
    return "\n\n".join("\n".join([f"{title}:", *_group_lines(getattr(gaps, name))]) for name, title in _GAPS.items())


def _group_lines(groups: Sequence[Group]) -> Iterator[str]:
    for group in groups:
        about = " ".join(filter(None, (group.subject or "-", *group.periods)))
        example = f"    {group.example}" if group.example else ""
        yield f"{group.count:6}  {group.reason or '-':16}  {group.latest:%Y-%m-%d}  {about}{example}"
    if not groups:
        yield "     0"


def _outcome(question: LoggedQuestion) -> str:
    said = {None: "", True: ", helpful", False: f", marked {question.why or 'not helpful'}"}
    return (question.reason or question.status) + said[question.helpful]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return " ".join(value)
    return str(value)
