"""What is held, as people and programs read it: one document or all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from difflib import ndiff
from typing import TYPE_CHECKING, Any

from corpus.passages import cut_passages
from corpus.types import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from corpus.library import Origin
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


def document_summary(document: Entry) -> dict[str, Any]:
    """Return what is known of a document, without its text."""
    return {
        "id": document.id,
        "title": document.title,
        "other_titles": list(document.other_titles),
        "kind": document.kind,
        "delivered": str(document.delivered),
        "delivered_rule": document.delivered.rule,
        "posted": [str(posting.date) for posting in document.postings if posting.date],
        "characters": document.characters,
        "repairs": document.restored,
        "revision_of": document.revision_of,
        "in_force": str(document.in_force) if document.in_force else None,
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


def document_details(document: Document, origins: Sequence[Origin] = ()) -> dict[str, Any]:
    """Return the summary with postings, files, sections, repairs and what was left out."""
    return document_summary(Entry.of(document)) | {
        "postings": [
            {"title": p.title, "posted": str(p.date) if p.date else None, "source": p.source} for p in document.postings
        ],
        "files": [
            {
                "file": origin.file_name,
                "added_by": origin.added_by,
                "added_at": origin.added_at.isoformat(timespec="seconds") if origin.added_at else None,
                "left_out": [{"line": one.line, "text": one.text, "reason": one.reason} for one in origin.left_out],
            }
            for origin in dict.fromkeys(origins)
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


#: Entries of what a reader left out of a file that a person is shown; all are in the JSON form.
_LEFT_OUT_SHOWN = 20


def document_text(document: Document, origins: Sequence[Origin] = ()) -> str:
    """Return the details as a person reads them in a terminal."""
    details = document_details(document, origins)
    lines = [
        f"{document.title}  ({document.id})",
        f"{document.kind}; delivered {document.delivered} ({document.delivered.rule}); {details['passages']} passages",
        *(f"posted {p['posted'] or 'unknown'} as {p['title']} ({p['source']})" for p in details["postings"]),
        *([f"in force {document.in_force}"] if document.in_force else []),
        *(
            f"added {file['added_at']} by {file['added_by']} from {file['file']}"
            if file["added_by"]
            else f"shipped in {file['file']}"
            for file in details["files"]
        ),
        "",
        "Sections, with the period and status they speak about:",
        *(f"{'  ' * s['level']}{s['title']}  [{s['period'] or 'unknown'} {s['status']}]" for s in details["sections"]),
    ]
    if details["restored"]:
        lines += ["", "Restored characters, in square brackets:"]
        lines += [f"  {r['text']}  ({r['method']}, {r['confidence']})" for r in details["restored"]]
    if details["left_out"]:
        lines += ["", "Left out:", *(f"  {o['text'][:60]!r}: {o['reason']}" for o in details["left_out"])]
    for file in details["files"]:
        lines += _left_out_of(file)
    return "\n".join(lines)


def _left_out_of(file: dict[str, Any]) -> list[str]:
    """Return the lines that tell what a reader left out of a whole file."""
    entries = file["left_out"]
    if not entries:
        return []
    more = len(entries) - _LEFT_OUT_SHOWN
    return [
        "",
        f"Left out of {file['file']} (line or page, text, reason):",
        *(f"  {one['line']}: {one['text'][:60]!r}: {one['reason']}" for one in entries[:_LEFT_OUT_SHOWN]),
        *([f"  … and {more} more; --json lists all"] if more > 0 else []),
    ]


def sentence_entries(document: Document) -> list[dict[str, Any]]:
    """Return every sentence with its place, its headings, its period and status, in text order."""
    return [
        {
            "start": sentence.start,
            "end": sentence.end,
            "headings": list(passage.headings),
            "period": str(sentence.period) if sentence.period else None,
            "status": sentence.status,
            "text": document.marked_text(sentence.start, sentence.end),
        }
        for passage in cut_passages(document)
        for sentence in passage.sentences
    ]


def sentences_text(document: Document) -> str:
    """Return the whole text as it was understood: passage by passage, each sentence with its period and status."""
    lines: list[str] = []
    for passage in cut_passages(document):
        lines += ["", " > ".join(passage.headings) or "(no section)"]
        for sentence in passage.sentences:
            words = " ".join(document.marked_text(sentence.start, sentence.end).split())
            lines.append(f"  [{sentence.period or 'unknown'} {sentence.status}] {words}")
    return "\n".join(lines)
