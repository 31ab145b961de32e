"""Searching and asking, and asking again what a receipt tells."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from index.filter import Filter
from rag import assemble
from rag.conversation import detect_language
from rag.receipt import ReceiptError, compare, history_hash, read_receipt
from rag.settings import Settings
from rag.types import answer_json
from rag.wording import NEXT_QUESTIONS, no_passage
from ui.batch import answer_lines, read_lines, read_turns
from ui.commands.options import AsJson, DocumentIds, HistoryFile, Kinds, Statuses, Years
from ui.commands.output import bar_options, print_json, say
from ui.explain import explanation, explanation_text
from ui.export import export_answer, writer_for
from ui.terminal import answer_text, passage_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.pipeline import Pipeline
    from rag.receipt import Receipt
    from rag.types import Answer, Turn


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
    found = open_pipeline().search(text, k, within=within)
    if as_json:
        print_json([asdict(passage) for passage in found])
        return
    if not found:
        typer.echo(no_passage(detect_language(text), within))
    for place, passage in enumerate(found, 1):
        typer.echo(f"{place}. {passage_text(passage, detect_language(text))}\n")


def indicators(
    name: Annotated[str, typer.Argument(help="Any name of the indicator, Chinese or English; all without one.")] = "",
    year: Annotated[int | None, typer.Option(help="Only what is said of this year.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the documents report of indicators: value, change, period, status, and the sentence that says so."""
    from ui.indicators import indicator_rows, rows_csv

    rows = indicator_rows(open_pipeline(), name, year)
    if as_csv:
        typer.echo(rows_csv(rows), nl=False)
    elif as_json:
        print_json([asdict(row) for row in rows])
    else:
        for row in rows:
            figures = " ".join(filter(None, (row.value + row.unit, row.change and f"({row.change}{row.change_unit})")))
            typer.echo(f"{row.period or '-'} {row.status:10} {row.name} {figures}\n    {row.sentence}")


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
    pipeline = open_pipeline()
    trace = pipeline.trace(text or "", turns, within)
    _write_files(pipeline.receipt(trace, turns), trace.answer, export, receipt)
    if as_json:
        print_json(explanation(trace) if explain else answer_json(trace.answer))
        return
    typer.echo(answer_text(trace.answer))
    if explain:
        typer.echo(f"\n{explanation_text(trace)}")
    following = pipeline.suggest(trace, turns)
    if following:
        typer.echo("\n".join(["", NEXT_QUESTIONS[trace.answer.language], *(f"  {question}" for question in following)]))


def _ask_batch(batch: Path, out: Path, within: Filter) -> None:
    if out.exists() and out.samefile(batch):
        raise typer.BadParameter(f"--out {out} is the file of questions itself; name another")
    lines = read_lines(batch)
    pipeline = open_pipeline()
    # A line may quote half of a character, which has no UTF-8; in JSON it is written as its escape.
    with out.open("w", encoding="utf-8", errors="backslashreplace", buffering=1) as file:
        for entry in tqdm(answer_lines(pipeline, lines, within), total=len(lines), unit="question", **bar_options()):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    say(f"{len(lines)} answers written to {out}")


def _write_files(made: Receipt, answer: Answer, export: Path | None, receipt: Path | None) -> None:
    if export is not None:
        export_answer(answer, made, export)
        say(f"The answer is written to {export}")
    if receipt is not None:
        receipt.write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
        say(f"The receipt is written to {receipt}")


def _read_history(path: Path | None) -> list[Turn]:
    if path is None:
        return []
    try:
        return read_turns(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise typer.BadParameter(f"{path}: {error}") from error


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
    pipeline = open_pipeline(today=lambda: then.today)
    trace = pipeline.trace(then.question, turns, then.within)
    answer, differences = trace.answer, compare(then, pipeline.receipt(trace, turns))
    same = not any(difference.name == "answer" for difference in differences)
    if as_json:
        told = [difference.model_dump() for difference in differences]
        print_json({"same": same, "differences": told, "answer": answer_json(answer)})
    else:
        typer.echo("The answer is the same." if same else "The answer is not the same; it is now:")
        if not same:
            typer.echo(answer_text(answer))
        for difference in differences:
            typer.echo(f"{difference.name}: then {difference.then or 'none'}; now {difference.now or 'none'}")
    if not same:
        raise typer.Exit(3)


def open_pipeline(settings: Settings | None = None, today: Callable[[], date] = date.today) -> Pipeline:
    """Put the pipeline together, and tell where its index is not of the documents held now.

    `today` is the day from which 去年 counts.
    """
    settings = settings or Settings()
    pipeline = assemble.make_pipeline(settings, assemble.make_encoder(settings), today)
    indexed = {document.id for document in pipeline.documents()}
    held = {document.id for document in assemble.make_library(settings).documents}
    if indexed != held:
        say(
            f"{len(held - indexed)} documents are held and not in the index, {len(indexed - held)} are in it and not "
            "held any more; run: district-qa build"
        )
    return pipeline
