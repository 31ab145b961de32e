"""Measures: what a number can count, in Chinese and English, and how measures compare.

Data, not code: `corpus/measures.tsv`, whose head describes its columns.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

FILE = Path(__file__).with_name("measures.tsv")
COLUMNS = ("zh", "en", "en_many", "dimension", "factor", "convert_to", "zh_variants", "en_variants")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; `zh` is its name here, `factor` makes it comparable with others of its dimension."""

    zh: str
    en: str
    en_many: str
    dimension: str
    factor: Fraction
    convert_to: str
    zh_forms: tuple[str, ...]
    en_forms: tuple[str, ...]

    @property
    def is_money(self) -> bool:
        """True for a currency."""
        return self.dimension == "money"

    @property
    def is_count(self) -> bool:
        """True where the measure only counts things (家, 个, 项), which every language does in its own words."""
        return self.dimension in ("count", "wordlike")


class MeasureError(ValueError):
    """A line of the table of measures that cannot be read: file, line, what came, what was wanted."""


def read_measures(path: Path) -> dict[str, Measure]:
    """Read a table of measures, by name.

    Raises:
        MeasureError: a line has not eight columns, a factor that is no number, or converts to what is not there.
    """
    measures: dict[str, Measure] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if not line.strip() or line.startswith("#") or cells == COLUMNS:
            continue
        if len(cells) != len(COLUMNS):
            raise MeasureError(f"{path}, line {number}: {len(cells)} columns, wanted {len(COLUMNS)}: {line!r}")
        zh, en, many, dimension, factor, convert, zh_variants, en_variants = cells
        try:
            measures[zh] = Measure(
                zh, en, many, dimension, Fraction(factor), convert,
                (zh, *_variants(zh_variants)), tuple(filter(None, (en, many, *_variants(en_variants)))),
            )  # fmt: skip
        except (ValueError, ZeroDivisionError):
            raise MeasureError(f"{path}, line {number}: wanted a factor such as 1000 or 2/3, got {factor!r}") from None
    lost = [m.zh for m in measures.values() if m.convert_to and m.convert_to not in measures]
    if lost:
        raise MeasureError(f"{path}: {', '.join(lost)} would be converted to a measure that is not in the table")
    return measures


def _variants(cell: str) -> list[str]:
    return [name.strip() for name in cell.split("|") if name.strip()]


@functools.cache
def load_measures() -> dict[str, Measure]:
    """Return the shipped measures, by name."""
    return read_measures(FILE)
