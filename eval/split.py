"""The fixed split of the questions: `dev` to work on, `test` to report.

A question's half follows from its id alone, so questions never move and a new one has its half from the start.
"""

from __future__ import annotations

import hashlib


def half_of(case_id: str) -> str:
    """Return `dev` where the SHA-256 of the id is even, else `test`."""
    return "test" if hashlib.sha256(case_id.encode()).digest()[-1] % 2 else "dev"
