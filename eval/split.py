"""The fixed split: halves of the questions, `dev` to work on and `test` to report.

Made once, on 2026-11-24. Questions never move; a new one goes to the half that has fewer of its type and language.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eval.cases import Case


def halves(cases: Iterable[Case]) -> tuple[list[Case], list[Case]]:
    """Return (dev, test): every type and language halved, in the order of the SHA-256 of the ids.

    Odd ones out go to either half by turns, so that the halves differ by one at most; each keeps the order given.
    """
    given = list(cases)
    ordered = sorted(given, key=lambda case: (*_stratum(case), hashlib.sha256(case.id.encode()).hexdigest()))
    dev: set[str] = set()
    turn = 0
    for _, stratum in groupby(ordered, key=_stratum):
        for case in stratum:
            if turn % 2 == 0:
                dev.add(case.id)
            turn += 1
    return [case for case in given if case.id in dev], [case for case in given if case.id not in dev]


def _stratum(case: Case) -> tuple[str, str]:
    return case.type, str(case.lang)
