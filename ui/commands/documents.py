"""What is held: adding, showing, correcting and removing documents."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.corrections import Correction, SectionCorrection
from corpus.types import Entry, Status
from rag import assemble
from rag.settings import Settings
from ui.changes import Said, add_files, require_sections
from ui.commands.indexing import build_index
from ui.commands.options import AsJson
from ui.commands.output import print_json, say
from ui.show import (
    changes,
    document_details,
    document_summary,
    document_text,
    documents_table,
    sentences_text,
    skipped_entries,
    skipped_summary,
)

if TYPE_CHECKING:
    from corpus.library import Library


def add(
    files: Annotated[list[Path], typer.Argument(help="Files to add: listing, HTML, PDF, DOCX, XLSX, CSV, MD, TXT.")],
    title: Annotated[str | None, typer.Option(help="Title, where the file's own is wrong.")] = None,
    delivered: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was delivered.")] = None,
    posted: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was put up.")] = None,
    kind: Annotated[str | None, typer.Option(help="report or article.")] = None,
    source_url: Annotated[str | None, typer.Option(help="Where it came from.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add documents and bring the index up to date; either all files are added or none."""
    settings = Settings()
    holdings = assemble.make_holdings(settings)
    correction = Correction(title=title, delivered=delivered.date() if delivered else None, kind=kind)
    said = Said(correction=correction, posted=posted.date() if posted else None, source_url=source_url)
    added = add_files(holdings, files, said, _who())
    for path, one in zip(files, added, strict=True):
        say(f"{path}: {len(one.texts)} text(s) added" if one.is_new else f"{path}: already held, nothing changed")
        say("\n".join(skipped_summary(one.skipped)))
    build_index(settings)
    if as_json:
        print_json([one.as_json() for one in added])


def _who() -> str:
    """Return who runs this, for the record of what was added."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a user id without a name, as in some containers


def remove(document_id: str, as_json: AsJson = False) -> None:
    """Remove a document: its file, its passages, and every answer from it."""
    settings = Settings()
    assemble.remove_document(settings, document_id)
    build_index(settings)
    say(f"{document_id} is removed")
    if as_json:
        print_json({"removed": document_id})


def correct(
    document_id: str,
    title: Annotated[str | None, typer.Option(help="Title.")] = None,
    delivered: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was delivered.")] = None,
    kind: Annotated[str | None, typer.Option(help="report or article.")] = None,
    section: Annotated[str | None, typer.Option(help="A section's title as `show` prints it.")] = None,
    period: Annotated[str | None, typer.Option(help="What that section speaks about: 2025 or 2021-2025.")] = None,
    status: Annotated[Status | None, typer.Option(help="What kind of claim that section makes.")] = None,
    as_json: AsJson = False,
) -> None:
    """Correct what was read from a document; corrections are remembered when it is added again."""
    settings = Settings()
    document = assemble.make_library(settings).document(document_id)
    sections = {}
    if section is not None:
        require_sections(document, (section,))
        sections[section] = SectionCorrection(period=period, status=status)
    given = {"title": title, "delivered": delivered.date() if delivered else None, "kind": kind}
    changes = {name: value for name, value in given.items() if value is not None}
    assemble.make_holdings(settings).correct(document_id, Correction(**changes, sections=sections))
    build_index(settings)
    if as_json:
        print_json(document_details(assemble.make_library(settings).document(document_id)))


def show(
    document_id: str,
    as_json: AsJson = False,
    text: Annotated[
        bool, typer.Option("--text", help="Also the text, with each sentence's period and status.")
    ] = False,
) -> None:
    """Show what was understood of a document: dates, sections with period and status, repairs, what was left out."""
    library = assemble.make_library(Settings())
    document = library.document(document_id)
    if as_json:
        print_json(document_details(document, library.origins[document.id]))
        return
    typer.echo(document_text(document, library.origins[document.id]))
    if text:
        typer.echo(sentences_text(document))
    if document.revision_of:
        typer.echo(f"\nChanged since the earlier edition {document.revision_of}:")
        typer.echo("\n".join(changes(library.document(document.revision_of), document)))


def documents(
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table of what was understood.")] = False,
    left_out: Annotated[
        bool, typer.Option("--left-out", help="List what of the shipped sources was left out, and why.")
    ] = False,
) -> None:
    """List the documents that are held, with their dates."""
    library = assemble.make_library(Settings())
    if left_out:
        _list_left_out(library, as_json)
        return
    if markdown:
        typer.echo(documents_table(library.documents))
        return
    if as_json:
        print_json([document_summary(Entry.of(document)) for document in library.documents])
        return
    for document in library.documents:
        posted = ", ".join(str(p.date or "unknown") for p in document.postings)
        typer.echo(
            f"{document.id}  {document.title}\n    {document.kind}, delivered {document.delivered}, posted {posted}"
        )
        for title in document.other_titles:
            typer.echo(f"    also posted as {title}")


def _list_left_out(library: Library, as_json: bool) -> None:
    entries = skipped_entries(library.skipped)
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        typer.echo(f"{entry['file']}, line {entry['line']}: {entry['reason']}: {entry['text']}")
