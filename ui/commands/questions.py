"""What was asked, what was refused, and what was marked wrong."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.settings import Settings
from ui.commands.options import AsJson
from ui.commands.output import print_json, say

Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on (UTC).")]


def questions(
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only answers that their askers marked as not helpful.")
    ] = False,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="What is asked most, refused, and marked wrong, grouped by what it names.")
    ] = False,
    since: Since = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="At most so many, the latest or most frequent.")
    ] = 50,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write them to a file for a spreadsheet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was asked and what came of it, as far as the settings keep it."""
    # Loading the database library takes as long as all else.
    from ui import questions as shown
    from ui.question_log import open_log

    if gaps and (refused or wrong):
        raise typer.BadParameter("--gaps tells both what was refused and what was marked wrong; give it alone")
    with closing(open_log(Settings())) as log:
        log.purge()  # a service that is stopped deletes nothing
        if gaps:
            found = log.gaps(since=since, most=limit)
            table, text = shown.gaps_csv(found), shown.gaps_text(found)
            told: Any = shown.gaps_json(found)
        else:
            only: dict[str, Any] = ({"status": "refused"} if refused else {}) | ({"helpful": False} if wrong else {})
            listed = log.questions(since=since, limit=limit, **only)
            table, told = shown.questions_csv(listed), list(map(shown.question_json, listed))
            text = "\n".join(map(shown.question_text, listed)) or "no questions"
    if csv is not None:
        csv.write_text(table, encoding="utf-8-sig", newline="")  # with the mark by which Excel knows UTF-8
        say(f"written to {csv}")
    elif as_json:
        print_json(told)
    else:
        typer.echo(text)
