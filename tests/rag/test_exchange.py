from __future__ import annotations

from decimal import Decimal

import pytest

from rag.exchange import displaced, exchanged

ZH = "全年新增公共充电桩437个、公共泊位4596个,服务86家总部机构、60家重点外贸企业。"
LISTS = "营业额首次突破10亿元、50亿元、100亿元的企业,分别给予100万元、300万元、500万元奖励。"
EN = "The district added 437 public charging piles and 4,596 public parking spaces; fiscal revenue grew by 3%."


@pytest.mark.parametrize(
    ("sentence", "evidence", "figure"),
    [
        ("新增公共充电桩4596个、公共泊位437个", ZH, 4596),
        ("2019年公共泊位437个。", ZH, 437),
        ("60家总部机构复工", ZH, 60),
        ("It added 4,596 public charging piles.", EN, 4596),
        ("Public parking spaces: 437.", EN, 437),
        ("新增公共充电桩437个、公共泊位4596个", ZH, None),
        ("2019年，公共泊位增加了4596个。", ZH, None),
        ("增加437个充电桩", ZH, None),
        ("首次突破50亿元的,给予300万元奖励。", LISTS, None),
        ("首次突破10亿元、50亿元的,分别给予300万元、100万元奖励。", LISTS, 3_000_000),
        ("游客、花费分别增长9.5%和10.7%。", "接待游客、花费分别增长10.7%和9.5%。", Decimal("9.5")),
        ("It added 4,596 public parking spaces and 437 charging piles.", EN, None),
        ("Revenue grew by 3%.", EN, None),
        ("新增9个", ZH, None),
        ("新增437个", "新增437个。", None),
        ("", "", None),
    ],
)
def test_a_figure_beside_the_words_of_another_is_told(
    sentence: str, evidence: str, figure: Decimal | int | None
) -> None:
    found = exchanged(sentence, evidence)
    assert (found and found.value) == figure


def spans(text: str, names: str) -> list[tuple[int, int]]:
    return [(text.index(name), text.index(name) + len(name)) for name in names.split()]


@pytest.mark.parametrize(
    ("sentence", "names", "moved"),
    [
        ("成功引进小米的创新中心。", "小米", {0: 1}),
        ("成功引进微软的研究院。", "微软", {}),
        ("成功引进商汤。", "商汤", {}),
        ("成功引进商汤、微软的研究院。", "商汤 微软", {}),
    ],
)
def test_the_members_of_a_list_stand_where_it_stands(sentence: str, names: str, moved: dict[int, int]) -> None:
    evidence, theirs = "成功引进商汤、微软的研究院,与小米合作。", "商汤 微软 小米"
    mine, held = spans(sentence, names), spans(evidence, theirs)
    said, known = names.split(), theirs.split()
    assert displaced(sentence, evidence, mine, held, lambda a, b: said[a] == known[b]) == moved
