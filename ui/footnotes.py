"""An answer as one text with its sources below, for programs that show nothing but text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.wording import NEAREST, REPAIR_NOTE, TRANSLATION_NOTE, dates_label, period_label, title_label

if TYPE_CHECKING:
    from rag.types import Answer, Citation, Language


def footnotes(answer: Answer) -> str:
    """Return the sources of an answer, or what is nearest to a refused question; empty where there is none.

    A line for each with its mark, document, headings, period and status, both dates, and the quote.
    """
    cited = answer.citations or (answer.refusal.nearest if answer.refusal else ())
    if not cited:
        return ""
    lines = [_footnote(citation, answer.language) for citation in cited]
    if answer.refusal:
        lines.insert(0, NEAREST[answer.language])
    if any(citation.marked != citation.quote for citation in cited):
        lines.append(REPAIR_NOTE[answer.language])
    lines += dict.fromkeys(TRANSLATION_NOTE[one.translation_kind] for one in cited if one.translation_kind)
    return "\n\n" + "\n\n".join(lines)


def _footnote(citation: Citation, language: Language) -> str:
    where = " > ".join((title_label(citation.title, citation.title_translation), *citation.headings))
    label = period_label(language, citation.period, citation.status)
    known = " · ".join(filter(None, (label, dates_label(language, citation.delivered, citation.posted))))
    return f"[{citation.marker}] {where} ({known})\n> {' '.join(citation.marked.split())}"
