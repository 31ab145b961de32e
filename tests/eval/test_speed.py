"""What the benchmark of speed counts; never how fast anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from eval import speed
from index.backends import Backend
from tests.conftest import HashEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEXTS = ["新增公共泊位900个", "财政收入88.8亿元", "引进9家企业"]


class Recorder(HashEncoder):
    """Remembers the queries it is asked; `turn` is mixed into every vector."""

    def __init__(self, turn: float = 0.0) -> None:
        self.turn, self.asked = turn, list[str]()

    def encode_query(self, text: str) -> NDArray[np.float32]:
        self.asked.append(text)
        vector = super().encode_query(text) + np.float32(self.turn)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def test_operations_grow_with_tokens_and_their_pairs() -> None:
    assert speed.operations([1]) == 12 * (2 * (4 * 384 * 384 + 2 * 384 * 1536) + 4 * 384) == 42_485_760
    assert speed.operations([10, 10]) == 20 * 42_467_328 + 2 * 100 * 18_432


def test_every_engine_is_asked_every_query_once_and_compared_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "matrix_rate", lambda: 1e9)
    queries = [f"问题{i}" for i in range(7)]
    engines = {Backend.ONNX_INT8: Recorder(turn=0.1), Backend.TORCH: Recorder()}
    asked = {name: engine.asked for name, engine in engines.items()}
    fast, torch = speed.measure_engines(engines, TEXTS, queries, work=1e6, repeats=2)
    assert all(
        [text for text in asked[name] if text in queries].count(query) == 2 for name in asked for query in queries
    )
    assert (fast.engine, torch.engine) == (Backend.ONNX_INT8, Backend.TORCH)
    assert torch.least_cosine == pytest.approx(1, abs=1e-6)
    assert fast.least_cosine < 0.9999
    assert torch.times_faster == 1
    assert min(fast.passages_per_second, fast.roofline, fast.query_ms) > 0


def test_the_shipped_questions_alternate_between_languages() -> None:
    questions = speed._questions()
    assert len(questions) > 100
    assert [question.isascii() for question in questions[:6]] == [False, True] * 3
