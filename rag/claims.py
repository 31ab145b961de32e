"""Whether a sentence makes another fact of the words and figures of its evidence.

A figure is told with the bound, direction, scope and rate that the evidence gives it, in whichever language; and what
has words around it that stand around another thing in the evidence (a figure, a year, a word for a rise or a total)
is in that one's place.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.english import fold_english
from corpus.quantities import Bound, Unit, quantities
from index import tokenize
from rag.cues import compile_cue
from rag.exchange import displaced, exchanged
from rag.facts import figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.quantities import Quantity
    from rag.exchange import Span
    from rag.gate import Source

#: How answers word what they claim: the data of `claims.toml`.
CLAIMS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))
_INSTEAD = tuple(tuple(map(compile_cue, words["sides"])) for words in CLAIMS["instead"])
_RATE = compile_cue(CLAIMS["rate"])
_STATUS_WORDS = compile_cue({side: [*CLAIMS["intent"][side], *CLAIMS["estimate"][side]] for side in ("zh", "en")})

#: An English name with the Chinese one behind it in brackets.
_ORIGINAL = re.compile(r"([A-Za-z][A-Za-z0-9.'’ -]*)\"?\s*\(([^()]*[\u3400-\u9fff][^()]*)\)")
#: Where a clause ends; a comma inside a number ends none.
BREAK = re.compile(r"[，；;。]|,(?!(?<=\d,)\d{3}(?!\d))")
#: How far around a figure its own words are looked for, in characters; in English before it in all of its clause.
_BEFORE, _AFTER = 24, 24
#: Bounds that say the same of a figure.
_SAME_BOUND = ({Bound.MORE_THAN, Bound.AT_LEAST}, {Bound.LESS_THAN, Bound.AT_MOST}, {Bound.ABOUT, Bound.NEARLY})


def another_fact(text: str, source: Source) -> str:
    """Return how a sentence tells a figure of the evidence as another fact, in whichever language; labels apart."""
    texts = [said for said in (source.quote, source.translation) if said]
    for claim in [q for q in quantities(text) if q.unit is not Unit.YEAR]:
        fault = _other_bound(claim, texts) or _without_rate(text, claim, texts)
        if fault or any(_other_side(sides, text, claim, texts) for sides in _INSTEAD):
            return f"another fact than the evidence: {text[claim.start : claim.end].strip()}"
    return ""


def _other_bound(claim: Quantity, texts: Sequence[str]) -> bool:
    """Return whether a figure is bounded where the evidence does not bound it, or otherwise; one may be left out."""
    same = {bound for said in texts for figure, bound in _bounds(said) if claim.stated_by(figure)}
    alike = {bound for group in _SAME_BOUND if claim.bound in group for bound in group}
    return claim.bound is not Bound.NONE and bool(same) and not same & alike


def _bounds(text: str) -> Iterator[tuple[Quantity, Bound]]:
    """Yield the ends of a text's figures with what bounds them; the bound before a list is that of all its members."""
    bound, end = Bound.NONE, 0
    for figure in quantities(text):
        is_next = text[end : figure.start].strip() == "、" and figure.bound is Bound.NONE
        bound, end = bound if is_next else figure.bound, figure.end
        yield from ((one, bound) for one in figure.ends)


def _without_rate(text: str, claim: Quantity, texts: Sequence[str]) -> bool:
    """Return whether the evidence gives a figure for each of many, or a year of several, and a sentence does not."""
    rates = [
        bool(_RATE.search(said[_clause_start(said, figure) : figure.end]))
        for said in texts
        for figure in figures(said)
        if claim.stated_by(figure)
    ]
    return bool(rates) and all(rates) and not _RATE.search(text)


def _other_side(sides: Sequence[re.Pattern[str]], text: str, claim: Quantity, texts: Sequence[str]) -> bool:
    """Return whether a word beside a figure is of another side than the evidence has beside it."""
    told = {_side_at(sides, said, figure) for said in texts for figure in figures(said) if claim.stated_by(figure)}
    side = _side_at(sides, text, claim)
    return side is not None and bool(told) and None not in told and side not in told


def _side_at(sides: Sequence[re.Pattern[str]], text: str, figure: Quantity) -> int | None:
    """Return the side of the last word before a figure within its clause; in English of one behind it, too."""
    before = text[_clause_start(text, figure) : figure.start]
    if found := _sided(sides, before):
        return found[-1][1]
    behind = BREAK.split(text[figure.end : figure.end + _AFTER])[0]
    return next((side for _, side in _sided(sides, behind)), None) if before.isascii() else None


def _clause_start(text: str, figure: Quantity) -> int:
    """Return where the clause of a figure begins; of a Chinese one no more than what is near it."""
    clause = BREAK.split(text[: figure.start])[-1]
    return figure.start - len(clause if clause.isascii() else clause[-_BEFORE:])


def _sided(sides: Sequence[re.Pattern[str]], text: str) -> list[tuple[Span, int]]:
    """Return where the words of some sides stand, in order, each with the number of its side."""
    return sorted((match.span(), at) for at, side in enumerate(sides) for match in side.finditer(text))


def in_anothers_place(text: str, held: str) -> str:
    """Return the fault of what stands in a sentence where the evidence has another thing; both in one language."""
    if name := _other_original(text, held):
        return f"name of something else: {name}"
    # What is aimed at or estimated is told of every figure of a sentence, and is no mark of one.
    if figure := exchanged(*(_STATUS_WORDS.sub(lambda word: " " * len(word[0]), said) for said in (text, held))):
        return f"figure of something else: {figure.value}{figure.measure}"
    if year := _other_year(text, held):
        return f"year of something else: {year}"
    return next((f"another fact: {word}" for sides in _INSTEAD if (word := _other_word(sides, text, held))), "")


def _other_word(sides: Sequence[re.Pattern[str]], text: str, held: str) -> str:
    """Return a word that stands where the evidence has one of another side; empty where none does."""
    mine, theirs = _sided(sides, text), _sided(sides, held)
    here, there = ([span for span, _ in found] for found in (mine, theirs))
    moved = [*displaced(text, held, here, there, lambda a, b: mine[a][1] == theirs[b][1])]
    return text[slice(*here[moved[0]])] if moved else ""


def _other_year(text: str, held: str) -> str:
    """Return a year that stands where another one stands in the evidence."""
    mine, theirs = ([q for q in quantities(said) if q.unit is Unit.YEAR] for said in (text, held))
    here, there = ([(year.start, year.end) for year in found] for found in (mine, theirs))
    moved = [*displaced(text, held, here, there, lambda a, b: mine[a].stated_by(theirs[b]))]
    return text[slice(*here[moved[0]])] if moved else ""


def _other_original(text: str, held: str) -> str:
    """Return a Chinese name in brackets that stands behind another English name in the evidence."""
    known: dict[str, list[list[str]]] = {}
    for before, name in _ORIGINAL.findall(held):
        known.setdefault(name, []).append(_last_words(before))
    for before, name in _ORIGINAL.findall(text):
        said = _last_words(before)
        if name in known and not any(said[-len(words) :] == words[-len(said) :] for words in known[name]):
            return str(name)
    return ""


def _last_words(text: str) -> list[str]:
    """Return the last two words that name something; a name may be one word."""
    words = [word for word in fold_english(text).split() if word not in tokenize.ENGLISH_FUNCTION_WORDS]
    return words[-2:]
