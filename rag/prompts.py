"""What a language model is asked: templates (`prompts.toml`), and evidence put into them as data.

Whatever comes from a document or from who asks is one line without angle brackets and without anything that looks like
a mark; so no text can close the fence around it, begin a turn of its own, or pass for another piece of evidence.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from rag.types import Language, Reason
from rag.wording import REFUSAL, dates_label, period_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from corpus.translations import Translations
    from corpus.types import Entry
    from rag.types import Evidence, Question, Turn

TEMPLATES = Path(__file__).with_name("prompts.toml")
#: The places of each template: in its instructions, and in its request.
_PLACES = {
    "answer": ({"refusal"}, {"evidence", "question"}),
    "rewrite": (set[str](), {"history", "question"}),
    "translate_question": ({"terms"}, {"question"}),
    "translate_text": ({"terms"}, {"text"}),
}
#: Turns of a conversation that a rewriting sees, and the longest of each, in characters.
_TURNS, _TURN = 6, 300


class TemplateError(ValueError):
    """A template that lacks a place, or has one that nothing fills: which, what came, what was wanted."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is told and asked."""

    instructions: str
    request: str


def refusal_phrase(language: Language) -> str:
    """Return the sentence by which a model is to say that the evidence does not answer."""
    return REFUSAL[language][Reason.NOT_FOUND]


def data(text: str) -> str:
    """Return text as one line of data: no angle brackets, no numbered marks."""
    line = " ".join(text.split()).translate(_BRACKETS)
    return re.sub(r"[\[【［]\s*(\d[\d\s,，、-]*)[\]】］]", r"(\1)", line)


_BRACKETS = str.maketrans("<>", "＜＞")


class Prompts:
    """The templates, filled."""

    def __init__(self, path: Path = TEMPLATES) -> None:
        """Read and check the templates.

        Raises:
            TemplateError: one is missing, or its places are not those wanted.
        """
        self._templates = _read(path)

    def answer(self, question: Question, evidence: Sequence[str]) -> Prompt:
        """Return what asks for an answer from lines of evidence (see `evidence_line`)."""
        fields = {"evidence": "\n".join(evidence), "question": data(question.standalone)}
        return self._fill("answer", question.language, fields | {"refusal": refusal_phrase(question.language)})

    def rewrite(self, question: str, history: Sequence[Turn], language: Language) -> Prompt:
        """Return what asks for a question as it would be asked alone."""
        lines = [f"{turn.role}: {data(turn.content)[:_TURN]}" for turn in history[-_TURNS:]]
        return self._fill("rewrite", language, {"history": "\n".join(lines), "question": data(question)})

    def translate_question(self, question: str, terms: Sequence[tuple[str, str]]) -> Prompt:
        """Return what asks for the Chinese of an English question; `terms` are pairs of English and Chinese."""
        return self._fill("translate_question", Language.EN, {"question": data(question), "terms": _pairs(terms)})

    def translate_text(self, text: str, terms: Sequence[tuple[str, str]]) -> Prompt:
        """Return what asks for the English of a sentence; `terms` are pairs of Chinese and English."""
        return self._fill("translate_text", Language.EN, {"text": data(text), "terms": _pairs(terms)})

    def _fill(self, name: str, language: Language, fields: Mapping[str, str]) -> Prompt:
        instructions, request = self._templates[name, language]
        return Prompt(instructions.substitute(fields), request.substitute(fields))


def _pairs(terms: Sequence[tuple[str, str]]) -> str:
    return data("; ".join(f"{one} = {other}" for one, other in terms)) or "-"


def _read(path: Path) -> dict[tuple[str, Language], tuple[Template, Template]]:
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = {(name, Language.EN) for name in _PLACES} | {(name, Language.ZH) for name in ("answer", "rewrite")}
    templates = {}
    for name, language in sorted(wanted):
        parts = held.get(name, {}).get(language.value, {})
        pair = []
        for part, places in zip(("instructions", "request"), _PLACES[name], strict=True):
            template = Template(parts.get(part, "").strip())
            found = set(template.get_identifiers())
            if found != places or not template.is_valid() or not template.template:
                raise TemplateError(
                    f"{path.name}, [{name}.{language}] {part}: it has the places {sorted(found) or 'none'}, "
                    f"wanted {sorted(places) or 'none'} and some text around them"
                )
            pair.append(template)
        templates[name, language] = (pair[0], pair[1])
    return templates


def evidence_line(number: int, question: Question, item: Evidence, document: Entry, translations: Translations) -> str:
    """Return a piece of evidence as a line: number, title, dates, period and status, headings, text.

    An English question gets the English edition of the sentence where there is one, else the Chinese.
    """
    language = question.language
    english = translations.lookup if language is Language.EN else (lambda _: None)
    period = str(item.frame.period) if item.frame.period else None
    told = [
        english(document.title) or document.title,
        dates_label(language, str(document.delivered), [str(p.date) for p in document.postings if p.date]),
        period_label(language, period, item.frame.status) or "-",
        " > ".join(english(heading) or heading for heading in item.hit.passage.headings),
    ]
    return f"[{number}] {data(' | '.join(filter(None, told)))} || {data(english(item.text) or item.text)}"


def fitting(lines: Sequence[str], room: int, count: Callable[[str], int]) -> int:
    """Return how many of the first lines fit into so many tokens; at least one is always given."""
    used = 0
    for number, line in enumerate(lines):
        used += count(line) + 1
        if used > room:
            return max(number, 1)
    return len(lines)
