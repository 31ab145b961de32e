"""Keeping a service up: backing the data folder up, and putting it back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import assemble
from rag.settings import Settings
from ui.backup import back_up
from ui.backup import restore as put_back
from ui.commands.options import AsJson
from ui.commands.output import print_json, say


def backup(file: Annotated[Path, typer.Argument(help="Where the backup goes: a new file, ending in .tar.gz.")]) -> None:
    """Write all that the data folder holds to one file; a running service goes on."""
    settings = Settings()
    contents = back_up(settings.data_dir, assemble.make_holdings(settings), file)
    say(f"{len(contents.files)} files, {sum(one.size for one in contents.files.values()):,} bytes, written to {file}")
    if settings.database_url.get_secret_value():
        say("The log of questions, keys and jobs are in the database and not in this file; save them with pg_dump.")
    if settings.originals_url:
        say(f"Original files in {settings.originals_url} are not in this file; save them with the storage's own means.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that district-qa backup wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a data folder that holds something.")] = False,
) -> None:
    """Put a backup in the place of the data folder, whole or not at all; stop the service before."""
    data_dir = Settings().data_dir
    contents, former = put_back(file, data_dir, force=force)
    say(f"{data_dir} is as it was at {contents.made_at:%Y-%m-%d %H:%M} UTC: {len(contents.files)} files")
    if former is not None:
        say(f"what it held before is in {former}; delete that when all is well")
    say("run: district-qa build (documents that this version of the program reads otherwise), then district-qa doctor")


def doctor(as_json: AsJson = False) -> None:
    """Look through the installation and say what to do; exit status 1 where something does not work."""
    # Here: it looks at everything, and so loads everything.
    from ui.doctor import Level, examine

    findings = []
    for finding in examine(Settings()):
        findings.append(finding)
        if not as_json:
            typer.echo(f"{finding.level:8} {finding.check:12} {finding.message}")
            if finding.todo:
                typer.echo(f"{'':8} {'':12} -> {finding.todo}")
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(1)
