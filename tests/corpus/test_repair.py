from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.repair import insert, read_reviewed, repair
from corpus.types import Repair, text_id
from tests.corpus.conftest import STEADY

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.library import Library

#: 3000 different characters, none of them 大; every tenth is followed by 大 in the whole copy only.
DAMAGED = "".join(map(chr, range(0x5A00, 0x5A00 + 3000)))
WHOLE = "".join(c + "大" * (i % 10 == 9) for i, c in enumerate(DAMAGED))
#: Two texts of the same kind that share no other character than 大.
REFERENCES = ["大一丁七万" * 700, "大丈三上下" * 700]


def _without(text: str, repairs: tuple[Repair, ...]) -> str:
    restored = {one.position for one in repairs}
    return "".join(character for i, character in enumerate(text) if i not in restored)


def _review(folder: Path, source: str, lines: str) -> Path:
    path = folder / f"{text_id(source)}.txt"
    path.write_text(lines, encoding="utf-8")
    return path


def test_a_reviewed_list_applies_to_every_match_of_its_context(tmp_path: Path) -> None:
    source = "推进重工程,扩开放,重工程竣工。"
    _review(tmp_path, source, "# places where 大 is missing\n\n重[大]工程\n扩[大]开放\n")
    text, repairs = repair(source, repairs_folder=tmp_path)
    assert text == "推进重大工程,扩大开放,重大工程竣工。"
    assert repairs == tuple(Repair(at, "大", "reviewed", 1.0) for at in (3, 8, 13))


def test_a_reviewed_list_serves_its_own_source_only(tmp_path: Path) -> None:
    _review(tmp_path, "推进重工程。", "重[大]工程\n")
    assert repair("推进重工程!", repairs_folder=tmp_path) == ("推进重工程!", ())


def test_a_context_that_is_not_in_the_source_is_refused(tmp_path: Path) -> None:
    path = _review(tmp_path, "推进工程。", "重[大]工程\n")
    with pytest.raises(ValueError, match=r"重\[大\]工程 does not occur in its source") as caught:
        repair("推进工程。", repairs_folder=tmp_path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("line", ["重大工程", "[大]", "重[大学]工程", "重[大]工[大]程"])
def test_a_malformed_line_of_a_reviewed_list_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = _review(tmp_path, "", f"扩[大]开放\n{line}\n")
    with pytest.raises(ValueError, match=r", line 2: wanted 'context\[c\]context'"):
        read_reviewed(path)


def test_a_lost_character_comes_back_from_a_copy(tmp_path: Path) -> None:
    text, repairs = repair(DAMAGED, [WHOLE], REFERENCES, repairs_folder=tmp_path)
    assert text == WHOLE
    assert len(repairs) == 300
    assert repairs[0] == Repair(10, "大", "aligned with a copy", 1.0)
    assert _without(text, repairs) == DAMAGED


def test_further_words_of_a_copy_are_not_taken_over(tmp_path: Path) -> None:
    copy = WHOLE[:1005] + "增补" + WHOLE[1005:]
    assert repair(DAMAGED, [copy], REFERENCES, repairs_folder=tmp_path)[0] == WHOLE


def test_the_reviewed_list_comes_before_a_copy(tmp_path: Path) -> None:
    _review(tmp_path, DAMAGED, f"{DAMAGED[:4]}[大]{DAMAGED[4:8]}\n")
    text, repairs = repair(DAMAGED, [WHOLE], REFERENCES, repairs_folder=tmp_path)
    assert [one.position for one in repairs] == [4]
    assert text.count("大") == 1


def test_nothing_is_repaired_without_copy_review_or_word_model(tmp_path: Path) -> None:
    assert repair(DAMAGED, [], REFERENCES, repairs_folder=tmp_path) == (DAMAGED, ())


def test_a_copy_with_further_words_does_not_change_a_text_that_lost_nothing(tmp_path: Path) -> None:
    short, more = "推进工程建设。", "推进大工程建设。"
    assert repair(short, [more], REFERENCES, repairs_folder=tmp_path) == (short, ())


@STEADY
@given(st.text(max_size=40), st.dictionaries(st.integers(0, 40), st.characters(), max_size=12))
def test_taking_repairs_out_gives_the_source_back(source: str, places: dict[int, str]) -> None:
    planned = {at: Repair(at, c, "reviewed", 1.0) for at, c in places.items() if at <= len(source)}
    text, repairs = insert(source, planned)
    assert len(text) == len(source) + len(planned)
    assert _without(text, repairs) == source
    assert [text[one.position] for one in repairs] == [planned[at].character for at in sorted(planned)]


def test_the_2019_report_has_its_lost_character_again(shipped: Library) -> None:
    (report,) = (d for d in shipped.documents if d.title == "2019年上海市徐汇区政府工作报告")
    assert {one.character for one in report.repairs} == {"大"}
    assert "大" not in report.source_text()
    assert report.id == text_id(report.source_text()) != text_id(report.text)
    assert _without(report.text, report.repairs) == report.source_text()
    for word, lost in (
        ("第十六届人民代表大会第四次会议", "第十六届人民代表会第四次会议"),
        ("世界人工智能大会", "世界人工智能会"),
    ):
        assert word in report.text
        at = report.text.index(word)
        assert report.source_text(at, at + len(word)) == lost
        assert report.marked_text(at, at + len(word)) == word.replace("大", "[大]")
