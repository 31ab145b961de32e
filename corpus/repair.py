"""Putting back characters that a source has lost, each with its place, method and confidence.

Repairs are insertions only: taking them out again gives the source, character for character. Two methods are
here: lists that a person has reviewed (`corpus/repairs/`, one file a source), and alignment with an undamaged
copy of the same text.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

from corpus.types import Repair, text_id

REVIEWED = Path(__file__).with_name("repairs")

_MARK = re.compile(r"\[(.)\]")


def repair(source: str, repairs_folder: Path = REVIEWED) -> tuple[str, tuple[Repair, ...]]:
    """Return the repaired text of `source` and its repairs, from the reviewed list for this very source.

    The list is `<id of the source text>.txt` in `repairs_folder`, in the format of `read_reviewed`. Without a
    list the text is returned as it came.

    Raises:
        ValueError: a line of the list is malformed, or its context does not occur in the source.
    """
    path = repairs_folder / f"{text_id(source)}.txt"
    if not path.exists():
        return source, ()
    insertions: dict[int, str] = {}
    for before, character, after in read_reviewed(path):
        places = [m.start() + len(before) for m in re.finditer(re.escape(before + after), source)]
        if not places:
            raise ValueError(f"{path}: the context {before}[{character}]{after} does not occur in its source")
        insertions.update(dict.fromkeys(places, character))
    return insert(source, insertions, "reviewed", 1.0)


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


def insert(source: str, insertions: dict[int, str], method: str, confidence: float) -> tuple[str, tuple[Repair, ...]]:
    """Insert characters at offsets of the source; return the new text and the repairs at *its* offsets."""
    pieces: list[str] = []
    repairs: list[Repair] = []
    at = length = 0
    for offset in sorted(insertions):
        pieces += [source[at:offset], insertions[offset]]
        length += offset - at
        repairs += [Repair(length + i, c, method, confidence) for i, c in enumerate(insertions[offset])]
        length += len(insertions[offset])
        at = offset
    return "".join([*pieces, source[at:]]), tuple(repairs)


def repair_from_copy(source: str, copy: str, character: str) -> tuple[str, tuple[Repair, ...]]:
    """Put back every `character` that an undamaged copy of the text has where `source` has nothing."""
    insertions: dict[int, str] = {}
    matcher = SequenceMatcher(None, source, copy, autojunk=False)
    for tag, i, _, j, end in matcher.get_opcodes():
        if tag == "insert" and set(copy[j:end]) == {character}:
            insertions[i] = copy[j:end]
    return insert(source, insertions, "aligned with a copy", 1.0)
