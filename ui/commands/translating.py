"""The English edition: how much there is, whether it is right, and filling it in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from corpus import translate as translating
from corpus.glossary import load_official
from corpus.translation_checks import check_edition, read_exemptions
from corpus.translations import TranslationKind
from rag import assemble
from rag.settings import Settings
from ui.commands.indexing import build_index
from ui.commands.options import AsJson
from ui.commands.output import print_json, say
from ui.english import coverage, fault_lines, report_json, report_text


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
            print_json([asdict(row) for row in table])
            return
        for row in table:
            typer.echo(f"{row.document}  {row.edition} + {row.machine} of {row.texts}  {row.title}")
        return
    report = check_edition(held, english, load_official(), read_exemptions())
    if as_json:
        print_json(report_json(report))
    else:
        typer.echo(report_text(report))
    if report.faults or report.unused:
        raise typer.Exit(1)


def translate(
    ids: Annotated[list[str] | None, typer.Argument(help="Documents; all by default.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="A file of --missing with `en` filled in.")] = None,
    reviewed: Annotated[bool, typer.Option("--reviewed", help="A person has read what --from holds.")] = False,
    missing: Annotated[Path | None, typer.Option(help="Write what has no English to this file, and stop.")] = None,
) -> None:
    """Fill in the English that documents lack: checked, marked by who made it, and kept in the data folder."""
    settings, glossary = Settings(), load_official()
    library = assemble.make_library(settings)
    chosen = [library.document(one) for one in ids] if ids else library.documents
    wanted = list(translating.find_missing(chosen, assemble.make_translations(settings), glossary))
    if missing is not None:
        missing.write_text("".join(text.line() + "\n" for text in wanted), encoding="utf-8")
        say(f"{len(wanted)} texts without English written to {missing}; fill in `en`, then: translate --from {missing}")
        return
    kind = TranslationKind.EDITION if reviewed else TranslationKind.MACHINE
    translator = assemble.make_translator(settings, source, kind)
    with tqdm(total=len(wanted), unit="text", file=sys.stderr) as bar:
        outcome = translating.translate(wanted, translator, glossary, lambda: bar.update())
    translating.keep(outcome.kept, settings.translations_dir)
    for line in fault_lines(outcome.refused):
        say(f"not used: {line}")
    if translator.fault:
        say(f"the translator stopped: {translator.fault}; run district-qa translate again for the rest")
    say(f"{len(outcome.kept)} translated, {len(outcome.missing)} still without English")
    if outcome.kept:
        build_index(settings)
