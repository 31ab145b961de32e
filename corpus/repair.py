"""Putting back characters that a source has lost, each with its place, method and confidence.

Repairs are insertions only: taking them out again gives the source, character for character. A list that a person
has reviewed (`corpus/repairs/`, one file a source) overrides all else; without one, each lost character is put back
from a copy that still has it, or, where there is none, by likelihood.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.damage import confidence, guess_places, lost_characters, model_of
from corpus.types import Repair, text_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REVIEWED = Path(__file__).with_name("repairs")

_MARK = re.compile(r"\[(.)\]")

Insertions = dict[int, Repair]


def repair(
    source: str,
    copies: Sequence[str] = (),
    references: Sequence[str] = (),
    word_score: Callable[[str], float] | None = None,
    repairs_folder: Path = REVIEWED,
) -> tuple[str, tuple[Repair, ...]]:
    """Return the repaired text of `source` and its repairs.

    `copies` are other copies of the same text, `references` different texts of the same kind, from which lost
    characters are noticed; `word_score` is what `corpus.damage.guess_places` needs, and without it nothing is
    guessed. The reviewed list of a source is `<id of the source text>.txt` in `repairs_folder`.

    Raises:
        ValueError: a line of the reviewed list is malformed, or its context does not occur in the source.
    """
    path = repairs_folder / f"{text_id(source)}.txt"
    if path.exists():
        return insert(source, _reviewed(source, path))
    insertions: Insertions = {}
    for character in lost_characters(source, references):
        copy = next((copy for copy in copies if character in copy), None)
        if copy is not None:
            insertions |= _from_copy(source, copy, character)
        elif word_score is not None:
            places = guess_places(source, character, model_of(character, references), word_score)
            insertions |= {at: Repair(at, character, "likelihood", confidence(gain)) for at, gain in places.items()}
    return insert(source, insertions)


def _reviewed(source: str, path: Path) -> Insertions:
    insertions: Insertions = {}
    for before, character, after in read_reviewed(path):
        places = [m.start() + len(before) for m in re.finditer(re.escape(before + after), source)]
        if not places:
            raise ValueError(f"{path}: the context {before}[{character}]{after} does not occur in its source")
        insertions |= {at: Repair(at, character, "reviewed", 1.0) for at in places}
    return insertions


def read_reviewed(path: Path) -> list[tuple[str, str, str]]:
    """Read a reviewed list: one `context[c]context` a line, meaning that c is missing there; # is a comment."""
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = _MARK.split(line)
        if len(parts) != 3 or not parts[0] + parts[2]:
            raise ValueError(f"{path}, line {number}: wanted 'context[c]context', got {line!r}")
        entries.append((parts[0], parts[1], parts[2]))
    return entries


def _from_copy(source: str, copy: str, character: str) -> Insertions:
    """Align with a copy; return `character` wherever the copy has just it where `source` has nothing."""
    matcher = SequenceMatcher(None, source, copy, autojunk=False)
    return {
        at: Repair(at, character, "aligned with a copy", 1.0)
        for tag, at, _, start, end in matcher.get_opcodes()
        if tag == "insert" and copy[start:end] == character
    }


def insert(source: str, insertions: Insertions) -> tuple[str, tuple[Repair, ...]]:
    """Insert characters at offsets of the source; return the new text, and the repairs at *its* offsets."""
    pieces: list[str] = []
    repairs: list[Repair] = []
    at = 0
    for number, offset in enumerate(sorted(insertions)):
        planned = insertions[offset]
        pieces += [source[at:offset], planned.character]
        repairs.append(Repair(offset + number, planned.character, planned.method, planned.confidence))
        at = offset
    return "".join([*pieces, source[at:]]), tuple(repairs)
