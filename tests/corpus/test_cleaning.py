from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning import find_omissions, furniture_rules
from tests.corpus.conftest import FRAGMENTS, STEADY

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.library import Library

TITLE = "2031年青山区政府工作报告"


def _left_out(text: str, title: str = TITLE) -> list[str]:
    return [text[omission.start : omission.end] for omission in find_omissions(text, title)]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        (f"{TITLE} 各位代表:现在作报告。", [f"{TITLE} "]),
        (f"{TITLE}全文――2031年1月9日在会议上", [f"{TITLE}全文――"]),
        (f"稳中求进。{TITLE}第二部分 二、2031年主要任务", [f"{TITLE}第二部分 "]),
        (f"谢谢大家。{TITLE}全文完", [f"{TITLE}全文完"]),
        ("谢谢大家。(政府工作报告)", ["(政府工作报告)"]),
        (f"{TITLE}第一部分 一、回顾。{TITLE}全文完", [f"{TITLE}第一部分 ", f"{TITLE}全文完"]),
        (f"会议审议《{TITLE}》。", []),
        (f"{TITLE}提出三项任务。", []),
        (f"会议审议{TITLE} 并予以公布。", []),
        ("政府工作报告――2031年1月9日在会议上", []),
    ],
)
def test_the_title_repeated_by_the_site_is_left_out(text: str, left_out: list[str]) -> None:
    assert _left_out(text) == left_out
    assert {omission.reason for omission in find_omissions(text, TITLE)} <= {"title repeated by the site"}


def test_a_title_on_a_line_of_its_own_below_lines_of_the_site_is_left_out() -> None:
    assert _left_out(f"首页\n{TITLE}\n{TITLE}\n各位代表：") == ["首页", TITLE, TITLE]


def test_a_title_with_signs_of_a_pattern_is_taken_literally() -> None:
    assert _left_out("A+B(一期)开工 近日,项目开工。", "A+B(一期)开工") == ["A+B(一期)开工 "]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("打印", "page tools"),
        ("字号：大 中 小", "page tools"),
        ("阅读量：102", "page tools"),
        ("当前位置：首页 > 青山要闻", "navigation"),
        ("来源：青山发布", "source line"),
        ("发布时间：2031-01-09 10:00", "source line"),
        ("本报记者 李明摄", "photo credit"),
        ("投资咨询热线", "contact"),
        ("400-162-2002", "contact"),
        ("2031-01-09 09:12  来源：青山融媒  点击：356次", "source line"),
        ("来源：青山发布 浏览次数：1024 字号：[大 中 小]", "source line"),
        ("浏览次数：1024次", "page tools"),
        ("网站首页 新闻中心 政务公开", "navigation"),
        ("您现在的位置：首页 > 新闻", "navigation"),
        ("上一篇：关于放假的通知", "navigation"),
        ("版权所有：青山区人民政府", "page footer"),
        ("主办：青山区政府办 京ICP备05000000号 公网安备33010002000001号", "page footer"),
    ],
)
def test_a_line_of_furniture_is_left_out_with_its_reason(line: str, reason: str) -> None:
    text = f"新增泊位900个。\n  {line} \n再增300个。"
    (omission,) = find_omissions(text, TITLE)
    assert text[omission.start : omission.end] == f"  {line} "
    assert omission.reason == reason


@pytest.mark.parametrize(
    "line",
    ["下载量增长5%。", "打印设备产业园开工。", "来源：" + "青" * 31, "拨打400-162-2002咨询。", "首页由区长李明介绍。"],
)
def test_a_line_that_only_begins_like_furniture_stays(line: str) -> None:
    assert _left_out(f"新增泊位900个。\n{line}\n再增300个。") == []


def test_a_text_of_one_line_has_no_furniture_lines() -> None:
    assert _left_out("打印") == []


def test_a_title_repeated_in_a_furniture_line_goes_with_the_line() -> None:
    (omission,) = find_omissions(f"谢谢大家。\n来源：{TITLE}全文完", TITLE)
    assert (omission.start, omission.reason) == (6, "source line")


@STEADY
@given(st.lists(st.sampled_from([*FRAGMENTS, TITLE, "\n来源：", "全文", "第一部分", "――"]), max_size=15).map("".join))
def test_spans_left_out_come_in_order_without_overlap(text: str) -> None:
    end = 0
    for omission in find_omissions(text, TITLE):
        assert end <= omission.start < omission.end <= len(text)
        end = omission.end


def test_rules_are_read_with_their_reasons(tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text("# a remark\n\npage tools\t打印|下载\nsource\t来源.*\n", encoding="utf-8")
    assert furniture_rules(path) == (("page tools", re.compile("打印|下载")), ("source", re.compile("来源.*")))


def test_a_rule_without_its_pattern_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text("# a remark\npage tools 打印\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"rules\.txt, line 2: wanted 'reason<TAB>pattern', got 'page tools 打印'"):
        furniture_rules(path)


def test_the_2019_report_is_freed_of_its_repeated_title(shipped: Library) -> None:
    (report,) = (d for d in shipped.documents if d.title == "2019年上海市徐汇区政府工作报告")
    left_out = [report.text[o.start : o.end] for o in report.omissions]
    assert left_out[0] == "2019年上海市徐汇区政府工作报告全文――"
    assert left_out[-1] == "2019年上海市徐汇区政府工作报告全文完"
    read = "".join(report.text[s.start : s.end] for s in report.sentences)
    assert "政府工作报告第" not in read
    assert "全文" not in read
