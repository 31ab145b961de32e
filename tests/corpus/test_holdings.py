from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from corpus.corrections import Correction, SectionCorrection
from corpus.holdings import Holdings, HoldingsError
from corpus.library import Origin, read_library
from corpus.readers import Skipped
from corpus.types import Heading, Posting, RawText, Status, text_id

TEXT = "近日,青山区发布《青山区鼓励企业落户办法》,自2032年起施行。对新设立的企业总部,最高给予200万元的开办资助。"
REPORT = (
    "2031年1月9日在青山区第三届人民代表大会第二次会议上各位代表:现在作报告。 一、2030年工作回顾过去一年,新增泊位900个。"
    " 二、2031年主要任务全年新增泊位800个。"
)


def _raw(text: str, title: str = "青山区新政") -> RawText:
    return RawText(Posting(title, date(2032, 3, 1), "file"), text)


def _file(folder: Path, text: str, name: str = "policy.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_added_text_is_held_with_its_original(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    record, is_new = holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li", "https://example.org/a")
    assert is_new
    assert (record.added_by, record.source_url, record.file_name) == ("li", "https://example.org/a", "policy.txt")
    with holdings.open_original(record) as file:
        assert file.read().decode() == TEXT
    (document,) = read_library([], holdings).documents
    assert (document.title, document.text) == ("青山区新政", TEXT)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    first, _ = holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    second, is_new = holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "wang")
    assert not is_new
    assert second == first
    assert len(holdings.records()) == 1


def test_a_changed_file_of_the_same_name_replaces_the_earlier_one(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    changed = TEXT.replace("200万元", "300万元")
    holdings.add(_file(tmp_path, changed), [_raw(changed)], "li")
    (document,) = read_library([], holdings).documents
    assert "300万元" in document.text
    assert len(list((tmp_path / "held" / "files").iterdir())) == 1


def test_removal_leaves_nothing_and_adding_again_brings_it_back(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    path = _file(tmp_path, TEXT)
    holdings.add(path, [_raw(TEXT)], "li")
    holdings.remove({text_id(TEXT)})
    assert read_library([], holdings).documents == ()
    assert list((tmp_path / "held" / "files").iterdir()) == []
    holdings.add(path, [_raw(TEXT)], "li")
    assert len(read_library([], holdings).documents) == 1


def test_removing_one_text_of_a_file_keeps_the_others(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, TEXT + REPORT), [_raw(TEXT), _raw(REPORT, "2031年青山区政府工作报告")], "li")
    holdings.remove({text_id(TEXT)})
    (document,) = read_library([], holdings).documents
    assert document.kind == "report"


def test_corrections_override_what_is_read_and_survive_adding_again(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    path = _file(tmp_path, REPORT)
    holdings.add(path, [_raw(REPORT, "报告")], "li")
    wrong = SectionCorrection(period="2029", status=Status.PLAN)
    holdings.correct(text_id(REPORT), Correction(delivered=date(2031, 1, 10), title="更正的标题"))
    holdings.correct(text_id(REPORT), Correction(sections={"一、2030年工作回顾": wrong}))
    holdings.add(path, [_raw(REPORT, "报告")], "li")
    (document,) = read_library([], holdings).documents
    assert (document.title, str(document.delivered)) == ("更正的标题", "2031-01-10")
    assert document.delivered.rule == "given by a person"
    assert (str(document.sections[0].period), document.sections[0].status) == ("2029", Status.PLAN)
    assert (str(document.sections[1].period), document.sections[1].status) == ("2031", Status.TARGET)


def test_a_crash_while_adding_leaves_the_old_holdings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt):
        holdings.add(_file(tmp_path, REPORT, "report.txt"), [_raw(REPORT)], "li")
    monkeypatch.undo()
    assert [document.text for document in read_library([], holdings).documents] == [TEXT]


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    record, _ = holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    path = tmp_path / "held" / "files" / record.file_hash / "record.json"
    path.write_text("{")
    with pytest.raises(HoldingsError, match=r"record\.json"):
        read_library([], holdings)


def test_an_unknown_document_is_named_with_what_is_known(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    with pytest.raises(HoldingsError, match=f"no document 'nope'; known are {text_id(TEXT)}"):
        read_library([], holdings).document("nope")


def test_a_file_that_has_only_the_name_in_common_is_held_beside_the_other(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, REPORT), [_raw(REPORT)], "li")
    other = "青山湾码头改造工程年内竣工,三条公交线路同时开通,沿线居民出行更加方便,夜间渡轮也恢复了往返。"
    holdings.add(_file(tmp_path, other), [_raw(other)], "li")
    assert {document.text for document in read_library([], holdings).documents} == {REPORT, other}


def test_a_changed_file_takes_over_the_corrections_of_the_earlier_one(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, REPORT), [_raw(REPORT)], "li")
    holdings.correct(text_id(REPORT), Correction(title="更正的标题"))
    changed = REPORT.replace("900个", "910个")
    holdings.add(_file(tmp_path, changed), [_raw(changed)], "li")
    (document,) = read_library([], holdings).documents
    assert (document.id, document.title) == (text_id(changed), "更正的标题")


@pytest.mark.parametrize("left", ["files/0123/original.txt", ".adding-x/record.json", ".removing-x/0123/record.json"])
def test_what_a_crash_left_half_done_is_no_document_and_is_swept_by_the_next_change(tmp_path: Path, left: str) -> None:
    held = tmp_path / "held"
    (held / left).parent.mkdir(parents=True)
    (held / left).write_text("{", encoding="utf-8")
    holdings = Holdings(held)
    assert read_library([], holdings).documents == ()
    holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    assert not (held / left).exists()
    assert not [path for path in held.iterdir() if path.name.startswith(".")]
    assert len(read_library([], holdings).documents) == 1


def test_a_replacement_that_a_crash_stopped_is_finished_when_the_file_is_added_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holdings = Holdings(tmp_path / "held")
    holdings.add(_file(tmp_path, TEXT), [_raw(TEXT)], "li")
    changed = TEXT.replace("200万元", "300万元")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Holdings, "_delete", stop)
    with pytest.raises(KeyboardInterrupt):
        holdings.add(_file(tmp_path, changed), [_raw(changed)], "li")
    monkeypatch.undo()
    assert len(read_library([], holdings).documents) == 2, "both are readable until then"
    _, is_new = holdings.add(_file(tmp_path, changed), [_raw(changed)], "li")
    assert not is_new
    assert [document.text for document in read_library([], holdings).documents] == [changed]


def test_headings_and_what_was_left_out_are_held_with_who_added_the_file_and_when(tmp_path: Path) -> None:
    holdings = Holdings(tmp_path / "held")
    text = "对象\n新设立的企业总部。\n标准\n最高200万元。"
    raw = replace(_raw(text), headings=(Heading(0, 2, 1), Heading(13, 15, 1)))
    record, _ = holdings.add(_file(tmp_path, text), [raw], "li", None, [Skipped(tmp_path, 3, "首页", "furniture")])
    library = read_library([], holdings)
    (document,) = library.documents
    assert [section.title for section in document.sections] == ["对象", "标准"]
    left_out = (Skipped(Path("policy.txt"), 3, "首页", "furniture"),)
    assert library.origins == {document.id: (Origin("policy.txt", "li", record.added_at, left_out),)}


@pytest.mark.parametrize("wrong", [{"kind": "memo"}, {"sections": {"一": {"period": "2020-2019"}}}])
def test_a_correction_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Correction.model_validate(wrong)
