from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eval import engines
from eval.engines import TIE, Agreement, Grown, agreements, compare, lite_server, report
from index.milvus_server import Place
from index.search import Candidate

if TYPE_CHECKING:
    from rag.settings import Settings


def ranked(**scores: float) -> list[Candidate]:
    return [Candidate(int(row[1:]), score, score, score) for row, score in scores.items()]


def test_rankings_are_alike_but_for_what_lies_closer_than_a_tie() -> None:
    one = ranked(r1=0.9, r2=0.5, r3=0.49)
    assert compare(one, one) == Agreement(same=True, but_for_ties=True, difference=0)
    swapped = compare(one, ranked(r1=0.9, r3=0.5, r2=0.5))
    assert (swapped.same, swapped.but_for_ties) == (True, True)
    assert swapped.difference == pytest.approx(0.01)
    assert not compare(one, ranked(r1=0.9, r2=0.5 + 2 * TIE, r3=0.49)).but_for_ties


def test_a_passage_that_one_side_lacks_is_no_tie() -> None:
    found = compare(ranked(r1=0.9, r2=0.5), ranked(r1=0.9))
    assert (found.same, found.but_for_ties, found.difference) == (False, False, 0.5)


@pytest.mark.slow
def test_both_engines_give_the_same_first_ten_to_questions_of_the_benchmark(real_settings: Settings) -> None:
    with lite_server() as uri:
        found = agreements(real_settings, Place(uri, "", "default", "agree", 60), engines._questions()[::25])
    assert all(agreement.but_for_ties for agreement in found["all"])
    assert all(agreement.but_for_ties for agreement in found["filtered"])


def test_the_report_says_against_what_it_was_measured() -> None:
    alike = Agreement(same=True, but_for_ties=True, difference=0.001)
    text = report({"all": [alike, alike]}, [Grown(1000, 2.5, {"dense": (1, 2)})], "1000", "a test double")
    assert "against a test double" in text
    assert "| all | 2 | 100.0% | 100.0% | 0.001 |" in text
    assert "| 1,000 | 2 | 1.0 / 2.0 |" in text
