"""The choice of the engine: the first that is exact enough, or the one that is forced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.backends import LEAST_COSINE, Backend, choose
from index.encoder import ModelError
from tests.conftest import HashEncoder

if TYPE_CHECKING:
    from collections.abc import Callable


class CheckedFake(HashEncoder):
    """A fake that says how exact it is."""

    def __init__(self, cosine: float) -> None:
        self.cosine = cosine

    def agreement(self) -> float:
        return self.cosine


def makers(int8: float, exact: float, opened: list[Backend]) -> dict[Backend, Callable[[], CheckedFake]]:
    def make(backend: Backend, cosine: float) -> CheckedFake:
        opened.append(backend)
        return CheckedFake(cosine)

    return {Backend.ONNX_INT8: lambda: make(Backend.ONNX_INT8, int8), Backend.ONNX: lambda: make(Backend.ONNX, exact)}


@pytest.mark.parametrize(
    ("int8", "exact", "chosen"),
    [
        (0.997, 1.0, [Backend.ONNX_INT8]),
        (LEAST_COSINE, 1.0, [Backend.ONNX_INT8]),
        (0.95, 1.0, [Backend.ONNX_INT8, Backend.ONNX]),
    ],
)
def test_the_fastest_exact_enough_is_taken_and_no_other_opened(
    int8: float, exact: float, chosen: list[Backend]
) -> None:
    opened: list[Backend] = []
    encoder = choose(makers(int8, exact, opened), Backend.AUTO)
    assert isinstance(encoder, CheckedFake)
    assert encoder.cosine == (int8 if len(chosen) == 1 else exact)
    assert opened == chosen


def test_none_is_taken_where_none_is_exact_enough() -> None:
    assert choose(makers(0.5, 0.9, []), Backend.AUTO) is None


def test_a_forced_engine_is_taken_though_a_faster_one_is_exact() -> None:
    opened: list[Backend] = []
    encoder = choose(makers(0.999, 1.0, opened), Backend.ONNX)
    assert isinstance(encoder, CheckedFake)
    assert encoder.cosine == 1.0
    assert opened == [Backend.ONNX]


def test_a_forced_engine_that_is_not_exact_stops_with_the_way_out() -> None:
    with pytest.raises(ModelError, match=r"onnx-int8 reaches a cosine of 0\.9500.*DISTRICT_QA_ENCODER_BACKEND to auto"):
        choose(makers(0.95, 1.0, []), Backend.ONNX_INT8)
