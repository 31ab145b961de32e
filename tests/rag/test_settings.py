from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.settings import Settings


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "district-qa.toml").write_text("port = 9001\npassages = 7\n")
    monkeypatch.setenv("DISTRICT_QA_PORT", "9002")
    settings = Settings()
    assert (settings.port, settings.passages) == (9002, 7)


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "district-qa.toml").write_text("prot = 9001\n")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


def test_numbers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_QA_DENSE_WEIGHT", "1.5")
    with pytest.raises(ValidationError, match="dense_weight"):
        Settings()


def test_a_model_must_be_named_where_one_is_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_QA_GENERATOR", "transformers")
    with pytest.raises(ValidationError, match="DISTRICT_QA_MODEL"):
        Settings()
    monkeypatch.setenv("DISTRICT_QA_MODEL", "models/chat")
    assert Settings().model == "models/chat"


def test_a_key_is_never_printed_nor_kept_in_a_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_QA_MODEL_KEY", "sk-secret")
    settings = Settings()
    assert settings.model_key.get_secret_value() == "sk-secret"
    printed = f"{settings!r} {settings.model_dump(mode='json')} {settings.answering()}"
    assert "sk-secret" not in printed
