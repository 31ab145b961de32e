"""What a page put into a document's text that is not the document's own, found and left out with its reason.

Nothing is deleted: the spans are recorded, and passages are cut around them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from corpus.types import Omission

RULES = Path(__file__).with_name("furniture.txt")
#: No line of furniture is longer, in characters; spares the rules from running over whole paragraphs.
_LONGEST = 200


@cache
def furniture_rules(path: Path = RULES) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Read the rules for furniture lines: (reason, pattern that must match the whole line)."""
    rules = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            reason, tab, pattern = line.partition("\t")
            if not tab:
                raise ValueError(f"{path}, line {number}: wanted 'reason<TAB>pattern', got {line!r}")
            rules.append((reason, re.compile(pattern)))
    return tuple(rules)


def is_furniture(line: str) -> bool:
    """Return whether a line is one that a web page puts around a text."""
    return _reason(line) is not None


def _reason(line: str) -> str | None:
    stripped = line.strip()
    if len(stripped) > _LONGEST:
        return None
    return next((reason for reason, rule in furniture_rules() if stripped and rule.fullmatch(stripped)), None)


def find_omissions(text: str, title: str) -> tuple[Omission, ...]:
    """Return the spans of `text` that are furniture, in order and without overlap."""
    found = [*_title_repeats(text, title), *_furniture_lines(text)]
    kept: list[Omission] = []
    for omission in sorted(found, key=lambda o: (o.start, -o.end)):
        if not kept or omission.start >= kept[-1].end:
            kept.append(omission)
    return tuple(kept)


def _title_repeats(text: str, title: str) -> list[Omission]:
    """The site repeats a document's title before, inside and after its text (…第一部分, …全文完, (政府工作报告))."""
    own = re.escape(title)
    stray = re.compile(
        rf"(?:^\s*{own}(?=[\s\u2014\u2015—―–-])|{own}(?:全文完?|第[一二三四五六七八九十]部分))(?:全文)?\s*[\u2014\u2015—―–-]*"
        r"|[(（]政府工作报告(?:全文)?[)）]"
    )
    found = [Omission(m.start(), m.end(), "title repeated by the site") for m in stray.finditer(text)]
    lines = re.finditer(rf"(?:^|\n)[ \t\u3000]*(?P<own>{own})[ \t\u3000]*(?=\n)", text)
    return found + [Omission(*line.span("own"), "title repeated by the site") for line in lines]


def _furniture_lines(text: str) -> list[Omission]:
    if "\n" not in text:
        return []
    omissions: list[Omission] = []
    at = 0
    for line in text.split("\n"):
        reason = _reason(line)
        if reason:
            omissions.append(Omission(at, at + len(line), reason))
        at += len(line) + 1
    return omissions
