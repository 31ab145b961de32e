"""What is held, as people and programs read it: one document or all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from difflib import ndiff
from typing import TYPE_CHECKING, Any

from corpus.passages import cut_passages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from corpus.readers import Skipped
    from corpus.types import Document, RawText

#: Characters shown around a restored one.
_AROUND = 8


def with_posting(text: RawText, posted: date | None, source_url: str | None) -> RawText:
    """Return a text with what a person says of its posting in place of what the file says."""
    posting = text.posting
    return replace(text, posting=replace(posting, date=posted or posting.date, source=source_url or posting.source))


def skipped_entries(skipped: Sequence[Skipped]) -> list[dict[str, Any]]:
    """Return what of source files was left out, an entry each."""
    return [{"file": s.path.name, "line": s.line, "reason": s.reason, "text": s.text} for s in skipped]


def skipped_summary(skipped: Sequence[Skipped]) -> list[str]:
    """Return a line for every file and reason: how many parts were left out, and between which lines they stand."""
    places: dict[tuple[str, str], list[int]] = {}
    for part in skipped:
        places.setdefault((part.path.name, part.reason), []).append(part.line)
    return [
        f"{file}: left out as {reason}: {len(lines)} (lines {min(lines)} to {max(lines)})"
        for (file, reason), lines in places.items()
    ]


def document_summary(document: Document) -> dict[str, Any]:
    """Return what is known of a document, without its text."""
    return {
        "id": document.id,
        "title": document.title,
        "other_titles": list(document.other_titles),
        "kind": document.kind,
        "delivered": str(document.delivered),
        "delivered_rule": document.delivered.rule,
        "posted": [str(posting.date) for posting in document.postings if posting.date],
        "characters": len(document.text),
        "repairs": len(document.repairs),
        "revision_of": document.revision_of,
    }


def documents_table(documents: Sequence[Document]) -> str:
    """Return a Markdown table of all documents: dates, sections, periods, restored characters, postings."""
    columns = ("id", "title", "kind", "delivered (rule)", "posted", "sections", "sentences", "restored", "left out")
    rows: list[tuple[object, ...]] = [columns, ("---",) * len(columns)]
    for document in documents:
        frames = Counter((str(s.period) if s.period else "unknown", s.status.value) for s in document.sentences)
        spoken = "; ".join(f"{period} {status} {count}" for (period, status), count in sorted(frames.items()))
        methods = Counter(repair.method for repair in document.repairs)
        restored = ", ".join(f"{count} {method}" for method, count in methods.items()) or "–"
        titles = "<br>also: ".join((document.title, *document.other_titles))
        posted = ", ".join(str(posting.date) if posting.date else "unknown" for posting in document.postings)
        delivered = f"{document.delivered} ({document.delivered.rule})"
        sections, omissions = len(document.sections), len(document.omissions)
        rows.append((document.id, titles, document.kind, delivered, posted, sections, spoken, restored, omissions))
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def document_details(document: Document) -> dict[str, Any]:
    """Return the summary with postings, sections, repairs and what was left out."""
    return document_summary(document) | {
        "postings": [
            {"title": p.title, "posted": str(p.date) if p.date else None, "source": p.source} for p in document.postings
        ],
        "passages": len(cut_passages(document)),
        "sections": [
            {
                "level": section.level,
                "title": section.title,
                "period": str(section.period) if section.period else None,
                "status": section.status,
            }
            for section in document.sections
        ],
        "restored": [
            {
                "text": document.marked_text(
                    max(0, repair.position - _AROUND), min(len(document.text), repair.position + _AROUND)
                ),
                "character": repair.character,
                "method": repair.method,
                "confidence": repair.confidence,
            }
            for repair in document.repairs
        ],
        "left_out": [
            {"text": document.text[omission.start : omission.end], "reason": omission.reason}
            for omission in document.omissions
        ],
    }


def changes(earlier: Document, later: Document) -> list[str]:
    """Return what a revision changed, sentence by sentence: `- ` before what fell away, `+ ` before what is new."""
    before, after = ([d.text[s.start : s.end] for s in d.sentences] for d in (earlier, later))
    return [line for line in ndiff(before, after) if line.startswith(("- ", "+ "))]


def document_text(document: Document) -> str:
    """Return the details as a person reads them in a terminal."""
    details = document_details(document)
    lines = [
        f"{document.title}  ({document.id})",
        f"{document.kind}; delivered {document.delivered} ({document.delivered.rule}); {details['passages']} passages",
        *(f"posted {p['posted'] or 'unknown'} as {p['title']} ({p['source']})" for p in details["postings"]),
        "",
        "Sections, with the period and status they speak about:",
        *(f"{'  ' * s['level']}{s['title']}  [{s['period'] or 'unknown'} {s['status']}]" for s in details["sections"]),
    ]
    if details["restored"]:
        lines += ["", "Restored characters, in square brackets:"]
        lines += [f"  {r['text']}  ({r['method']}, {r['confidence']})" for r in details["restored"]]
    if details["left_out"]:
        lines += ["", "Left out:", *(f"  {o['text'][:60]!r}: {o['reason']}" for o in details["left_out"])]
    return "\n".join(lines)
