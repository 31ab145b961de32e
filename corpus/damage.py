"""Characters that a text has lost altogether: noticing it, and guessing where they stood.

Some copies come with every occurrence of one frequent character gone. A character is called lost when it never
occurs although texts of the same kind lead one to expect it so often that chance is out of the question. Where no
undamaged copy exists, places are found by likelihood: a character model of the other texts and a word model both
have to find the text with the character much better than without.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Shorter texts say too little about how often a character is used.
LONG_ENOUGH = 3000
#: Chance of no occurrence below which a character is called lost.
CHANCE = 1e-6
#: No source at hand has lost more than one character; a text in traditional characters would seem to lack hundreds.
MOST_LOST = 3
#: Texts from which the character model learns; more make it slower and, beyond the six tried, hardly better.
MODEL_TEXTS = 12
#: Dispersion of the negative binomial: how unevenly reports use their characters. Read off the reports at hand,
#: where it flags the two characters known to be lost and no other.
DISPERSION = 5.0
#: Least joint gain, in nats, for a character to be put back. Taking 大中人发全化 out of two district and 大中人发
#: out of six provincial reports: precision 0.97 and recall 0.56 (district) and 0.98 and 0.68 (provincial) at 0, 0.99
#: and 0.51, 0.64 at 1. Places below it stay as they came.
GAIN = 0.5
#: Below this gain of the character model alone, no word can make up for it; saves most of the word model's work.
_HOPELESS = -9.0

_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Function characters fit almost anywhere, so likelihood says nothing about them.
_FREE = frozenset("的和了在是与及等并将也为以对")
_NUMERAL = re.compile(r"[\d０-９.．%％〇一二三四五六七八九十百千万亿两]")


def lost_characters(text: str, references: Sequence[str]) -> list[str]:
    """Return the characters that `text` has lost, the most expected first.

    The expected count comes from the smallest rate among the references (at least two texts of `LONG_ENOUGH`
    characters, of the same kind, none a copy of another), but for the tenth of them that may be odd or damaged
    themselves; the chance of seeing none from a negative binomial distribution. A text that would have lost more than
    `MOST_LOST` characters is in another script or of another kind, and nothing of it is called lost.
    """
    long = [reference for reference in references if len(reference) >= LONG_ENOUGH]
    if len(long) < 2 or len(text) < LONG_ENOUGH:
        return []
    rates = [_rates(reference) for reference in long]
    expected: dict[str, float] = {}
    for character in {character for rate in rates for character in rate} - set(text):
        if _HAN.match(character):
            its = sorted(rate.get(character, 0.0) for rate in rates)
            expected[character] = len(text) * its[len(its) // 10]
    lost = [c for c, mean in expected.items() if chance_of_none(mean) < CHANCE]
    return sorted(lost, key=lambda c: -expected[c]) if len(lost) <= MOST_LOST else []


@lru_cache(maxsize=1024)
def _rates(text: str) -> dict[str, float]:
    """Return the share of each character, counted once for all texts that a text is compared with."""
    return {character: count / len(text) for character, count in Counter(text).items()}


def chance_of_none(mean: float) -> float:
    """Return the probability of no occurrence under a negative binomial with this mean."""
    return math.pow(DISPERSION / (DISPERSION + mean), DISPERSION)


def model_of(character: str, references: Sequence[str]) -> CharacterModel:
    """Return a model for putting a character back: of the longest references that have it."""
    having = [reference for reference in references if character in reference]
    return CharacterModel(sorted(having, key=len, reverse=True)[:MODEL_TEXTS])


class CharacterModel:
    """A character 5-gram model with Witten-Bell interpolation.

    Witten, Bell, "The zero-frequency problem" (1991): the weight of a shorter context is the number of different
    characters seen after the longer one, against how often that was seen.
    """

    ORDER = 5

    def __init__(self, texts: Iterable[str]) -> None:
        self._following: dict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            for i, character in enumerate(text):
                for length in range(min(self.ORDER - 1, i) + 1):
                    self._following[text[i - length : i]][character] += 1
        self._totals = {context: sum(counts.values()) for context, counts in self._following.items()}

    def log_probability(self, character: str, context: str) -> float:
        """Return the log probability of a character after a context, of which the last four characters count."""
        probability = 1e-5
        for length in range(min(self.ORDER - 1, len(context)) + 1):
            counts = self._following.get(context[len(context) - length :])
            if counts is None:
                break
            total, kinds = self._totals[context[len(context) - length :]], len(counts)
            probability = (counts[character] + kinds * probability) / (total + kinds)
        return math.log(probability)

    def gain(self, text: str, position: int, character: str) -> float:
        """Return by how much inserting `character` at `position` raises the log probability of what stands there.

        The inserted character itself is an additional prediction, so the gain is positive only where what follows
        becomes clearly likelier.
        """
        reach = self.ORDER - 1
        start, end = max(0, position - reach), min(len(text), position + reach)
        before, after = text[start:position], text[position:end]
        return self._score(before, character + after) - self._score(before, after)

    def _score(self, before: str, after: str) -> float:
        joined = before + after
        return sum(self.log_probability(joined[i], joined[:i]) for i in range(len(before), len(joined)))


def guess_places(
    text: str, character: str, model: CharacterModel, word_score: Callable[[str], float], least_gain: float = GAIN
) -> dict[int, float]:
    """Return the places where a lost character most likely stood, each with its joint gain in nats.

    `word_score` gives the log probability of the best division of a text into words. Nothing is put beside a
    digit, a percent sign or a numeral: a wrong guess there would change a figure.
    """
    if character in _FREE:
        return {}
    places: dict[int, float] = {}
    for position in range(1, len(text)):
        left, right = text[position - 1], text[position]
        if not (_HAN.match(left) or _HAN.match(right)) or _NUMERAL.match(left) or _NUMERAL.match(right):
            continue
        by_characters = model.gain(text, position, character)
        if by_characters < _HOPELESS:
            continue
        start, end = _clause(text, position)
        without = text[start:end]
        with_it = text[start:position] + character + text[position:end]
        joint = by_characters + word_score(with_it) - word_score(without)
        if joint >= least_gain:
            places[position] = joint
    return _best_of_neighbours(places)


def confidence(gain: float) -> float:
    """Return the share of places with this joint gain that were right, smoothed, in the trials named at `GAIN`."""
    return min(0.999, round(1 / (1 + math.exp(-(1.7 + 0.6 * gain))), 3))


def _clause(text: str, position: int, reach: int = 8) -> tuple[int, int]:
    """Return the span around a place that words can reach, at most to the next punctuation mark."""
    start = end = position
    while start > max(0, position - reach) and _HAN.match(text[start - 1]):
        start -= 1
    while end < min(len(text), position + reach) and _HAN.match(text[end]):
        end += 1
    return start, end


def _best_of_neighbours(places: dict[int, float]) -> dict[int, float]:
    """Of places next to each other keep the likeliest: one character was lost there, not two."""
    kept: dict[int, float] = {}
    for position, gain in sorted(places.items(), key=lambda item: -item[1]):
        if position - 1 not in kept and position + 1 not in kept:
            kept[position] = gain
    return kept
