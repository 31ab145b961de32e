"""Ids, terms and labels as a Milvus server holds them, and filters as it reads them."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.engine import Groups

#: Raise it when the fields of a collection or what stands in them change; kept in the collection's properties.
SCHEMA = "2"
SCHEMA_PROPERTY = "district_qa.schema"
#: Texts that one passage can have; its row times this and the number of the text are the id.
TEXTS = 8
#: Fills texts up, and is never looked for.
FILLER = "z"
#: Bytes of one string field, labels of one text, and bytes of a label.
STRING, LABELS, LABEL = 65_535, 4096, 512
#: Labels that need no code; one in code has no colon, as every plain one has.
_PLAIN = re.compile(r"[a-z]+:[A-Za-z0-9_.:*-]{1,200}", re.ASCII)
_TERMS_KEPT = 100_000


@lru_cache(_TERMS_KEPT)
def code(term: str) -> str:
    """Return a term as a word that begins with a letter and holds only letters and digits."""
    return "t" + hashlib.blake2b(term.encode(), digest_size=8).hexdigest()


def coded(terms: Sequence[str], length: int = 0) -> str:
    """Return terms as one string, filled up to a length; what one field cannot hold of a very long text is left out."""
    taken = terms[: STRING // (len(code("")) + len(FILLER) + 2)]
    return " ".join([*map(code, taken), *[FILLER] * (min(length, 2 * len(taken)) - len(taken))])


def cut(text: str) -> str:
    """Return as much of a text as one field holds."""
    return text.encode()[:STRING].decode(errors="ignore")


def expression(within: Groups) -> str:
    """Return a filter as Milvus reads it; whatever a label holds, none can end its quotes."""
    return " and ".join(
        "array_contains_any(labels, [" + ", ".join(f'"{safe_label(label)}"' for label in group) + "])"
        for group in within
    )


def safe_label(label: str) -> str:
    """Return a label as it is kept: itself where it is plain, else in code.

    Servers differ in the escapes that they read in a string, so none is written.
    """
    return label if _PLAIN.fullmatch(label) else code(label)
