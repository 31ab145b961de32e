from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import corpus.kept
from corpus.holdings import Holdings
from corpus.kept import read_kept_library
from corpus.library import Library, read_library
from corpus.types import Posting, RawText, text_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = "青山区发布《青山区鼓励企业落户办法》，对新设立的企业总部，最高给予200万元的开办资助。"
LISTING = "• 【青山区招商】青山湾简介\n青山湾位于湾区南侧，共有码头十二座。\n2032-01-01\n首页\n"
Reads = list[Library]


@pytest.fixture
def held(tmp_path: Path) -> Holdings:
    holdings = Holdings(tmp_path / "held")
    path = tmp_path / "policy.txt"
    path.write_text(TEXT, encoding="utf-8")
    holdings.add(path, [RawText(Posting("办法", date(2032, 3, 1), "policy.txt"), TEXT)], "li")
    return holdings


@pytest.fixture
def shipped(tmp_path: Path) -> list[Path]:
    path = tmp_path / "a.txt"
    path.write_text(LISTING, encoding="utf-8")
    return [path]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Every library that was read anew, and not taken as it was kept."""
    libraries: Reads = []

    def read(*arguments: object) -> Library:
        libraries.append(read_library(*arguments))  # type: ignore[arg-type]
        return libraries[-1]

    monkeypatch.setattr(corpus.kept, "read_library", read)
    return libraries


def _read(shipped: list[Path], held: Holdings, words: str = "1") -> Library:
    return read_kept_library(shipped, held, lambda _: 0.0, words)


def test_the_second_reading_takes_what_was_kept_and_it_is_the_same(
    shipped: list[Path], held: Holdings, reads: Reads
) -> None:
    assert _read(shipped, held) == _read(shipped, held) == read_library(shipped, held)
    assert len(reads) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda shipped, held: shipped[0].write_text(LISTING.replace("十二", "十三"), encoding="utf-8"),
        lambda shipped, held: held.remove({text_id(TEXT)}),
        lambda shipped, held: held.kept_library.write_bytes(b"{"),
        lambda shipped, held: held.kept_library.unlink(),
    ],
    ids=["a shipped file changes", "a document is removed", "the copy is damaged", "the copy is deleted"],
)
def test_any_change_is_seen_at_once(
    change: Callable[[list[Path], Holdings], object], shipped: list[Path], held: Holdings, reads: Reads
) -> None:
    _read(shipped, held)
    change(shipped, held)
    assert _read(shipped, held) == read_library(shipped, held)
    assert len(reads) == 2


def test_another_word_model_reads_anew(shipped: list[Path], held: Holdings, reads: Reads) -> None:
    _read(shipped, held)
    _read(shipped, held, "2")
    assert len(reads) == 2


def test_reading_anew_sweeps_what_a_stopped_change_has_left(
    shipped: list[Path], held: Holdings, tmp_path: Path
) -> None:
    left = tmp_path / "held" / ".removing-x" / "original.txt"
    left.parent.mkdir()
    left.write_text(TEXT, encoding="utf-8")
    _read(shipped, held)
    assert not left.parent.exists()


def test_what_is_removed_is_in_no_file_any_more(shipped: list[Path], held: Holdings, tmp_path: Path) -> None:
    _read(shipped, held)
    held.remove({text_id(TEXT)})
    left = [path.read_text(encoding="utf-8") for path in (tmp_path / "held").rglob("*") if path.is_file()]
    assert not any("开办资助" in text for text in left)
