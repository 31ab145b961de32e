"""Further texts to search with, by a language model: a follow-up in full, an English question in Chinese.

They only add to what the rules read: period, status, names and language of a question stay as the rules have them. A
text that names other years than the question is not used, nor is anything where the model fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from corpus.periods import mentioned_plans
from corpus.quantities import Unit, quantities
from rag.conversation import detect_language
from rag.language_model import LanguageModelError, complete
from rag.types import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.glossary import Glossary
    from rag.language_model import LanguageModel
    from rag.prompts import Prompt, Prompts
    from rag.types import Question, Turn

#: Tokens of a rewritten question, and the longest that is taken for one, in characters.
_TOKENS, _LONGEST = 120, 300


class QueryWriter(Protocol):
    """What may add texts to search with."""

    def write(self, question: Question, history: Sequence[Turn]) -> tuple[str, ...]:
        """Return further texts that ask the same; empty where there are none."""
        ...


class ModelQueries:
    """A QueryWriter that asks a language model; costs one request for a follow-up and one for an English question."""

    def __init__(self, model: LanguageModel, prompts: Prompts, glossary: Glossary) -> None:
        self._model, self._prompts, self._glossary = model, prompts, glossary

    def write(self, question: Question, history: Sequence[Turn]) -> tuple[str, ...]:
        """Return the question in full where it follows others, and in Chinese where it is English."""
        return tuple(dict.fromkeys(self._written(question, history)))

    def _written(self, question: Question, history: Sequence[Turn]) -> Iterator[str]:
        language = question.language
        if history:
            prompt = self._prompts.rewrite(question.text, history, language)
            yield from self._one(prompt, question, language)
        if language is Language.EN:
            mentions = self._glossary.find_english(question.standalone)
            terms = {question.standalone[m.start : m.end]: m.terms[0].zh[0] for m in mentions}
            prompt = self._prompts.translate_question(question.standalone, list(terms.items()))
            yield from self._one(prompt, question, Language.ZH)

    def _one(self, prompt: Prompt, question: Question, language: Language) -> Iterator[str]:
        try:
            said = complete(self._model, prompt.instructions, prompt.request, _TOKENS)
        except LanguageModelError:
            return  # the rules' own reading is searched with in any case
        text = next((line.strip() for line in said.splitlines() if line.strip()), "")
        if 0 < len(text) <= _LONGEST and detect_language(text) is language and _keeps_time(text, question):
            yield text


def _keeps_time(text: str, question: Question) -> bool:
    """Return whether a text names no year beside those that the rules read from the question."""
    asked = {year for period in question.periods for year in range(period.first, period.last + 1)}
    named = {int(end.value) for quantity in quantities(text) if quantity.unit is Unit.YEAR for end in quantity.ends}
    named |= {year for plan in mentioned_plans(text) for year in (plan.first, plan.last)}
    return named <= asked | set(question.report_years)
