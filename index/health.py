"""Whether what an index holds belongs together: documents, passages and vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from index.encoder import Encoder
    from index.store import OpenIndex

#: A vector's length may differ from 1 by what float16 rounds off.
_LENGTH_TOLERANCE = 0.01
#: Passages whose own vectors are searched for, and whose sentences are encoded anew.
_FOUND_SAMPLE, _ENCODED_SAMPLE = 100, 3
#: Least cosine between a stored vector and the same text encoded now: engines of one model differ by 0.002.
_SAME_MODEL = 0.99
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What was found in an index.

    `empty` are documents without a passage, `orphans` rows of passages or indicators that belong to nothing.
    `outside` counts vectors that are referred to and not there, `wrong` those not of length 1 (zeros among them) or
    not numbers, `duplicates` those that another text has too. `lost` are rows of a sample that are not found by their
    own vector; `agreement` is the least cosine of a sample with its texts encoded now.
    """

    vectors: int
    empty: tuple[str, ...]
    orphans: tuple[int, ...]
    outside: int
    wrong: int
    duplicates: int
    lost: tuple[int, ...]
    agreement: float

    @property
    def is_same_model(self) -> bool:
        """True where the encoder at hand makes the vectors that the index holds."""
        return self.agreement >= _SAME_MODEL


def examine_index(index: OpenIndex, encoder: Encoder) -> IndexHealth:
    """Look through all of an index; reads every vector once."""
    empty, orphans = index.library.unmatched()
    used = np.unique(index.library.used_places())
    there = used[used < len(index.encoded)]
    wrong, distinct = 0, set[int]()
    for block in _blocks(there):
        vectors = index.encoded[block]
        lengths = np.linalg.norm(vectors, axis=1)
        wrong += int((~(np.abs(lengths - 1) <= _LENGTH_TOLERANCE)).sum())  # also where a length is no number
        distinct.update(map(hash, (vector.tobytes() for vector in vectors)))
    return IndexHealth(
        vectors=len(used),
        empty=tuple(empty),
        orphans=tuple(orphans),
        outside=len(used) - len(there),
        wrong=wrong,
        duplicates=len(there) - len(distinct),
        lost=tuple(_lost(index)),
        agreement=_agreement(index, encoder),
    )


def _blocks(places: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(places), _BLOCK):
        yield places[start : start + _BLOCK]


def _lost(index: OpenIndex) -> Iterator[int]:
    """Yield rows of a sample that the vector of their own text does not find."""
    rows, places = index.library.text_places()
    inside = places < len(index.encoded)
    rows, places = rows[inside], places[inside]
    for number in np.unique(np.linspace(0, len(rows) - 1, _FOUND_SAMPLE).astype(np.int64)) if len(rows) else ():
        found, _ = index.vectors.search(index.encoded[places[number : number + 1]][0], 10)
        if rows[number] not in found:
            yield int(rows[number])


def _agreement(index: OpenIndex, encoder: Encoder) -> float:
    cosines = [1.0]
    for row in index.library.sample_rows(_ENCODED_SAMPLE):
        (passage,), places = index.library.passages([row]), index.library.sentence_places(row)
        if len(places) and places.max() < len(index.encoded):
            kept, now = index.encoded[places[:1]], encoder.encode_passages(passage.sentence_texts()[:1])
            cosines.append(float((kept * now).sum()))
    return min(cosines)
