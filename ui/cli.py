"""The command line: `district-qa`."""

from __future__ import annotations

import getpass
import json
import logging
import sys
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from tqdm import tqdm

from corpus.corrections import Correction, SectionCorrection
from corpus.decode import SourceError
from corpus.glossary import load_official
from corpus.holdings import HoldingsError
from corpus.readers import read_file
from corpus.sections import last_of, section_paths
from corpus.translate import TranslationFileError, find_missing, keep, translate
from corpus.translation_checks import check_edition, read_exemptions
from corpus.translations import TranslationKind
from corpus.types import Entry, Status, text_id
from index.filter import Filter, FilterError
from index.store import StoreError, read_manifest
from rag import assemble
from rag.conversation import detect_language
from rag.pipeline import QuestionError
from rag.receipt import ReceiptError, compare, history_hash, read_receipt
from rag.settings import Settings
from rag.types import answer_json
from rag.wording import NEAREST, NEXT_QUESTIONS, TRANSLATION_NOTE, UNDERSTOOD, dates_label, no_passage, period_label
from ui.batch import answer_lines, read_lines, read_turns
from ui.english import coverage, fault_lines, report_json, report_text
from ui.explain import explanation, explanation_text
from ui.export import ExportError, export_answer, writer_for
from ui.show import (
    changes,
    document_details,
    document_summary,
    document_text,
    documents_table,
    sentences_text,
    skipped_entries,
    skipped_summary,
    with_posting,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.library import Library
    from rag.pipeline import Pipeline
    from rag.receipt import Receipt
    from rag.types import Answer, FoundPassage, Language, Turn

app = typer.Typer(
    help="Cited answers, in Chinese and English, from a district's work reports and articles.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

#: Faults that are told in one line.
_UNDERSTOOD = (
    *(SourceError, HoldingsError, StoreError, FilterError, QuestionError, ValidationError, OSError),
    *(TranslationFileError, assemble.NoTranslatorError, ReceiptError, ExportError),
)

Years = Annotated[list[str] | None, typer.Option("--year", help="Only what speaks about 2019, or 2016-2020. *")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only claims of this kind. *")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only reports, or articles. *")]
DocumentIds = Annotated[
    list[str] | None, typer.Option("--document", help="Only the document with this id. (* may be repeated)")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def build(
    as_json: AsJson = False,
    force: Annotated[bool, typer.Option("--force", help="Build anew even where the index is current.")] = False,
) -> None:
    """Build the index; does nothing where it is current."""
    settings = Settings()
    _build(settings, force)
    if as_json:
        _print(read_manifest(settings.index_dir).model_dump())


def _build(settings: Settings, force: bool = False) -> None:
    began = time.perf_counter()
    library = assemble.make_library(settings)
    _say("\n".join(skipped_summary(library.skipped)))
    if not force and assemble.is_current(settings, library, assemble.encoder_name(settings)):
        _say("The index is current; nothing to build.")
    else:
        encoder = assemble.make_encoder(settings)
        _say(f"Building the index of {len(library.documents)} documents (from nothing about a minute) …")
        with tqdm(unit="sentence", desc="encoding", **_bar()) as bar:

            def report(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            assemble.make_index(settings, library, encoder, report, anew=force)
    manifest = read_manifest(settings.index_dir)
    _say(
        f"Ready after {time.perf_counter() - began:.1f} s: "
        f"{manifest.documents} documents, {manifest.passages} passages."
    )


@app.command()
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
    results = [(path, read_file(path)) for path in files]
    correction = Correction(title=title, delivered=delivered.date() if delivered else None, kind=kind)
    added = []
    for path, result in results:
        texts = [with_posting(text, posted.date() if posted else None, source_url) for text in result.texts]
        record, is_new = holdings.add(path, texts, _who(), source_url, result.skipped)
        _say(f"{path}: {len(texts)} text(s) added" if is_new else f"{path}: already held, nothing changed")
        _say("\n".join(skipped_summary(result.skipped)))
        for text in texts:
            if correction != Correction():
                holdings.correct(text_id(text.text), correction)
        left_out = skipped_entries(result.skipped)
        added.append(
            {"file": path.name, "hash": record.file_hash, "new": is_new, "texts": len(texts), "left_out": left_out}
        )
    _build(settings)
    if as_json:
        _print(added)


def _who() -> str:
    """Return who runs this, for the record of what was added."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a user id without a name, as in some containers


@app.command()
def remove(document_id: str, as_json: AsJson = False) -> None:
    """Remove a document: its file, its passages, and every answer from it."""
    settings = Settings()
    assemble.remove_document(settings, document_id)
    _build(settings)
    _say(f"{document_id} is removed")
    if as_json:
        _print({"removed": document_id})


@app.command()
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
        paths = section_paths(document.sections)
        fitting = [path for path in paths if section == path] or [path for path in paths if last_of(path) == section]
        if len(fitting) != 1:
            found = "; ".join(fitting) or "none"
            raise typer.BadParameter(
                f"wanted one section of {document_id} named {section!r}, found {found}; district-qa show lists them; "
                "where a title stands twice, give its path: 'title > title'"
            )
        sections[section] = SectionCorrection(period=period, status=status)
    given = {"title": title, "delivered": delivered.date() if delivered else None, "kind": kind}
    changes = {name: value for name, value in given.items() if value is not None}
    assemble.make_holdings(settings).correct(document_id, Correction(**changes, sections=sections))
    _build(settings)
    if as_json:
        _print(document_details(assemble.make_library(settings).document(document_id)))


@app.command()
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
        _print(document_details(document, library.origins[document.id]))
        return
    typer.echo(document_text(document, library.origins[document.id]))
    if text:
        typer.echo(sentences_text(document))
    if document.revision_of:
        typer.echo(f"\nChanged since the earlier edition {document.revision_of}:")
        typer.echo("\n".join(changes(library.document(document.revision_of), document)))


@app.command()
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
        _print([document_summary(Entry.of(document)) for document in library.documents])
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
        _print(entries)
        return
    for entry in entries:
        typer.echo(f"{entry['file']}, line {entry['line']}: {entry['reason']}: {entry['text']}")


@app.command()
def translations(
    check: Annotated[
        bool, typer.Option("--check", help="Compare numbers, plans, names and terms with the Chinese.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how much of each document has English; with --check also what is wrong with it and what is excused."""
    settings = Settings()
    held, english = assemble.make_library(settings).documents, assemble.make_translations(settings)
    if not check:
        table = [coverage(document, english) for document in held]
        if as_json:
            _print([asdict(row) for row in table])
            return
        for row in table:
            typer.echo(f"{row.document}  {row.edition} + {row.machine} of {row.texts}  {row.title}")
        return
    report = check_edition(held, english, load_official(), read_exemptions())
    if as_json:
        _print(report_json(report))
    else:
        typer.echo(report_text(report))
    if report.faults or report.unused:
        raise typer.Exit(1)


@app.command("translate")
def translate_command(
    ids: Annotated[list[str] | None, typer.Argument(help="Documents; all by default.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="A file of --missing with `en` filled in.")] = None,
    reviewed: Annotated[bool, typer.Option("--reviewed", help="A person has read what --from holds.")] = False,
    missing: Annotated[Path | None, typer.Option(help="Write what has no English to this file, and stop.")] = None,
) -> None:
    """Fill in the English that documents lack: checked, marked by who made it, and kept in the data folder."""
    settings, glossary = Settings(), load_official()
    library = assemble.make_library(settings)
    chosen = [library.document(one) for one in ids] if ids else library.documents
    wanted = list(find_missing(chosen, assemble.make_translations(settings), glossary))
    if missing is not None:
        missing.write_text("".join(text.line() + "\n" for text in wanted), encoding="utf-8")
        _say(
            f"{len(wanted)} texts without English written to {missing}; fill in `en`, then: translate --from {missing}"
        )
        return
    kind = TranslationKind.EDITION if reviewed else TranslationKind.MACHINE
    translator = assemble.make_translator(source, kind)
    with tqdm(total=len(wanted), unit="text", file=sys.stderr) as bar:
        outcome = translate(wanted, translator, glossary, lambda: bar.update())
    keep(outcome.kept, settings.translations_dir)
    for line in fault_lines(outcome.refused):
        _say(f"not used: {line}")
    _say(f"{len(outcome.kept)} translated, {len(outcome.missing)} still without English")
    if outcome.kept:
        _build(settings)


@app.command()
def search(
    text: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    year: Years = None,
    status: Statuses = None,
    kind: Kinds = None,
    document: DocumentIds = None,
    as_json: AsJson = False,
) -> None:
    """Show the passages that fit a text best."""
    within = Filter.parse(year or (), status or (), kind or (), document or ())
    found = _pipeline().search(text, k, within=within)
    if as_json:
        _print([asdict(passage) for passage in found])
        return
    if not found:
        typer.echo(no_passage(detect_language(text), within))
    for place, passage in enumerate(found, 1):
        typer.echo(f"{place}. {passage_text(passage, detect_language(text))}\n")


HistoryFile = Annotated[
    Path | None, typer.Option("--history", help='The conversation before it: a JSON list of {"role", "content"}.')
]


@app.command()
def indicators(
    name: Annotated[str, typer.Argument(help="Any name of the indicator, Chinese or English; all without one.")] = "",
    year: Annotated[int | None, typer.Option(help="Only what is said of this year.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the documents report of indicators: value, change, period, status, and the sentence that says so."""
    from ui.indicators import indicator_rows, rows_csv

    rows = indicator_rows(_pipeline(), name, year)
    if as_csv:
        typer.echo(rows_csv(rows), nl=False)
    elif as_json:
        _print([asdict(row) for row in rows])
    else:
        for row in rows:
            figures = " ".join(filter(None, (row.value + row.unit, row.change and f"({row.change}{row.change_unit})")))
            typer.echo(f"{row.period or '-'} {row.status:10} {row.name} {figures}\n    {row.sentence}")


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question.")] = None,
    batch: Annotated[Path | None, typer.Option(help="A file of questions, one JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers of --batch go.")] = None,
    year: Years = None,
    status: Statuses = None,
    kind: Kinds = None,
    document: DocumentIds = None,
    history: HistoryFile = None,
    export: Annotated[Path | None, typer.Option(help="Write the answer to a file: .md or .docx.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="Write a receipt, for district-qa replay.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the answer came about.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question, or a file of questions."""
    if (text is None) == (batch is None) or (batch is None) != (out is None):
        raise typer.BadParameter("give either a question, or --batch QUESTIONS.jsonl with --out ANSWERS.jsonl")
    within = Filter.parse(year or (), status or (), kind or (), document or ())
    if batch is not None and out is not None:
        if any((history, export, receipt, explain)):
            raise typer.BadParameter("--history, --export, --receipt and --explain are for one question, not --batch")
        _ask_batch(batch, out, within)
        return
    if export is not None:
        writer_for(export)  # a wrong ending shows before the model is loaded
    turns = _read_history(history)
    pipeline = _pipeline()
    trace = pipeline.trace(text or "", turns, within)
    _write_files(pipeline.receipt(trace, turns), trace.answer, export, receipt)
    if as_json:
        _print(explanation(trace) if explain else answer_json(trace.answer))
        return
    typer.echo(answer_text(trace.answer))
    if explain:
        typer.echo(f"\n{explanation_text(trace)}")
    following = pipeline.suggest(trace, turns)
    if following:
        typer.echo("\n".join(["", NEXT_QUESTIONS[trace.answer.language], *(f"  {question}" for question in following)]))


def _write_files(made: Receipt, answer: Answer, export: Path | None, receipt: Path | None) -> None:
    if export is not None:
        export_answer(answer, made, export)
        _say(f"The answer is written to {export}")
    if receipt is not None:
        receipt.write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
        _say(f"The receipt is written to {receipt}")


def _read_history(path: Path | None) -> list[Turn]:
    if path is None:
        return []
    try:
        return read_turns(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise typer.BadParameter(f"{path}: {error}") from error


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A receipt that ask --receipt wrote.")],
    history: HistoryFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask the question of a receipt again; tell whether the answer is the same, and what differs (exit status 3)."""
    then, turns = read_receipt(file), _read_history(history)
    if then.history != history_hash(turns):
        raise ReceiptError(
            f"{file} is of a question within another conversation than the one given; give it with --history FILE"
        )
    pipeline = _pipeline(today=lambda: then.today)
    trace = pipeline.trace(then.question, turns, then.within)
    answer, differences = trace.answer, compare(then, pipeline.receipt(trace, turns))
    same = not any(difference.name == "answer" for difference in differences)
    if as_json:
        told = [difference.model_dump() for difference in differences]
        _print({"same": same, "differences": told, "answer": answer_json(answer)})
    else:
        typer.echo("The answer is the same." if same else "The answer is not the same; it is now:")
        if not same:
            typer.echo(answer_text(answer))
        for difference in differences:
            typer.echo(f"{difference.name}: then {difference.then or 'none'}; now {difference.now or 'none'}")
    if not same:
        raise typer.Exit(3)


def _ask_batch(batch: Path, out: Path, within: Filter) -> None:
    if out.exists() and out.samefile(batch):
        raise typer.BadParameter(f"--out {out} is the file of questions itself; name another")
    lines = read_lines(batch)
    pipeline = _pipeline()
    # A line may quote half of a character, which has no UTF-8; in JSON it is written as its escape.
    with out.open("w", encoding="utf-8", errors="backslashreplace", buffering=1) as file:
        for entry in tqdm(answer_lines(pipeline, lines, within), total=len(lines), unit="question", **_bar()):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    _say(f"{len(lines)} answers written to {out}")


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
    for citation in cited:
        where = " > ".join((citation.title, *citation.headings))
        label = period_label(answer.language, citation.period, citation.status)
        dates = dates_label(answer.language, citation.delivered, citation.posted)
        lines.append(f"\n[{citation.marker}] {where}\n    {dates} · {label or '-'}\n    {citation.marked}")
    return "\n".join([*head, *lines])


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
    serving = assemble.make_serving(settings, assemble.make_encoder(settings))
    application = make_app(serving.current, settings.site_title)
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


def _pipeline(settings: Settings | None = None, today: Callable[[], date] = date.today) -> Pipeline:
    """Put the pipeline together, and tell where its index is not of the documents held now.

    `today` is the day from which 去年 counts.
    """
    settings = settings or Settings()
    pipeline = assemble.make_pipeline(settings, assemble.make_encoder(settings), today)
    indexed = {document.id for document in pipeline.documents()}
    held = {document.id for document in assemble.make_library(settings).documents}
    if indexed != held:
        _say(
            f"{len(held - indexed)} documents are held and not in the index, {len(indexed - held)} are in it and not "
            "held any more; run: district-qa build"
        )
    return pipeline


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _bar() -> dict[str, Any]:
    """Return how progress is shown: on standard error, and where no terminal is there to redraw it, rarely."""
    return {"file": sys.stderr, "mininterval": 0.1 if sys.stderr.isatty() else 10}


def _say(text: str) -> None:
    """Tell a person what is happening, if anything; standard output stays for results."""
    if text:
        print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Run a command; a fault that we understand is one line, not a traceback."""
    from index.encoder import ModelError

    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every odd font
    try:
        app()
    except (*_UNDERSTOOD, ModelError) as error:
        print(f"district-qa: {_fault(error)}", file=sys.stderr)
        sys.exit(1)


def _fault(error: Exception) -> str:
    """Return what an error says, in one line; pydantic's own wording has its addresses and types in it."""
    if not isinstance(error, ValidationError):
        return str(error)
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}, got {fault['input']!r}" for fault in error.errors())
    return "; ".join(faults)


if __name__ == "__main__":
    main()
