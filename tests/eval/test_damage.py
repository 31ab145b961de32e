from __future__ import annotations

from eval.damage import Tally, trial


def test_precision_and_recall_count_what_was_put_back() -> None:
    tally = Tally(8, 4, 3) + Tally(2, 1, 1)
    assert (tally.precision, tally.recall) == (0.8, 0.4)
    assert Tally(5, 0, 0).precision == 1.0


def test_a_trial_puts_back_what_the_references_make_certain() -> None:
    reference = "推进重大工程建设,加快重大项目落地。" * 40
    tally = trial("今年推进重大工程建设,加快重大项目落地。", "大", [reference])
    assert tally == Tally(2, 2, 2)
