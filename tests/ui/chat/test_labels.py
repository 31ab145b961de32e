"""Both languages say the same things, and everything that is said is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ui.chat.render
from rag.types import Language
from ui.chat.render import labels
from ui.chat.starters import SHIPPED, StartersError, read_starters

_FOLDER = Path(ui.chat.render.__file__).parent


def test_both_languages_have_the_same_labels_with_the_same_gaps() -> None:
    zh, en = labels(Language.ZH), labels(Language.EN)
    assert zh.keys() == en.keys()
    gaps = re.compile(r"\{\w+\}")
    assert {key: set(gaps.findall(zh[key])) for key in zh} == {key: set(gaps.findall(en[key])) for key in en}


def test_no_label_has_the_name_of_a_method() -> None:
    assert not set(dir(dict)) & labels(Language.ZH).keys()  # a template would find the method


def test_every_label_is_used() -> None:
    used = "".join(
        path.read_text(encoding="utf-8") for path in _FOLDER.rglob("*") if path.suffix in (".py", ".html", ".js")
    )
    made = re.compile(r"^(kind|restored|why|staff)_")  # put together from kinds of things
    assert not [key for key in labels(Language.ZH) if not made.match(key) and not re.search(rf"\b{key}\b", used)]


def test_the_shipped_first_questions_are_there_in_both_languages_for_every_audience() -> None:
    zh, en = (read_starters(SHIPPED, language) for language in Language)
    assert len(zh) == len(en) >= 2
    assert all(audience.questions for audience in (*zh, *en))


def test_a_file_of_first_questions_in_one_language_only_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "starters.toml"
    file.write_text('[[audience]]\nname.zh = "甲"\nquestions.zh = ["乙?"]\n', encoding="utf-8")
    with pytest.raises(StartersError, match="zh and en"):
        read_starters(file, Language.EN)
