"""The command line: `district-qa`.

A command is a plain function in `ui/commands/`, listed here; its parameters and docstring are what `--help` shows.
A fault that is understood is raised by the part that notices it and told in one line.
"""

from __future__ import annotations

import logging
import sys

import typer
from pydantic import ValidationError

from corpus.decode import SourceError
from corpus.holdings import HoldingsError
from corpus.translate import TranslationFileError
from index.filter import FilterError
from index.store import StoreError
from rag.assemble import NoTranslatorError
from rag.pipeline import QuestionError
from rag.receipt import ReceiptError
from ui.backup import BackupError
from ui.commands import answering, documents, indexing, keeping, keys, questions, serving, translating
from ui.export import ExportError
from ui.exposure import OpenServiceError
from ui.keys import ApiKeyError

app = typer.Typer(
    help="Cited answers, in Chinese and English, from a district's work reports and articles.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
#: In the order of `--help`; a command is named as its function.
for command in (
    *(indexing.build, indexing.migrate),
    *(documents.add, documents.remove, documents.correct, documents.show, documents.documents),
    *(translating.translations, translating.translate),
    *(answering.search, answering.indicators, answering.ask, answering.replay),
    *(serving.serve, questions.questions, keeping.doctor, keeping.backup, keeping.restore, serving.settings),
):
    app.command()(command)
app.add_typer(keys.app, name="keys")

#: Faults that are told in one line.
_UNDERSTOOD = (
    *(SourceError, HoldingsError, StoreError, FilterError, QuestionError, ValidationError, OSError),
    *(TranslationFileError, NoTranslatorError, ReceiptError, ExportError, ApiKeyError, OpenServiceError, BackupError),
)


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
