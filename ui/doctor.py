"""Looking through an installation: what is there, whether it belongs together, and what to do where it does not."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.decode import SourceError
from corpus.holdings import HoldingsError
from corpus.translate import TranslationFileError
from index.encoder import ModelError
from index.health import examine_index
from index.store import StoreError, open_index, read_manifest
from rag import assemble
from rag.engines import make_engines
from rag.language_model import LanguageModelError
from ui.exposure import OpenServiceError, require_keys_elsewhere
from ui.keys import keys_of
from ui.records import open_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.health import IndexHealth
    from rag.settings import Settings

#: Bytes free below which nothing can be relied on, and below which a build may not fit beside the serving one.
_NO_ROOM, _LITTLE_ROOM = 50_000_000, 500_000_000
#: Tokens that a language model is asked for, to see whether it is there.
_FEW_TOKENS = 8
#: Seconds to wait for a database that another process writes.
_PATIENCE = 5.0
_CLOCKS_DIFFER = timedelta(minutes=5)
_EXPIRES_SOON = timedelta(days=14)
#: What checks may meet; their messages say what to do.
_FAULTS = (SourceError, HoldingsError, StoreError, ModelError, TranslationFileError, OSError, sqlite3.Error)
_BUILD = "run: district-qa build"
_RESTORE = "restore a backup: district-qa restore FILE"


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARNING = "warning"  #: it works, and something should be done
    ERROR = "error"  #: something does not work, or is lost


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `todo` says what to do, empty where nothing is."""

    check: str
    level: Level
    message: str
    todo: str = ""


def _ok(check: str, message: str) -> Finding:
    return Finding(check, Level.OK, message)


def _warning(check: str, message: str, todo: str) -> Finding:
    return Finding(check, Level.WARNING, message, todo)


def _error(check: str, message: str, todo: str) -> Finding:
    return Finding(check, Level.ERROR, message, todo)


def examine(settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Finding]:
    """Yield the findings of every check, one after the other; nothing is changed but the unpacked model, if missing."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "folder": lambda: _folder(settings.data_dir),
        "documents": lambda: _documents(settings),
        "translations": lambda: _translations(settings),
        "index": lambda: _index(settings),
        "vectors": lambda: _vectors(settings),
        "language": lambda: _language_model(settings),
        "keys": lambda: _keys(settings, now()),
        "databases": lambda: _databases(settings),
        "clock": lambda: _clock(settings, now()),
        "fonts": _fonts,
    }
    for name, check in checks.items():
        try:
            yield from check()
        except _FAULTS as error:
            yield Finding(
                name, Level.ERROR, f"{error}", "" if "run: " in str(error) else "mend what it says, ask again"
            )


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield _error("folder", f"there is no data folder {folder.absolute()}", f"{_BUILD}; or {_RESTORE}")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield _error("folder", f"{folder.absolute()} cannot be written by this user", "run as the user who owns it")
    free = shutil.disk_usage(folder).free
    told = f"{folder.absolute()}, {free / 1e9:.1f} GB free"
    if free < _LITTLE_ROOM:
        level = Level.ERROR if free < _NO_ROOM else Level.WARNING
        yield Finding("folder", level, told, "make room: a new index is written beside the one that serves")
    else:
        yield _ok("folder", told)


def _documents(settings: Settings) -> Iterator[Finding]:
    holdings = assemble.make_holdings(settings)
    records = holdings.records()
    for record in records:
        try:
            with closing(holdings.open_original(record)) as file:
                content = file.read()
        except FileNotFoundError:
            yield _error("documents", f"the file {record.file_name} ({record.file_hash}) is gone", _RESTORE)
            continue
        if hashlib.sha256(content).hexdigest()[: len(record.file_hash)] != record.file_hash:
            yield _error("documents", f"the file {record.file_name} ({record.file_hash}) was changed", _RESTORE)
    library = assemble.make_library(settings)
    texts = frozenset[str]().union(*library.copies.values())
    unused = sorted(holdings.corrections().keys() - texts - holdings.withdrawn())
    if unused:
        yield _warning(
            "documents",
            f"corrections of documents that are not held: {', '.join(unused)}",
            "add the documents again; corrections of a document that is never to come back do no harm",
        )
    yield _ok("documents", f"{len(library.documents)} documents held, {len(records)} files added by staff")


def _translations(settings: Settings) -> Iterator[Finding]:
    texts = sum(1 for _ in assemble.make_translations(settings).texts())
    yield _ok("translations", f"{texts} texts with English")


def _index(settings: Settings) -> Iterator[Finding]:
    manifest, library = read_manifest(settings.index_dir), assemble.make_library(settings)
    with closing(open_index(settings.index_dir, make_engines(settings)).library) as held:
        indexed = held.hashes().keys()
    removed = sorted(assemble.make_holdings(settings).withdrawn() & indexed)
    if removed:
        yield _error("index", f"it still holds {', '.join(removed)}, removed since: nothing answers", _BUILD)
    wanted = {document.id for document in library.documents}
    if wanted - indexed:
        yield _error("index", f"documents not in the index: {', '.join(sorted(wanted - indexed))}", _BUILD)
    if indexed - wanted:
        yield _error("index", f"documents no longer held: {', '.join(sorted(indexed - wanted))}", _BUILD)
    if wanted == indexed and not assemble.is_current(settings, library, assemble.encoder_name(settings)):
        yield _warning("index", "made by another version of documents, English, model or program", _BUILD)
    yield _ok("index", f"{manifest.documents} documents, {manifest.passages} passages, built {manifest.built_at}")


def _vectors(settings: Settings) -> Iterator[Finding]:
    encoder = assemble.make_encoder(settings)
    yield _ok("model", encoder.name)
    index = open_index(settings.index_dir, make_engines(settings))
    index.manifest.require(encoder=encoder.name)
    with closing(index.library):
        health = examine_index(index, encoder)
    faults = list(_vector_faults(health))
    todo = f"delete {settings.index_dir / 'cache'}, which shares its vectors, then run: district-qa build --force"
    yield from (_error("vectors", fault, todo) for fault in faults)
    if health.duplicates:
        yield _warning(
            "vectors",
            f"{health.duplicates} of {health.vectors} vectors are those of another text too",
            "a few are texts that differ in spaces or widths only; where they are many, run: district-qa build --force",
        )
    if not faults:
        yield _ok("vectors", f"{health.vectors} vectors, agreement with the model {health.agreement:.4f}")


def _vector_faults(health: IndexHealth) -> Iterator[str]:
    if health.empty:
        yield f"documents without a passage: {', '.join(health.empty[:5])}"
    if health.orphans:
        yield f"{len(health.orphans)} passages or indicators belong to no document"
    if health.outside:
        yield f"{health.outside} vectors are referred to and not there"
    if health.wrong:
        yield f"{health.wrong} of {health.vectors} vectors are zero or not of length 1"
    if health.lost:
        yield f"{len(health.lost)} passages of a sample are not found by their own vector"
    if not health.is_same_model:
        yield f"the model at hand makes other vectors than the index holds (cosine {health.agreement:.3f})"


def _language_model(settings: Settings) -> Iterator[Finding]:
    model = assemble.make_language_model(settings, settings.generator)
    if model is None:
        yield _ok("language", "no language model: answers are the documents' own sentences")
        return
    try:
        with closing(model.stream("Answer with one word.", "Are you there?", _FEW_TOKENS)) as pieces:
            next(pieces, "")
    except LanguageModelError as error:
        todo = "until it is back answers are the documents' own sentences; see the settings model, model_url, model_key"
        yield _error("language", str(error), todo)
    else:
        yield _ok("language", f"{settings.model} answers ({settings.generator})")


def _keys(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        said = require_keys_elsewhere(settings)
    except OpenServiceError as error:
        yield _error("keys", str(error), "district-qa keys add NAME --role ask")
        return
    usable = [key for key in keys_of(settings).all() if key.is_usable(now.date())]
    soon = [key.name for key in usable if key.expires and key.expires <= (now + _EXPIRES_SOON).date()]
    if soon:
        yield _warning("keys", f"these keys expire soon: {', '.join(soon)}", "district-qa keys add NAME")
    yield _ok("keys", said)


def _databases(settings: Settings) -> Iterator[Finding]:
    """Look at the databases and the secret of the data folder; those of builds never change and are opened above."""
    server, folder = open_server(settings), settings.data_dir
    if server:
        with closing(server):
            server.check()
        yield _ok("databases", f"{server} answers")
    found = [path for path in (folder / "questions.db", folder / "keys.db", *folder.glob("jobs/*.db")) if path.exists()]
    for path in [*found, *(path for path in (folder / "secret",) if path.exists())]:
        if path.stat().st_mode & 0o077:
            yield _warning("databases", f"{path} can be read by other users", f"chmod 600 {path}")
    for path in found:
        yield _database(path)


def _database(path: Path) -> Finding:
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
            (state,) = connection.execute("pragma quick_check(1)").fetchone()
            connection.execute("begin immediate")
            connection.rollback()
    except sqlite3.OperationalError as error:
        todo = "another program holds it: end that; where none does, see whether the disk is full or read-only"
        return _error("databases", f"{path} cannot be written: {error}", todo)
    except sqlite3.DatabaseError as error:
        state = str(error)
    if state != "ok":
        return _error("databases", f"{path} is damaged: {state}", f"move it away, or {_RESTORE}")
    return _ok("databases", f"{path.name} is whole and can be written")


def _clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    known = [datetime.fromisoformat(read_manifest(settings.index_dir).built_at)]
    known += [record.added_at for record in assemble.make_holdings(settings).records()]
    latest = max(known)
    if latest > now + _CLOCKS_DIFFER:
        yield _error(
            "clock",
            f"it is {now:%Y-%m-%d %H:%M} UTC here, but {latest:%Y-%m-%d %H:%M} was recorded before",
            "set the clock right, best with NTP; 去年 in questions and the expiry of keys go by it",
        )
    else:
        yield _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _fonts() -> Iterator[Finding]:
    program = shutil.which("fc-list")
    found = program and subprocess.run([program, ":lang=zh"], capture_output=True, check=False).stdout.strip()
    if found:
        yield _ok("fonts", "there are fonts for Chinese")
    else:
        yield _warning(
            "fonts",
            "no font for Chinese was found on this machine",
            "only a browser on this machine needs one: apt-get install fontconfig fonts-noto-cjk",
        )
