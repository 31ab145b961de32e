from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import ModelError
from index.spread import SpreadEncoder, ray_workers
from tests.conftest import HashEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NUMBERED = tuple[int, "NDArray[np.float32]"]


class Shuffled:
    """A fake Workers: encodes all batches, and gives them back in another order."""

    def __init__(self, order: int = 0) -> None:
        self._order, self.seen = order, list[int]()

    def encode(self, batches: Sequence[Sequence[str]]) -> Iterator[NUMBERED]:
        self.seen = [len(batch) for batch in batches]
        made = [(number, HashEncoder().encode_passages(batch)) for number, batch in enumerate(batches)]
        np.random.default_rng(self._order).shuffle(made)  # type: ignore[arg-type]
        yield from made


@given(texts=st.lists(st.text(max_size=5), max_size=20), batch=st.integers(1, 7), order=st.integers(0, 9))
def test_vectors_are_those_of_one_encoder_in_the_order_of_the_texts(texts: list[str], batch: int, order: int) -> None:
    told: list[int] = []
    workers = Shuffled(order)
    made = SpreadEncoder(HashEncoder(), workers, batch).encode_passages(texts, told.append)
    assert np.array_equal(made, HashEncoder().encode_passages(texts))
    assert (sum(told), sum(workers.seen)) == (len(texts), len(texts))


def test_it_goes_by_the_name_of_its_encoder_and_encodes_queries_here() -> None:
    encoder, workers = HashEncoder(), Shuffled()
    spread = SpreadEncoder(encoder, workers)
    assert (spread.name, spread.dimension) == (encoder.name, encoder.dimension)
    assert np.array_equal(spread.encode_query("充电桩"), encoder.encode_query("充电桩"))
    assert workers.seen == []


class Faulty:
    """A fake Workers that gives back what it is told to."""

    def __init__(self, *given: NUMBERED) -> None:
        self._given = given

    def encode(self, batches: Sequence[Sequence[str]]) -> Iterator[NUMBERED]:
        yield from self._given


def test_a_worker_with_another_model_or_one_that_lost_a_batch_is_noticed() -> None:
    encoder = HashEncoder()
    other = np.ones((1, encoder.dimension + 1), np.float32)
    with pytest.raises(ModelError, match=rf"shape \(1, {encoder.dimension + 1}\)"):
        SpreadEncoder(encoder, Faulty((0, other))).encode_passages(["a"])
    with pytest.raises(ModelError, match="1 of 2 batches did not come back"):
        SpreadEncoder(encoder, Faulty((1, encoder.encode_passages(["b"]))), batch=1).encode_passages(["a", "b"])


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match=r"district-qa\[ray\]"), ray_workers(HashEncoder, HashEncoder.name, 2):
        pass
