"""What a person says of a document where its text was read wrongly."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from corpus.types import Period, Status


def _a_period(label: str) -> str:
    """Check a period; pydantic turns the ValueError into its own."""
    try:
        return str(Period.parse(label))
    except ValueError as error:
        raise ValueError(f"{label!r} is no period; write 2025 or 2021-2025 ({error})") from None


class SectionCorrection(BaseModel):
    """What a section speaks about, as a person says; `period` as `Period.parse` reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Annotated[str, AfterValidator(_a_period)] | None = None
    status: Status | None = None


class Correction(BaseModel):
    """What a person says of a document, over what was read from it.

    `sections` is by the title of a section, or by its path (`title > title`) where a title stands twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str | None = None
    delivered: date | None = None
    kind: Literal["report", "article"] | None = None
    sections: dict[str, SectionCorrection] = {}
