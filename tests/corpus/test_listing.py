from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.decode import SourceError, decode
from corpus.library import SEED
from corpus.listing import Article, read_listing
from tests.corpus.conftest import STEADY

LISTING = """\
首页 > 青山区

  • 【青山区招商】2031年青山区政府工作报告

    各位代表:现在,我代表区政府作报告。
    一、2030年工作回顾

    2032-03-01

  • 【2032年青山区招商】青山湾 3 个项目开工

    近日,青山湾 3 个项目开工。

    2032-1-9

有想补充的信息?点我投稿
  • 联系我们
"""


def test_articles_and_furniture_are_told_apart() -> None:
    listing = read_listing(LISTING, "页面.txt")
    assert listing.articles == (
        Article(
            "2031年青山区政府工作报告",
            "【青山区招商】",
            "各位代表:现在,我代表区政府作报告。\n一、2030年工作回顾",
            date(2032, 3, 1),
            3,
        ),
        Article("青山湾 3 个项目开工", "【2032年青山区招商】", "近日,青山湾 3 个项目开工。", date(2032, 1, 9), 10),
    )
    assert listing.furniture == ((1, "首页 > 青山区"), (16, "有想补充的信息?点我投稿"), (17, "• 联系我们"))


@pytest.mark.parametrize("bullet", ["•", "·", "●", "*", "-", "+", "◆", "■"])
def test_any_usual_bullet_opens_a_title(bullet: str) -> None:
    (article,) = read_listing(f"{bullet}【红河区】红河新区开园\n正文。\n2030-05-06", "页面.txt").articles
    assert (article.title, article.tag, article.posted) == ("红河新区开园", "【红河区】", date(2030, 5, 6))


def test_what_does_not_show_does_not_count() -> None:
    text = "\ufeff\u3000• 【红河区】红河新区开园\u200b\n\u200b\n\u00a0正文。\n2030-05-06\u200b"
    (article,) = read_listing(text, "页面.txt").articles
    assert (article.title, article.body, article.posted) == ("红河新区开园", "正文。", date(2030, 5, 6))


HAN = st.text("青山红河区开园动工报告落户年会", min_size=1, max_size=8)
#: Title, lines of the body, day of posting, furniture that follows.
ENTRIES = st.lists(
    st.tuples(HAN, st.lists(HAN, min_size=1, max_size=3), st.integers(0, 20000), st.lists(HAN, max_size=3)),
    min_size=1,
    max_size=12,
)


@STEADY
@given(HAN, st.lists(HAN, max_size=5), ENTRIES, st.sampled_from(["\n", "\n\n", "\n   \n  "]))
def test_a_listing_of_any_district_and_length_is_read_whole(
    tag: str, before: list[str], entries: list[tuple[str, list[str], int, list[str]]], gap: str
) -> None:
    lines = list(before)
    for title, body, day, after in entries:
        lines += [f"• 【{tag}】{title}", *body, (date(1990, 1, 1) + timedelta(day)).isoformat(), *after]
    listing = read_listing(gap.join(lines), "页面.txt")
    assert [(a.title, a.tag, a.body, a.posted) for a in listing.articles] == [
        (title, f"【{tag}】", "\n".join(body), date(1990, 1, 1) + timedelta(day)) for title, body, day, _ in entries
    ]
    assert [text for _, text in listing.furniture] == [*before, *(line for entry in entries for line in entry[3])]


A_TITLE, B_TITLE = "• 【青山区】甲", "• 【青山区】乙"
GOOD = [A_TITLE, "正文。", "2031-01-02"]


@pytest.mark.parametrize(
    ("lines", "line", "fault"),
    [
        ([A_TITLE, "正文。", B_TITLE, "正文。", "2031-01-02"], 1, "no posted date"),
        ([*GOOD, B_TITLE, "正文。"], 4, "no posted date"),
        ([*GOOD, B_TITLE, "正文。", "2031年1月2日"], 4, "no posted date"),
        ([A_TITLE, "2031-01-02"], 2, "no body"),
        ([*GOOD, "", B_TITLE, "", "2031-01-02"], 7, "no body"),
        ([A_TITLE, B_TITLE, "正文。", "2031-01-02"], 1, "no body"),
        ([*GOOD, B_TITLE], 4, "no body"),
        (["2031-01-02", *GOOD], 1, "no title line"),
        ([*GOOD, "2031-01-03"], 4, "no title line"),
        ([*GOOD, "", "标题丢了的正文。", "2031-01-03", B_TITLE, "正文。", "2031-01-04"], 6, "no title line"),
        ([*GOOD, "正文。" * 40, B_TITLE, "正文。", "2031-01-04"], 4, "no title line before it and no date after it"),
        ([*GOOD, "【青山区】丙文的题目", "正文。"], 4, "a title without its bullet"),
        ([A_TITLE, "正文。", "2031-02-29"], 3, "2031-02-29 is not a date"),
        ([*GOOD, B_TITLE, "正文。", "2031-13-01"], 6, "2031-13-01 is not a date"),
    ],
)
def test_a_broken_article_is_refused_with_its_line(lines: list[str], line: int, fault: str) -> None:
    with pytest.raises(SourceError, match=rf"^页面\.txt, line {line}: .*{fault}") as caught:
        read_listing("\n".join(lines), "页面.txt")
    assert (caught.value.path.name, caught.value.line) == ("页面.txt", line)


def test_buttons_and_terms_after_the_last_article_are_furniture() -> None:
    terms = "本站条款。" * 40
    listing = read_listing("\n".join([*GOOD, "【打印】【关闭】", terms]), "页面.txt")
    assert [text for _, text in listing.furniture] == ["【打印】【关闭】", terms]


@pytest.mark.parametrize(
    "text", ["", "\n \n", "正文。\n2031-01-02", "【青山区】甲\n正文。\n2031-01-02", "• 甲\n正文。"]
)
def test_a_text_without_any_title_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match=r"^页面\.txt: no title line such as '• 【Place】Title'"):
        read_listing(text, "页面.txt")


def test_the_shipped_listing_has_eight_articles_in_their_order() -> None:
    path = SEED / "district-news.txt"
    listing = read_listing(decode(path.read_bytes(), path), path)
    wanted = [
        ("2020年上海市徐汇区人民政府工作报告", "2025-07-09"),
        ("上海西岸人工智能中心全球推介", "2025-07-09"),
        ("2020年徐汇区政府工作报告", "2025-07-09"),
        ("2019年上海市徐汇区政府工作报告", "2025-07-09"),
        ("2021年徐汇区政府工作报告", "2025-07-08"),
        ("上海国际金融中心发展论坛落地徐汇滨江", "2025-07-04"),
        ("徐汇区参与上海外资签约 4.8 亿美元项目", "2022-02-23"),
        ("徐汇区 10 个重点项目集中开工", "2022-01-19"),
    ]
    for article, (title, posted) in zip(listing.articles, wanted, strict=True):
        assert article.title.startswith(title)
        assert article.posted.isoformat() == posted
    assert [article.tag for article in listing.articles] == ["【徐汇区招商】"] * 6 + ["【2022年徐汇区招商】"] * 2
    assert listing.furniture[0] == (49, "有想补充的信息?点我投稿")
