"""Translating documents by a language model: the English that they lack, checked and marked like any machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.translations import TranslationKind
from rag.language_model import LanguageModelError, complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.language_model import LanguageModel
    from rag.prompts import Prompts

#: English tokens that a Chinese character may become, rather too many, and what even the shortest text is given.
_TOKENS_A_CHARACTER, _LEAST = 2, 64
_QUOTES = "\"“”'‘’"


class ModelTranslator:
    """A Translator (see `corpus.translate`) that asks a language model, until that fails; `fault` then tells why."""

    kind = TranslationKind.MACHINE

    def __init__(self, model: LanguageModel, prompts: Prompts) -> None:
        self._model, self._prompts = model, prompts
        self.name, self.fault = model.name, ""

    def translate(self, text: str, terms: Sequence[tuple[str, str]]) -> str | None:
        """Return the first line of what the model makes of a text; None where it makes nothing, or has failed before.

        A model that is gone is not waited for once a sentence; what was translated before it went is kept.
        """
        if self.fault:
            return None
        prompt = self._prompts.translate_text(text, terms)
        try:
            said = complete(self._model, prompt.instructions, prompt.request, len(text) * _TOKENS_A_CHARACTER + _LEAST)
        except LanguageModelError as error:
            self.fault = str(error)
            return None
        return next((line.strip().strip(_QUOTES) for line in said.splitlines() if line.strip()), None)
