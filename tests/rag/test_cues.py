from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from corpus.english import stem
from rag.cues import ASKING, CHANGE, CUES, compile_cue
from rag.types import Fact, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


def _cues(data: Any, name: str = "") -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield every cue of the file with its name."""
    if isinstance(data, list):
        for number, cue in enumerate(data):
            yield from _cues(cue, f"{name}[{number}]")
    elif isinstance(data.get("zh"), list):
        yield name, data
    elif "zh" not in data:
        for key, value in data.items():
            yield from _cues(value, f"{name}.{key}".strip("."))


ALL = dict(_cues(CUES))


def test_every_table_of_the_file_is_a_cue_or_the_words_of_asking() -> None:
    assert {name.split(".")[0].split("[")[0] for name in ALL} == CUES.keys() - {"asking", "general"}


@pytest.mark.parametrize("name", ALL)
def test_a_cue_has_both_languages_and_does_not_match_everything(name: str) -> None:
    cue = ALL[name]
    assert cue["zh"], "one empty alternative would match every text"
    assert cue["en"]
    pattern = compile_cue(cue)
    assert pattern.search("") is None
    assert pattern.search("😀") is None


def test_kinds_and_facts_are_those_that_the_code_knows() -> None:
    assert {cue["name"] for cue in CUES["kind"]} <= set(Kind)
    assert {cue["name"] for cue in CUES["fact"]} == set(Fact)


def test_english_expressions_match_whole_words_in_any_case() -> None:
    pattern = compile_cue({"zh": ["目标"], "en": ["targets?", "set for"]})
    assert [bool(pattern.search(text)) for text in ("Targets", "retarget", "SET FOR", "主要目标")] == [
        *(True, False, True, True)
    ]


@pytest.mark.parametrize(
    ("name", "indicator"),
    [
        ("地区生产总值增长", "地区生产总值"),
        ("地区生产总值同比增速", "地区生产总值"),
        ("gdp growth rate", "gdp"),
        ("增长极", "增长极"),
        ("growth fund", "growth fund"),
    ],
)
def test_the_word_of_change_is_cut_from_the_end_of_a_name_only(name: str, indicator: str) -> None:
    assert CHANGE.sub("", name).strip() == indicator


def test_english_words_of_asking_are_kept_as_stems() -> None:
    assert stem("mentioned") in ASKING
    assert "多少" in ASKING
    assert "gdp" not in ASKING
