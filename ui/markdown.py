"""Text that others wrote, put into Markdown so that it stays text."""

from __future__ import annotations

import html
import re

#: What means something wherever it stands; colon and @ make addresses into links.
_ANYWHERE = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]#!|~$^:@"})
#: What begins a list or a rule, and how an address without a scheme begins.
_AT_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_ADDRESS = re.compile(r"\b(www)\.", re.IGNORECASE)


def escape(text: str) -> str:
    """Return a text as one line of Markdown that shows it letter by letter: no markup, links, HTML or addresses.

    Spaces and line ends are joined, so that nothing of the text can begin a block.
    """
    line = html.escape(" ".join(text.split()).translate(_ANYWHERE), quote=False)
    return _ADDRESS.sub(r"\1\\.", _AT_START.sub(lambda m: m[0] + "\\" if m[0].isdigit() else "\\" + m[0], line))
