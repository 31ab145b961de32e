"""The number gate: no figure, date or unit leaves in a statement that its source does not bear out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from corpus.periods import mentioned_periods
from corpus.quantities import Quantity, Unit, quantities
from rag.facts import figures

if TYPE_CHECKING:
    from corpus.types import Period


@dataclass(frozen=True, slots=True)
class Source:
    """What a statement rests on: the quoted Chinese, its English where there is one, and the years it speaks about."""

    quote: str
    translation: str = ""
    period: Period | None = None
    delivered: str = ""

    def quantities(self) -> tuple[Quantity, ...]:
        """Return every figure that a statement on this source may give."""
        periods = (*([self.period] if self.period else []), *mentioned_periods(self.quote))
        years = [year for period in periods for year in (period.first, period.last)]  # 十四五 gives its years too
        return (
            *figures(self.quote),
            *(figures(self.translation) if self.translation else ()),
            *(Quantity(Decimal(year), Unit.YEAR) for year in years),
            *quantities(self.delivered),
        )


def unsupported(statement: str, *sources: Source) -> tuple[Quantity, ...]:
    """Return the figures of a statement that none of its sources gives; empty where all are borne out."""
    held = [end for source in sources for quantity in source.quantities() for end in quantity.ends]
    return tuple(
        claim
        for quantity in quantities(statement)
        for claim in quantity.ends
        if not any(claim.stated_by(other) for other in held)
    )
