from __future__ import annotations

from datetime import date

import pytest

from corpus.dates import find_date
from corpus.library import Library
from corpus.types import Dated

POSTED = date(2032, 3, 1)


@pytest.mark.parametrize(
    ("text", "shown", "rule"),
    [
        (
            "政府工作报告――2031年1月9日在南湖市青山区第三届人民代表大会第二次会议上 区长李明",
            "2031-01-09",
            "delivered at a session",
        ),
        ("某市统计公报\n青山市统计局　2031年3月12日\n经济平稳。", "2031-03-12", "date on a line of its own"),
        ("2031年1月19日,在青山区人民代表会第四次会上", "2031-01-19", "delivered at a session"),
        ("(2031年12月8日)青山湾论坛开幕。", "2031-12-08", "date opening the text"),
        ("2031年12月,青山湾论坛举办。", "2031-12", "month opening the text"),
        ("近日,青山区 2032 年重大工程开工。", "2032", "recent when posted, and the year is named"),
        ("近日,青山区重大工程开工。", "unknown", "recent, not later than the posting"),
        ("近期,青山区回顾2031年工作。", "unknown", "recent, not later than the posting"),
        ("青山湾论坛于2031年12月8日开幕。", "unknown", "no date in the text"),
        ("青山湾位于湾区南侧。", "unknown", "no date in the text"),
        ("", "unknown", "no date in the text"),
        ("（2031年1月9日南湖市青山区第三届人民代表大会第二次会议通过）", "2031-01-09", "delivered at a session"),
        ("二〇三一年一月十九日在南湖市青山区第三届人民代表大会第二次会议上", "2031-01-19", "delivered at a session"),
        ("青山区新闻\n（2031年1月9日）\n各位同志：", "2031-01-09", "date on a line of its own"),
        ("青山区新闻\n2031年2月14日，论坛在南湖市青山区举办，九家企业参加。", "2031-02-14", "date opening the text"),
        ("青山区新闻\n2031年2月，论坛在南湖市青山区举办，九家企业参加。", "2031-02", "month opening the text"),
        ("青山区通知\n请于6月前申报。\n青山区商务局\n二〇三一年五月三十日", "2031-05-30", "date on a line of its own"),
        ("各镇：请于6月前申报。 青山区商务局 2031年5月20日", "2031-05-20", "date closing the text"),
        ("索引号：A1\n成文日期：2031-04-01\n发布日期：2031-05-01", "2031-04-01", "named as the day of issue"),
        ("青山区通知\n2030年1月1日至2030年12月31日期间认定的企业可以申报奖励。", "unknown", "no date in the text"),
        ("青山区通知\n2031年4月30日前提交全部材料的企业可以申报奖励资金。", "unknown", "no date in the text"),
        ("青山区通知\n发布时间：2031年3月1日\n青山湾位于湾区南侧，有码头十二座。", "unknown", "no date in the text"),
    ],
)
def test_the_date_is_read_from_the_head_of_the_text(text: str, shown: str, rule: str) -> None:
    dated = find_date(text, "青山区新闻", POSTED)
    assert (str(dated), dated.rule) == (shown, rule)


def test_a_day_shortly_before_the_posting_is_of_its_year_where_the_text_names_that() -> None:
    news = (
        "青山区新闻\n2032-03-01 09:12 来源：青山发布\n本网讯（记者 王芳）2月28日上午，青山区举行{}年首批项目签约仪式。"
    )
    assert str(find_date(news.format(2032), "青山区新闻", POSTED)) == "2032-02-28"
    assert find_date(news.format("今"), "青山区新闻", POSTED).date is None
    assert find_date(news.format(2032).replace("2月28日", "1月8日"), "青山区新闻", POSTED).date is None


def test_the_day_of_delivery_comes_before_another_date_that_opens_the_text() -> None:
    text = "2031年2月1日讯:2031年1月9日在青山区第三届人民代表大会第二次会议上"
    assert find_date(text, "", POSTED).date == date(2031, 1, 9)


def test_a_recent_event_may_be_dated_by_its_title() -> None:
    assert find_date("近日,工程开工。", "青山区2032年重大工程开工", POSTED).date == date(2032, 1, 1)


def test_a_recent_event_posted_on_an_unknown_day_is_undated() -> None:
    assert find_date("近日,青山区 2032 年重大工程开工。", "", None).date is None


def test_a_date_beyond_the_head_is_not_the_documents() -> None:
    late = "青" * 200 + "2031年1月9日在青山区第三届人民代表大会第二次会议上"
    assert find_date(late, "", POSTED).date is None
    assert find_date(late[150:], "", POSTED).date == date(2031, 1, 9)


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    assert find_date("2031年2月29日,青山湾论坛开幕。", "", POSTED).date is None


def test_a_date_is_shown_as_precisely_as_it_is_known() -> None:
    day = date(2031, 1, 9)
    shown = [str(Dated(day, precision, "")) for precision in ("day", "month", "year")]
    assert shown == ["2031-01-09", "2031-01", "2031"]
    assert str(Dated(None, "unknown", "")) == "unknown"


@pytest.mark.parametrize(
    ("title", "delivered"),
    [
        ("2019年上海市徐汇区政府工作报告", "2019-01-16"),
        ("2020年徐汇区政府工作报告", "2020-01-07"),
        ("2021年徐汇区政府工作报告", "2021-01-13"),
        ("上海国际金融中心发展论坛落地徐汇滨江", "2023-12"),
        ("徐汇区参与上海外资签约 4.8 亿美元项目", "2022"),
        ("徐汇区 10 个重点项目集中开工", "2022"),
        ("上海西岸人工智能中心全球推介", "unknown"),
    ],
)
def test_shipped_documents_are_dated_by_their_text_not_by_their_posting(
    shipped: Library, title: str, delivered: str
) -> None:
    (document,) = (d for d in shipped.documents if d.title.startswith(title))
    assert str(document.delivered) == delivered
