"""Labels and templates: the one way in which text becomes HTML here, escaped unless a template itself is the markup."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.types import Status
from rag.types import Language
from rag.wording import STATUS_LABEL, period_label

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"


@functools.cache
def labels(language: Language) -> Mapping[str, str]:
    """Return the labels of the page in a language (`labels.toml`)."""
    tables: dict[str, dict[str, str]] = tomllib.loads((_FOLDER / "labels.toml").read_text(encoding="utf-8"))
    return tables[language]


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["period_label"] = period_label
    return environment


def render(template: str, language: Language, **values: Any) -> str:
    """Return a template filled in; whatever is filled in is escaped.

    `words` are the labels of the language, `language` the language itself, whose status names are `status_label`.
    """
    return (
        _environment()
        .get_template(template)
        .render(words=labels(language), language=language, status_label=STATUS_LABEL[language], **values)
    )


def status_class(status: Status) -> str:
    """Return the class under which a status is coloured: what was reached, estimated, aimed at, or only described."""
    if status is Status.ESTIMATE:
        return "estimate"
    if status.is_result:
        return "result"
    return "target" if status.is_intent else "plain"
