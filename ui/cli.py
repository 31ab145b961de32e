"""The command line: `district-qa`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from tqdm import tqdm

from corpus.decode import SourceError
from index.store import StoreError, read_manifest
from rag import assemble
from rag.pipeline import QuestionError
from rag.settings import Settings
from rag.types import answer_json

if TYPE_CHECKING:
    from corpus.types import Document
    from rag.pipeline import Pipeline
    from rag.types import Answer

app = typer.Typer(
    help="Cited answers, in Chinese and English, from a district's work reports and articles.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def build(
    as_json: AsJson = False,
    force: Annotated[bool, typer.Option("--force", help="Build anew even where the index is current.")] = False,
) -> None:
    """Build the index; does nothing where it is current."""
    settings, began = Settings(), time.perf_counter()
    library = assemble.make_library(settings)
    if not force and not settings.encoder and assemble.is_current(settings, library):
        _say("The index is current; nothing to build.")
    else:
        _say("Loading the embedding model (the first time it is unpacked, about 20 seconds) …")
        encoder = assemble.make_encoder(settings)
        if force or not assemble.is_current(settings, library, encoder.name):
            _say(f"Building the index of {len(library.documents)} documents (about half a minute) …")
            with tqdm(unit="text", file=sys.stderr, desc="encoding") as bar:

                def report(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                assemble.make_index(settings, library, encoder, report)
    manifest = read_manifest(settings.index_dir)
    _say(
        f"Ready after {time.perf_counter() - began:.1f} s: "
        f"{manifest.documents} documents, {manifest.passages} passages."
    )
    if as_json:
        _print(manifest.model_dump())


@app.command()
def documents(as_json: AsJson = False) -> None:
    """List the documents that are held, with their dates."""
    library = assemble.make_library(Settings())
    if as_json:
        _print([document_summary(document) for document in library.documents])
        return
    for document in library.documents:
        posted = ", ".join(str(p.date) for p in document.postings)
        typer.echo(
            f"{document.id}  {document.title}\n    {document.kind}, delivered {document.delivered}, posted {posted}"
        )
        for title in document.other_titles:
            typer.echo(f"    also posted as {title}")


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
    }


@app.command()
def search(
    text: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the passages that fit a text best."""
    found = _pipeline().search(text, k)
    if as_json:
        _print([asdict(passage) for passage in found])
        return
    for place, passage in enumerate(found, 1):
        where = " > ".join((passage.title, *passage.headings))
        typer.echo(
            f"{place}. {passage.score:.3f}  {passage.period or '-'} {passage.status}  {where}\n   {passage.text}\n"
        )


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question.")] = None,
    batch: Annotated[Path | None, typer.Option(help="A file of questions, one JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers of --batch go.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, or a file of questions."""
    if (text is None) == (batch is None) or (batch is None) != (out is None):
        raise typer.BadParameter("give either a question, or --batch QUESTIONS.jsonl with --out ANSWERS.jsonl")
    if batch is not None and out is not None:
        _ask_batch(batch, out)
        return
    answer = _pipeline().ask(text or "")
    if as_json:
        _print(answer_json(answer))
    else:
        typer.echo(answer_text(answer))


def _ask_batch(batch: Path, out: Path) -> None:
    from ui.batch import answer_lines, read_lines

    lines = read_lines(batch)
    pipeline = _pipeline()
    with out.open("w", encoding="utf-8") as file:
        for entry in tqdm(answer_lines(pipeline, lines), total=len(lines), unit="question", file=sys.stderr):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    _say(f"{len(lines)} answers written to {out}")


def answer_text(answer: Answer) -> str:
    """Return an answer as a person reads it in a terminal."""
    if answer.refusal is not None:
        lines = [answer.refusal.message]
        cited = answer.refusal.nearest
    else:
        lines = [answer.answer or ""]
        cited = answer.citations
    for citation in cited:
        where = " > ".join((citation.title, *citation.headings))
        lines.append(
            f"\n[{citation.marker}] {where}\n    delivered {citation.delivered}, posted {', '.join(citation.posted)}; "
            f"{citation.period or '-'} {citation.status}\n    {citation.marked}"
        )
    return "\n".join(lines)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Serve the chat page on / and the API on /api/v1."""
    import uvicorn

    from ui.api import make_app

    began = time.perf_counter()
    settings = Settings()
    host, port = host or settings.host, port or settings.port
    _say("Loading the embedding model and opening the index …")
    application = make_app(_pipeline(settings), settings.site_title)
    _say(
        f"Ready after {time.perf_counter() - began:.1f} s: "
        f"http://{host}:{port}/ (chat), http://{host}:{port}/docs (API)"
    )
    uvicorn.run(application, host=host, port=port, log_level="warning")


@app.command("settings")
def show_settings(as_json: AsJson = False) -> None:
    """Print the settings in force and what each is for."""
    settings = Settings()
    values = settings.model_dump(mode="json")
    if as_json:
        _print(values)
        return
    for name, field in Settings.model_fields.items():
        typer.echo(f"{name} = {values[name]!r}\n    {field.description} (DISTRICT_QA_{name.upper()})")


def _pipeline(settings: Settings | None = None) -> Pipeline:
    settings = settings or Settings()
    return assemble.make_pipeline(settings, assemble.make_encoder(settings))


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _say(line: str) -> None:
    """Tell a person what is happening; standard output stays for results."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Run a command; a fault that we understand is one line, not a traceback."""
    from index.encoder import ModelError

    try:
        app()
    except (SourceError, StoreError, ModelError, QuestionError, ValidationError, OSError) as error:
        print(f"district-qa: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
