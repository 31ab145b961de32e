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
