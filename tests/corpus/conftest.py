from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from corpus.documents import make_document
from corpus.library import SEED, read_library
from corpus.types import Posting, RawText

if TYPE_CHECKING:
    from corpus.library import Library
    from corpus.types import Document

#: Property tests try the same examples each time, however busy the machine.
STEADY = settings(derandomize=True, deadline=None)
POSTED = date(2032, 3, 1)
#: What titles, headings, lists, furniture and plain sentences are made of, to be put together in any order.
FRAGMENTS = (
    "各位代表:",
    "一、2030年工作回顾",
    "二、2031年主要任务",
    "(一)加快码头建设,区域功能提升",
    "环境质量持续改善。",
    "营商服务不断优化。",
    "全年预计地区生产总值增长5.1%左右;新增充电桩210个。",
    "其中,区级财政收入88.8亿元。",
    "引进企业9家；" * 25,
    "青山湾码头改造项目按照计划推进，" * 12 + "年内竣工。",
    "“十六五”期间再建学校12所！",
    "\n",
    " ",
    "\n打印\n",
    "\n来源：青山发布\n",
    "2031年青山区政府工作报告全文完",
)


def document(text: str, title: str = "2031年青山区政府工作报告", posted: date | None = POSTED) -> Document:
    return make_document([RawText(Posting(title, posted, "页面.txt"), text)])


@pytest.fixture(scope="session")
def shipped() -> Library:
    return read_library([SEED / "district-news.txt"])
