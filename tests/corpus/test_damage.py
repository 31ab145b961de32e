from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from corpus.damage import CharacterModel, chance_of_none, confidence, guess_places, lost_characters, model_of
from corpus.library import read_library
from corpus.repair import repair

if TYPE_CHECKING:
    from pathlib import Path

#: 3500 characters each; both use 大 and 新 in every group, 大 more often.
REFERENCES = ["推进重大工程大新" * 450, "扩大开放加大新意" * 450]
TEXT = "青山区工作" * 700
MODEL = CharacterModel(["推进重大工程建设。" * 50])


def _no_opinion(_text: str) -> float:
    return 0.0


def test_the_chance_of_no_occurrence_falls_with_the_number_expected() -> None:
    assert chance_of_none(0) == 1.0
    assert chance_of_none(5) == pytest.approx(1 / 32)
    assert chance_of_none(45) == pytest.approx(1e-5)


def test_a_character_that_all_texts_of_the_kind_use_often_is_noticed_as_lost() -> None:
    assert lost_characters(TEXT, REFERENCES) == ["大", "新"], "the most expected first"


def test_a_character_that_occurs_once_is_not_lost() -> None:
    assert lost_characters(TEXT + "大", REFERENCES) == ["新"]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        (TEXT[:2999], REFERENCES),
        (TEXT, REFERENCES[:1]),
        (TEXT, [REFERENCES[0], REFERENCES[1][:2999]]),
        (TEXT, [REFERENCES[0], "改善民生服务" * 600]),
        (TEXT, ["大" * 10 + "改善民生" * 800, "大" * 10 + "扩展开放" * 800]),
        (TEXT, ["abc,。" * 800, "abc,。" * 800]),
    ],
    ids=["short text", "one reference", "short reference", "not in all", "too rare", "no Chinese character"],
)
def test_nothing_is_called_lost_without_good_reason(text: str, references: list[str]) -> None:
    assert lost_characters(text, references) == []


def test_one_odd_text_among_many_does_not_hide_a_loss() -> None:
    many = [f"{REFERENCES[i % 2]}{i}" for i in range(11)]
    assert lost_characters(TEXT, [*many, "改善民生服务" * 600]) == ["大", "新"]


def test_a_text_in_another_script_has_lost_nothing() -> None:
    simplified = ["发展国家经济们对个为" * 400, "国发展经家济们个对为" * 400]
    assert lost_characters("發展國家經濟們對個為" * 400, simplified) == []


def test_a_text_that_lost_the_same_character_teaches_nothing_about_it() -> None:
    model = model_of("大", [*["推进重大工程" * 600] * 2, "推进重工程" * 800])
    assert model.gain("推进重工程", 3, "大") > 0


def test_a_character_is_as_likely_as_it_followed_its_context() -> None:
    model = CharacterModel(["甲乙甲乙甲丙"])
    alone = (2 + 3 * 1e-5) / (6 + 3)  # 乙 twice among six characters of three kinds
    after = (2 + 2 * alone) / (3 + 2)  # 乙 twice among three characters of two kinds after 甲
    assert model.log_probability("乙", "") == pytest.approx(math.log(alone))
    assert model.log_probability("乙", "甲") == pytest.approx(math.log(after))
    assert model.log_probability("乙", "丁") == model.log_probability("乙", "")


def test_a_lost_character_is_put_where_it_stood() -> None:
    assert list(guess_places("推进重工程建设。", "大", MODEL, _no_opinion)) == [3]


def test_a_guess_that_breaks_words_is_not_made() -> None:
    assert guess_places("推进重工程建设。", "大", MODEL, lambda text: -100.0 * ("大" in text)) == {}


def test_no_guess_is_made_that_could_change_a_figure() -> None:
    model = CharacterModel(["建成十大工程。建成5大工程。" * 50])
    assert guess_places("建成十工程。", "大", model, _no_opinion) == {}
    assert guess_places("建成5工程。", "大", model, _no_opinion) == {}


def test_a_character_that_fits_anywhere_is_not_guessed() -> None:
    model = CharacterModel(["推进重的工程建设。" * 50])
    assert guess_places("推进重工程建设。", "的", model, _no_opinion) == {}


def test_confidence_grows_with_the_gain() -> None:
    assert confidence(0.0) == 0.846  # 1 / (1 + e^-1.7)
    assert confidence(0.5) == 0.881  # 1 / (1 + e^-2)


SOURCE = "青山区域" * 400 + "推进重工程。" + "青山区域" * 400
OTHERS = ["推进重大工程。" * 500, "推进重大工程。扩" * 500]


def test_without_a_copy_a_lost_character_is_guessed_and_marked_as_such(tmp_path: Path) -> None:
    text, (one,) = repair(SOURCE, [], OTHERS, _no_opinion, tmp_path)
    assert text[1600:1607] == "推进重大工程。"
    assert (one.position, one.character, one.method) == (1603, "大", "likelihood")
    assert one.confidence > 0.846, "that of no gain"


def test_a_library_takes_its_other_documents_as_references_and_guesses_only_when_words_can_be_scored(
    tmp_path: Path,
) -> None:
    listing = "".join(f"• 【青山区】第{i}篇\n{body}\n2032-01-01\n" for i, body in enumerate([SOURCE, *OTHERS]))
    path = tmp_path / "a.txt"
    path.write_text(listing, encoding="utf-8")
    guessed, _, _ = read_library([path], word_score=_no_opinion).documents
    left, _, _ = read_library([path]).documents
    assert (guessed.title, guessed.text[1600:1607]) == ("第0篇", "推进重大工程。")
    assert (left.title, left.text) == ("第0篇", SOURCE)
