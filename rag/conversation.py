"""Follow-ups: what a question in a conversation would be if it were asked alone.

History is the client's and is only read. A follow-up takes the words of the question before it along; what it names
itself - a year, an indicator, a region - takes the place of what was named there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.glossary import REGION
from corpus.periods import mentioned_periods
from index import tokenize
from rag.cues import ASKING, CUES, compile_cue
from rag.spelling import simplify
from rag.types import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus.glossary import Glossary, Mention
    from rag.spelling import Speller
    from rag.types import Turn

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_YEAR = re.compile(r"20[0-4]\d")
_YEARS = re.compile(r"20[0-4]\d\s*年?(?:\s*(?:-|–|—|~|至|到)\s*20[0-4]\d\s*年?)?")
_PLANS = re.compile(
    r"[“\"]?十[一二三四五六七八九]五[”\"]?(?:规划)?(?:期间|时期)?|\b(?:the )?[\w-]+ five[- ]year plan", re.IGNORECASE
)
_NEIGHBOUR_YEARS = ((compile_cue(CUES["year_after"]), 1), (compile_cue(CUES["year_before"]), -1))
_POINTS_BACK, _ASKS = compile_cue(CUES["points_back"]), compile_cue(CUES["asks"])
#: With more words of its own than this, a question that points nowhere stands alone.
_FEW = 2
#: Of what kinds a follow-up's own mention takes the place of the earlier question's.
_REPLACING = frozenset({"indicator", REGION, "project", "institution", "company"})


def detect_language(text: str) -> Language:
    """Return the language a question is asked in; names in the other language do not decide it."""
    han, latin = len(_HAN.findall(text)), _LATIN_WORD.findall(text)
    asked_in_english = sum(word.casefold() in tokenize.ENGLISH_FUNCTION_WORDS for word in latin) >= 2
    return Language.ZH if han > len(latin) and not asked_in_english else Language.EN


def stand_alone(
    text: str, history: Sequence[Turn], glossary: Glossary, language: Language, speller: Speller | None
) -> str:
    """Return the question as it would be asked without the conversation before it, in simplified characters."""
    before = ""
    for turn in history:
        if turn.role == "user":
            before = _joined(before, _typed(turn.content, speller), glossary, detect_language(turn.content))
    return _joined(before, _typed(text, speller), glossary, language)


def _typed(text: str, speller: Speller | None) -> str:
    plain = simplify(" ".join(text.split()))
    return speller.correct(plain) if speller else plain


def _joined(earlier: str, text: str, glossary: Glossary, language: Language) -> str:
    """Return a question with what it takes along from the one before it, itself where it stands alone."""
    if not earlier or not _leans(text, glossary, language):
        return text
    earlier = earlier.rstrip("?？。.! ")
    years = _YEAR.findall(earlier)
    for pattern, offset in _NEIGHBOUR_YEARS:
        if years and pattern.search(text):
            text = f"{int(years[-1]) + offset}{'年' if language is Language.ZH else ''} {pattern.sub('', text)}"
    if _YEAR.search(text) or mentioned_periods(text):
        earlier = _PLANS.sub(" ", _YEARS.sub(" ", earlier))
    return " ".join(f"{_without(earlier, text, glossary)} {text}".split())


def _leans(text: str, glossary: Glossary, language: Language) -> bool:
    if _POINTS_BACK.search(text):
        return True
    named = list(_mentions(text, glossary))
    rest = _blanked(text, [(mention.start, mention.end) for mention in named])
    words = [word for word in tokenize.words(_YEARS.sub(" ", rest)) if word not in ASKING]
    return len(named) + len(words) <= _FEW and not _is_whole(text, named)


def _is_whole(text: str, named: Sequence[Mention]) -> bool:
    """Return whether a question, however short, asks something of a thing in a year or a region: it lacks nothing."""
    places = [REGION in _kinds(mention) for mention in named]
    is_placed = any(places) or bool(_YEAR.search(text) or mentioned_periods(text))
    return is_placed and not all(places) and bool(_ASKS.search(text))


def _without(earlier: str, text: str, glossary: Glossary) -> str:
    """Return the earlier question without what the new one names another of."""
    kinds = {kind for mention in _mentions(text, glossary) for kind in _kinds(mention)} & _REPLACING
    spans = [(m.start, m.end) for m in _mentions(earlier, glossary) if _kinds(m) & kinds]
    return _blanked(earlier, spans)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with spaces for spans of it, which may overlap: both languages' names are looked for in it."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _mentions(text: str, glossary: Glossary) -> Iterator[Mention]:
    yield from sorted((*glossary.find_chinese(text), *glossary.find_english(text)), key=lambda m: m.start)


def _kinds(mention: Mention) -> set[str]:
    return {term.kind for term in mention.terms}
