"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.types import Status

Years = Annotated[list[str] | None, typer.Option("--year", help="Only what speaks about 2019, or 2016-2020. *")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only claims of this kind. *")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only reports, or articles. *")]
DocumentIds = Annotated[
    list[str] | None, typer.Option("--document", help="Only the document with this id. (* may be repeated)")
]
HistoryFile = Annotated[
    Path | None, typer.Option("--history", help='The conversation before it: a JSON list of {"role", "content"}.')
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
