"""A model that transformers loads, driven for its plumbing: streaming, stopping, leaving, taking turns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from index.encoder import ModelError
from rag.language_model import LanguageModelError, complete
from rag.local_model import LocalModel, _until
from tests.rag.tiny_chat import save_tiny_chat

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_chat(tmp_path_factory.mktemp("chat") / "tiny")


@pytest.fixture(scope="module")
def model(folder: Path) -> LocalModel:
    return LocalModel(str(folder), device="cpu", at_once=2)


def test_an_answer_comes_in_pieces_and_is_the_same_every_time(model: LocalModel) -> None:
    pieces = list(model.stream("instructions", "request", 40))
    assert len(pieces) > 10
    assert "".join(pieces)
    assert pieces == list(model.stream("instructions", "request", 40))
    assert pieces != list(model.stream("instructions", "another request", 40))


def test_tokens_are_counted_by_the_models_own_tokenizer(model: LocalModel) -> None:
    assert model.count("abc") == 3
    assert model.count("区") == 3, "a token a byte"
    assert model.room == 4096, "what the model was made for, where more was allowed"


def test_who_leaves_ends_the_generation(folder: Path) -> None:
    model = LocalModel(str(folder), device="cpu", at_once=1)
    steps: list[object] = []
    model._model.register_forward_hook(lambda *_: steps.append(None))
    stream = model.stream("instructions", "request", 3000)
    next(stream)
    stream.close()
    model._workers.submit(lambda: None).result()  # the one worker is free
    assert 0 < len(steps) < 1500


def test_answers_written_at_the_same_time_are_those_written_alone(model: LocalModel) -> None:
    requests = ["one", "other", "third"]
    alone = [complete(model, "instructions", request, 60) for request in requests]
    with ThreadPoolExecutor(3) as callers:
        together = list(callers.map(lambda request: complete(model, "instructions", request, 60), requests))
    assert together == alone
    assert len(set(alone)) > 1


def test_an_answer_that_takes_too_long_is_broken_off(folder: Path) -> None:
    slow = LocalModel(str(folder), device="cpu", seconds=0.05)
    with pytest.raises(LanguageModelError, match=r"tiny was not done within 0\.05 s"):
        complete(slow, "instructions", "request", 3000)


def test_an_answer_that_does_not_get_its_turn_is_given_up(folder: Path) -> None:
    model = LocalModel(str(folder), device="cpu", seconds=0.3, at_once=1)
    released = threading.Event()
    model._workers.submit(released.wait)
    with pytest.raises(LanguageModelError, match="not done within"):
        complete(model, "instructions", "request", 5)
    released.set()


def test_a_model_that_knows_no_system_role_gets_one_message(tmp_path: Path) -> None:
    folder = save_tiny_chat(tmp_path / "tiny", knows_system=False)
    assert complete(LocalModel(str(folder), device="cpu"), "instructions", "request", 20)


def test_a_model_without_a_chat_template_gets_plain_text(tmp_path: Path) -> None:
    folder = save_tiny_chat(tmp_path / "tiny", template=False)
    assert complete(LocalModel(str(folder), device="cpu"), "instructions", "request", 20)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_plain_text_ends_where_the_model_would_go_on_asking(size: int) -> None:
    text = "It grew by 5%. [1]\nIt fell.\n\nQuestion: and then?"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert "".join(_until(pieces, ("\n\n", "\nQuestion"))) == "It grew by 5%. [1]\nIt fell."
    assert "".join(_until(pieces, ())) == text


@pytest.mark.parametrize("name", ["nowhere", "empty", "broken.gguf"])
def test_a_model_that_cannot_load_says_why_and_what_to_do(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.gguf").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"cannot be loaded .*DISTRICT_QA_MODEL") as caught:
        LocalModel(str(tmp_path / name))
    assert "\n" not in str(caught.value)
