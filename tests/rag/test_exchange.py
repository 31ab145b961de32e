from __future__ import annotations

import pytest

from rag.exchange import exchanged

ZH = "全年新增公共充电桩437个、公共泊位4596个,服务86家总部机构、60家重点外贸企业。"
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
        ("It added 4,596 public parking spaces and 437 charging piles.", EN, None),
        ("Revenue grew by 3%.", EN, None),
        ("新增9个", ZH, None),
        ("新增437个", "新增437个。", None),
        ("", "", None),
    ],
)
def test_a_figure_beside_the_words_of_another_is_told(sentence: str, evidence: str, figure: int | None) -> None:
    found = exchanged(sentence, evidence)
    assert (found and found.value) == figure
