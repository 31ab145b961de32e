"""The questions offered at the beginning, by audience: data, see `starters.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.types import Language

SHIPPED = Path(__file__).with_name("starters.toml")


class StartersError(ValueError):
    """A file of first questions that cannot be read: what came, what was wanted."""


class _Audience(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: dict[Language, str]
    questions: dict[Language, list[str]]


class _Starters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    audience: list[_Audience]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may ask, and what they may begin with."""

    name: str
    questions: tuple[str, ...]


def read_starters(path: Path, language: Language) -> list[Audience]:
    """Return the first questions of a file in a language, by audience.

    Raises:
        StartersError: it is not a file of first questions.
        OSError: it cannot be read.
    """
    try:
        file = _Starters.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        return [Audience(one.name[language], tuple(one.questions[language])) for one in file.audience]
    except (tomllib.TOMLDecodeError, ValidationError, KeyError) as error:
        raise StartersError(
            f"{path} is not a file of first questions ({error}); wanted [[audience]] tables with name and questions in "
            f"{' and '.join(Language)}, as in {SHIPPED.name}"
        ) from error
