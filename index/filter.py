"""What a search is limited to, and the labels that any engine can hold it to.

Every passage carries labels, plain strings. A filter is compiled, here and nowhere else, into groups of labels: a
passage fits where it carries one label of every group. An engine needs no more than a field of exact strings, each
compared as a value: nothing of a filter ever becomes part of a query's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from corpus.types import Period, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus.types import Passage

KINDS = ("report", "article")
#: Years that a filter may name; each is a label, so there must not be millions.
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: Values of one field, and characters of one document id.
_MOST, _LONGEST_ID = 200, 200

_ANY = "*"


class FilterError(ValueError):
    """A filter that cannot be: what came, what is wanted."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages may be found: of a field any value will do, of the fields given every one must fit.

    `periods` and `statuses` are those of sentences: a passage fits where a single sentence of it speaks about a year
    within one of the periods and makes a claim of one of the statuses. What has no known period fits no period. `kinds`
    are those of documents, `documents` their ids. An empty field does not limit; an id that is not held fits nothing.

    Raises:
        FilterError: a year beyond 1900 to 2199, an unknown kind, an empty or overlong id, too many values.
    """

    periods: tuple[Period, ...] = ()
    statuses: tuple[Status, ...] = ()
    kinds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("periods", "statuses", "kinds", "documents"):
            if len(getattr(self, name)) > _MOST:
                raise FilterError(f"the filter has {len(getattr(self, name))} {name}, at most {_MOST} are taken")
        for period in self.periods:
            if not FIRST_YEAR <= period.first <= period.last <= LAST_YEAR:
                raise FilterError(f"the filter asks for {period}; wanted years from {FIRST_YEAR} to {LAST_YEAR}")
        for kind in self.kinds:
            if kind not in KINDS:
                raise FilterError(f"the filter asks for the kind {kind!r}; wanted {' or '.join(KINDS)}")
        for document in self.documents:
            # Half of a character (a lone surrogate) stands in no index and cannot be asked for.
            if not 0 < len(document) <= _LONGEST_ID or any("\ud800" <= c <= "\udfff" for c in document):
                raise FilterError(
                    f"the filter asks for the document {document[:20]!a} of {len(document)} characters; wanted an id "
                    f"of 1 to {_LONGEST_ID}, as district-qa documents lists them"
                )

    @classmethod
    def parse(
        cls,
        periods: Iterable[str] = (),
        statuses: Iterable[str] = (),
        kinds: Iterable[str] = (),
        documents: Iterable[str] = (),
    ) -> Filter:
        """Read a filter as people write it: years as `2019` or `2016-2020`, statuses by name.

        Raises:
            FilterError: a value is none of these.
        """
        return cls(
            tuple(dict.fromkeys(map(_parse_period, periods))),
            tuple(dict.fromkeys(map(_parse_status, statuses))),
            tuple(dict.fromkeys(kinds)),
            tuple(dict.fromkeys(documents)),
        )

    def __bool__(self) -> bool:
        """Whether it limits anything."""
        return bool(self.periods or self.statuses or self.kinds or self.documents)

    def fits(self, period: Period | None, status: Status) -> bool:
        """Return whether a sentence of this period and status fits; its document is not looked at."""
        in_time = not self.periods or (period is not None and any(period.overlaps(one) for one in self.periods))
        return in_time and (not self.statuses or status in self.statuses)

    def takes(self, document_id: str, kind: str) -> bool:
        """Return whether a document of this id and kind fits; its sentences are not looked at."""
        return (not self.documents or document_id in self.documents) and (not self.kinds or kind in self.kinds)

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return groups of labels; a passage fits where it carries one label of every group."""
        groups = [tuple(_kind(kind) for kind in self.kinds), tuple(_document(one) for one in self.documents)]
        if self.periods or self.statuses:
            years = sorted({year for period in self.periods for year in _years(period)})
            claims = product(map(str, years) if years else (_ANY,), self.statuses or (_ANY,))
            groups.append(tuple(_claim(year, status) for year, status in claims))
        return tuple(filter(None, groups))


#: The filter that lets everything through.
EVERYTHING = Filter()


def labels(passage: Passage, kind: str) -> list[str]:
    """Return the labels of a passage whose document is of a kind, sorted; see `Filter.groups`."""
    found = {_kind(kind), _document(passage.document_id)}
    for sentence in passage.sentences:
        years = (_ANY, *map(str, _years(sentence.period))) if sentence.period else (_ANY,)
        found |= {_claim(year, status) for year, status in product(years, (_ANY, sentence.status))}
    return sorted(found)


def _kind(kind: str) -> str:
    return f"kind:{kind}"


def _document(document_id: str) -> str:
    return f"document:{document_id}"


def _claim(year: str, status: str) -> str:
    return f"claim:{year}:{status}"


def _years(period: Period) -> Iterator[int]:
    """Yield the years of a period that a filter can name."""
    yield from range(max(period.first, FIRST_YEAR), min(period.last, LAST_YEAR) + 1)


def _parse_period(text: str) -> Period:
    try:
        return Period.parse(text.strip())
    except ValueError:
        raise FilterError(f"the filter asks for the year {text!r}; wanted 2019, or 2016-2020") from None


def _parse_status(text: str) -> Status:
    try:
        return Status(text.strip())
    except ValueError:
        raise FilterError(f"the filter asks for the status {text!r}; wanted one of {', '.join(Status)}") from None
