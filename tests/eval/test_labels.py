from __future__ import annotations

import pytest

from eval.corpora import load_corpus
from eval.labels import FOLDER, check_labels, read_labels
from rag.settings import Settings


@pytest.mark.parametrize(("corpus", "count", "least"), [("district", 200, 0.98), ("provinces", 100, 0.95)])
def test_period_and_status_of_labelled_figures_are_right(corpus: str, count: int, least: float) -> None:
    outcomes = check_labels(read_labels(FOLDER / f"{corpus}.jsonl"), load_corpus(corpus, Settings()).documents)
    wrong = [(o.label.mention, o.label.frame, o.read, o.label.sentence[:40]) for o in outcomes if not o.right]
    assert len(outcomes) == count
    assert 1 - len(wrong) / count >= least, wrong
