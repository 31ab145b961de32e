"""EM and F1 of a span of text against gold spans, as CMRC 2018 defines them.

Cui et al., "A Span-Extraction Dataset for Chinese Machine Reading Comprehension", EMNLP 2019; rules read off
`squad-style-data/cmrc2018_evaluate.py` of github.com/ymcui/cmrc2018 and written anew. F1 counts the longest common
*contiguous* run of tokens; a Chinese character is a token. That script divides the rest with NLTK's word_tokenize;
here a run of letters or a number is a token, which differs only inside English words with apostrophes and the like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The script's own list; marks outside it (a full stop of English, say) count as text.
_PUNCTUATION = str.maketrans("", "", "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_TOKEN = re.compile(r"[\u4e00-\u9fa5]|[^\W\d_\u4e00-\u9fa5]+|\d+(?:[.,]\d+)*|[^\w\s]")


def exact_match(answer: str, golds: Sequence[str]) -> float:
    """Return 1 where the answer is one of the golds, case and punctuation apart, else 0."""
    return float(any(_bare(answer) == _bare(gold) for gold in golds))


def span_f1(answer: str, golds: Sequence[str]) -> float:
    """Return the best F1 of the longest common run of tokens over the golds, 0 to 1."""
    return max((_f1(_tokens(answer), _tokens(gold)) for gold in golds), default=0.0)


def _bare(text: str) -> str:
    return text.lower().strip().translate(_PUNCTUATION)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_bare(text))


def _f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    common = _longest_common_run(answer, gold)
    if not common:
        return 0.0
    precision, recall = common / len(answer), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def _longest_common_run(a: Sequence[str], b: Sequence[str]) -> int:
    best = 0
    row = [0] * (len(b) + 1)
    for token in a:
        above, row = row, [0] * (len(b) + 1)
        for j, other in enumerate(b):
            if token == other:
                row[j + 1] = above[j] + 1
                best = max(best, row[j + 1])
    return best
