"""How well lost characters are put back: `python -m eval.damage`.

Takes frequent characters out of undamaged reports, one at a time, and lets the likelihood method of `corpus.damage`
put them back with the other reports as references. Precision is the share of characters put back that stood just
there; recall the share of those taken out that came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.damage import guess_places, model_of
from eval.corpora import DISTRICT, PROVINCES, load_corpus
from index import tokenize
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Frequent characters that are parts of words.
CHARACTERS = {DISTRICT: "大中人发全化", PROVINCES: "大中人发"}


@dataclass(frozen=True, slots=True)
class Tally:
    """Characters taken out, put back, and put back in the right place."""

    taken: int
    put_back: int
    right: int

    @property
    def precision(self) -> float:
        """Share of those put back that are right; 1 where none was."""
        return self.right / self.put_back if self.put_back else 1.0

    @property
    def recall(self) -> float:
        """Share of those taken out that came back."""
        return self.right / self.taken if self.taken else 1.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.taken + other.taken, self.put_back + other.put_back, self.right + other.right)


def trial(text: str, character: str, references: Sequence[str]) -> Tally:
    """Take a character out of a text and put it back."""
    damaged = text.replace(character, "")
    places = {i - text[:i].count(character) for i, c in enumerate(text) if c == character}
    guessed = guess_places(damaged, character, model_of(character, references), tokenize.word_score)
    return Tally(len(places), len(guessed), len(places & guessed.keys()))


def trials(texts: Sequence[str], characters: Iterable[str]) -> Tally:
    """Try every character on every text, the other texts being the references."""
    tally = Tally(0, 0, 0)
    for character in characters:
        for text in texts:
            tally += trial(text, character, [other for other in texts if other is not text])
    return tally


def main() -> None:
    """Print precision and recall for both corpora."""
    for name, characters in CHARACTERS.items():
        documents = load_corpus(name, Settings()).documents
        texts = [d.text for d in documents if d.kind == "report" and not d.repairs]
        tally = trials(texts, characters)
        print(f"{name}: {tally.taken} taken out, precision {tally.precision:.3f}, recall {tally.recall:.3f}")


if __name__ == "__main__":
    main()
