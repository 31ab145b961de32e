from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index import cache as caching
from index.cache import StoredVectors, VectorCache
from tests.conftest import HashEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class CountingEncoder(HashEncoder):
    """Remembers what it was asked to encode; `stop_after` texts it fails as a crash would."""

    def __init__(self, name: str = "hash", stop_after: int = 10**9) -> None:
        self.name, self.encoded, self._stop_after = name, list[str](), stop_after

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        if len(self.encoded) + len(texts) > self._stop_after:
            raise KeyboardInterrupt
        self.encoded += texts
        return super().encode_passages(texts, progress)


def vectors_of(cache: VectorCache, texts: list[str]) -> NDArray[np.float32]:
    places = cache.place(texts)
    return StoredVectors(cache.path, HashEncoder.dimension)[places]


def test_a_text_is_encoded_once_whatever_process_asks(tmp_path: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    with closing(VectorCache(tmp_path, first)) as cache:
        before = vectors_of(cache, ["甲乙丙", "丁戊", "甲乙丙"])
    with closing(VectorCache(tmp_path, second)) as cache:
        after = vectors_of(cache, ["丁戊", "己庚", "甲乙丙"])
    assert sorted(first.encoded) == sorted(["甲乙丙", "丁戊"])
    assert second.encoded == ["己庚"]
    assert np.array_equal(before[0], after[2])
    assert np.allclose(after[0], HashEncoder().encode_query("丁戊"), atol=1e-3)


def test_every_encoder_has_its_own_vectors_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        with closing(VectorCache(tmp_path, CountingEncoder(name))) as cache:
            cache.place(["甲"])
    assert len(list(tmp_path.iterdir())) == 3
    again = CountingEncoder("d")
    with closing(VectorCache(tmp_path, again)) as cache:
        cache.place(["甲"])
    assert again.encoded == []


def test_what_was_encoded_before_a_crash_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_COMMIT", 2)
    texts = ["一一一一", "二二二", "三三", "四"]
    with closing(VectorCache(tmp_path, CountingEncoder(stop_after=2))) as cache, pytest.raises(KeyboardInterrupt):
        cache.place(texts)
    with cache.path.open("ab") as file:
        file.write(b"half a vector")  # written, but its key was not
    again = CountingEncoder()
    with closing(VectorCache(tmp_path, again)) as cache:
        vectors = vectors_of(cache, texts)
    assert again.encoded == ["三三", "四"]
    assert np.allclose(vectors, [HashEncoder().encode_query(text) for text in texts], atol=1e-3)


@pytest.mark.parametrize("name", ["keys.db", "1.f16"])
def test_a_damaged_cache_is_begun_anew(tmp_path: Path, name: str) -> None:
    with closing(VectorCache(tmp_path, HashEncoder())) as cache:
        cache.place(["甲", "乙"])
    (cache.path.parent / name).write_bytes(b"rubbish")
    with closing(VectorCache(tmp_path, HashEncoder())) as cache:
        assert np.allclose(vectors_of(cache, ["乙"]), HashEncoder().encode_query("乙"), atol=1e-3)


def test_what_no_document_needs_is_dropped_once_it_is_much(tmp_path: Path) -> None:
    with closing(VectorCache(tmp_path, HashEncoder())) as cache:
        places = cache.place(["甲乙", "丙丁", "戊己", "庚辛"])
        generation, old = cache.generation, StoredVectors(cache.path, HashEncoder.dimension)
        cache.prune(places[2:3], spare=3)
        assert cache.generation == generation, "three are to spare"
        cache.prune(places[2:3], spare=2)
        assert cache.generation != generation
        assert cache.path.stat().st_size == HashEncoder.dimension * 2
        assert np.allclose(old[places], HashEncoder().encode_passages(["甲乙", "丙丁", "戊己", "庚辛"]), atol=1e-3)
    counting = CountingEncoder()
    with closing(VectorCache(tmp_path, counting)) as cache:
        cache.place(["戊己", "甲乙"])
    assert counting.encoded == ["甲乙"]


def test_half_a_surrogate_pair_is_a_text_like_any_other(tmp_path: Path) -> None:
    class Deaf(HashEncoder):
        def encode_query(self, text: str) -> NDArray[np.float32]:
            return super().encode_query(text.encode("utf-8", "replace").decode())

    with closing(VectorCache(tmp_path, Deaf())) as cache:
        assert cache.place(["\ud83d", "\ud83d"]).tolist() == [0, 0]
