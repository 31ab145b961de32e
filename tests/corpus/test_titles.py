from __future__ import annotations

from datetime import date

import pytest

from corpus.titles import report_title
from corpus.types import Dated

SESSION = "——2031年1月9日在南湖市青山区第三届\n人民代表大会第二次会议上"
DELIVERED = Dated(date(2031, 1, 9), "day", "")
UNKNOWN = Dated(None, "unknown", "")


@pytest.mark.parametrize(
    ("title", "text", "delivered", "whole"),
    [
        ("政府工作报告", SESSION, DELIVERED, "2031年南湖市青山区政府工作报告"),
        ("2031年政府工作报告", SESSION, DELIVERED, "2031年南湖市青山区政府工作报告"),
        ("政府工作报告", "各位代表：", DELIVERED, "2031年政府工作报告"),
        ("政府工作报告", "各位代表：", UNKNOWN, "政府工作报告"),
        ("青山区人民政府工作报告", SESSION, DELIVERED, "2031年青山区人民政府工作报告"),
        ("2031年青山区政府工作报告", SESSION, DELIVERED, "2031年青山区政府工作报告"),
        ("二〇三一年青山区政府工作报告", SESSION, DELIVERED, "二〇三一年青山区政府工作报告"),
    ],
)
def test_a_bare_title_is_completed_with_what_the_text_says(title: str, text: str, delivered: Dated, whole: str) -> None:
    assert report_title(title, text, delivered) == whole
