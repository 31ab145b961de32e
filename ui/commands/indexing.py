"""Building the index."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from tqdm import tqdm

from index.engine import Store
from index.store import read_manifest
from rag import assemble
from rag.settings import Settings
from ui.commands.options import AsJson
from ui.commands.output import bar_options, print_json, say
from ui.show import skipped_summary


def build(
    as_json: AsJson = False,
    force: Annotated[bool, typer.Option("--force", help="Build anew even where the index is current.")] = False,
) -> None:
    """Build the index; does nothing where it is current."""
    settings = Settings()
    build_index(settings, force)
    if as_json:
        print_json(read_manifest(settings.index_dir).model_dump())


def build_index(settings: Settings, force: bool = False) -> None:
    """Bring the index up to date and tell what is done; the one that serves does so until the new one is whole."""
    began = time.perf_counter()
    library = assemble.make_library(settings)
    say("\n".join(skipped_summary(library.skipped)))
    if not force and assemble.is_current(settings, library, assemble.encoder_name(settings)):
        say("The index is current; nothing to build.")
    else:
        encoder = assemble.make_encoder(settings)
        say(f"Building the index of {len(library.documents)} documents (from nothing about a minute) …")
        with tqdm(unit="sentence", desc="encoding", **bar_options()) as bar:

            def report(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            assemble.make_index(settings, library, encoder, report, anew=force)
    manifest = read_manifest(settings.index_dir)
    say(
        f"Ready after {time.perf_counter() - began:.1f} s: "
        f"{manifest.documents} documents, {manifest.passages} passages."
    )


def migrate(
    to: Annotated[Store, typer.Option("--to", help="Where vectors and terms are to be kept.")],
    as_json: AsJson = False,
) -> None:
    """Move the index to another store without encoding anything; running services go on from there."""
    settings = Settings()
    with tqdm(unit="passage", desc=f"moving to {to}", **bar_options()) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        manifest = assemble.migrate_index(settings, to, report)
    say(f"{manifest.passages} passages are kept in {to}.")
    if settings.store is not to:
        say(f"The next build would move them back: set store to {to} (DISTRICT_QA_STORE={to}).")
    if as_json:
        print_json(manifest.model_dump())
