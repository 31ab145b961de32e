"""Answers and passages as a person reads them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.wording import NEAREST, TRANSLATION_NOTE, UNDERSTOOD, dates_label, period_label, title_label

if TYPE_CHECKING:
    from rag.types import Answer, FoundPassage, Language


def passage_text(passage: FoundPassage, language: Language) -> str:
    """Return a passage as a person reads it in a terminal; under it its English edition where there is one."""
    where = " > ".join((passage.title, *passage.headings))
    label = period_label(language, passage.period, passage.status)
    lines = [f"{passage.score:.3f}  {label or '-'}  {where}", f"   {passage.text}"]
    if passage.translation_kind:
        lines += [f"   {passage.translation}", f"   ({TRANSLATION_NOTE[passage.translation_kind]})"]
    return "\n".join(lines)


def answer_text(answer: Answer) -> str:
    """Return an answer as a person reads it in a terminal."""
    understood = answer.standalone
    head = [] if understood is None else [UNDERSTOOD[answer.language].format(question=understood), ""]
    if answer.refusal is not None:
        lines = [answer.refusal.message]
        cited = answer.refusal.nearest
        if cited:
            lines += ["", NEAREST[answer.language]]
    else:
        lines = [answer.answer or ""]
        cited = answer.citations
    if answer.notice is not None:
        lines.insert(1, f"({answer.notice})")
    for citation in cited:
        where = " > ".join((title_label(citation.title, citation.title_translation), *citation.headings))
        label = period_label(answer.language, citation.period, citation.status)
        dates = dates_label(answer.language, citation.delivered, citation.posted)
        lines.append(f"\n[{citation.marker}] {where}\n    {dates} · {label or '-'}\n    {citation.marked}")
    return "\n".join([*head, *lines])
