from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus.translations import Translations
from index.build import build_index
from index.health import IndexHealth, examine_index
from index.store import current_build, open_index
from tests.conftest import HashEncoder
from tests.index.test_build import article

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "index"
    build_index([article(number) for number in range(100, 112)], Translations({}), HashEncoder(), folder)
    return folder


@pytest.fixture
def index(tmp_path: Path, built: Path) -> Path:
    shutil.copytree(built, tmp_path / "index")
    return tmp_path / "index"


def examine(folder: Path) -> IndexHealth:
    return examine_index(open_index(folder), HashEncoder())


def vectors(folder: Path) -> NDArray[np.float16]:
    return np.memmap(current_build(folder) / "encoded.f16", np.float16, mode="r+").reshape(-1, HashEncoder.dimension)


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(current_build(folder) / "library.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_sound_index_has_no_fault(index: Path) -> None:
    health = examine(index)
    assert health.vectors == len(vectors(index))
    assert (health.empty, health.orphans, health.lost) == ((), (), ())
    assert (health.outside, health.wrong, health.duplicates) == (0, 0, 0)
    assert health.agreement == pytest.approx(1, abs=1e-3)
    assert health.is_same_model


def test_zero_and_overlong_vectors_and_what_is_no_number_are_counted(index: Path) -> None:
    vectors(index)[:3] = np.array([[0], [np.nan], [2]])
    assert examine(index).wrong == 3


def test_vectors_that_two_texts_have_are_counted(index: Path) -> None:
    held = vectors(index)
    held[1] = held[2] = held[0]
    assert examine(index).duplicates == 2


def test_a_vector_that_does_not_find_its_passage_is_lost(index: Path) -> None:
    rows, places = open_index(index).library.text_places()
    vectors(index)[places[0]] = 0
    vectors(index)[places[0], 5] = -1
    assert int(rows[0]) in examine(index).lost


def test_vectors_of_another_model_are_noticed(index: Path) -> None:
    held = vectors(index)
    held[:] = held[:, ::-1]
    health = examine(index)
    assert not health.is_same_model
    assert health.wrong == 0


def test_what_belongs_to_nothing_is_named(index: Path) -> None:
    library = open_index(index).library
    first, second = (entry.id for entry in library.entries()[:2])
    library.close()
    change(index, f"delete from passage where document = '{first}'")
    change(index, f"delete from document where id = '{second}'")
    health = examine(index)
    assert health.empty == (first,)
    assert health.orphans


def test_a_file_of_vectors_that_is_cut_short_is_told(index: Path) -> None:
    path = current_build(index) / "encoded.f16"
    path.write_bytes(path.read_bytes()[: 10 * HashEncoder.dimension * 2])
    health = examine(index)
    assert health.outside == health.vectors - 10
