"""The seam for language models: what writing, rewriting and translating need of one."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator


class LanguageModelError(RuntimeError):
    """A language model that cannot be had, or broke off: what happened, in one line."""


class LanguageModel(Protocol):
    """A chat model; may be asked from several threads at once."""

    name: str  #: shown with what it made
    room: int  #: tokens that a request and its answer may have together

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        """Yield an answer of at most `most` tokens in pieces, as they are made; a piece may be empty.

        Closing the generator gives up what is under way.

        Raises:
            LanguageModelError: there is no answer, or no more of it: unreachable, busy, too slow, refused, garbled.
        """
        ...

    def count(self, text: str) -> int:
        """Return how many tokens a text has, rather too many than too few."""
        ...

    def check(self) -> None:
        """Tell within seconds whether answers are to be had at the moment, without asking for one.

        Raises:
            LanguageModelError: they are not.
        """
        ...


def complete(model: LanguageModel, instructions: str, request: str, most: int) -> str:
    """Return a whole answer, without white space around it.

    Raises:
        LanguageModelError: see `LanguageModel.stream`.
    """
    return "".join(without_thoughts(model.stream(instructions, request, most))).strip()


_THOUGHT = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)


def without_thoughts(pieces: Generator[str, None, None]) -> Generator[str, None, None]:
    """Yield what a model says without what it thinks before it, which some models write down in tags.

    While it thinks, empty pieces are yielded; closing this closes `pieces`.
    """
    begun = ""
    speaks = False
    with closing(pieces):
        for piece in pieces:
            if speaks:
                yield piece
                continue
            begun += piece
            thought = _THOUGHT.match(begun)
            opening = begun.lstrip()
            speaks = thought is not None or not (opening.startswith("<think>") or "<think>".startswith(opening))
            yield begun[thought.end() if thought else 0 :] if speaks else ""
