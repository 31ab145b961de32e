"""Links that share one answer: its receipt, packed into the address, and asking it again when the link is opened.

Nothing is kept on the server. Where an answer leaned on the conversation before it, the questions asked before go
along, since it cannot be given again without them; answers are given anew.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from rag.receipt import Receipt, compare
from ui.chat.asking import ask
from ui.chat.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.pipeline import Pipeline

#: Questions that go along, and the longest link and content that are read, in characters and bytes.
_MOST_BEFORE, _LONGEST_LINK, _LARGEST = 8, 16_000, 64_000


class LinkError(ValueError):
    """A link that holds no receipt: what came, what was wanted."""


class Shared(BaseModel):
    """What a link holds: the receipt of the answer, and the questions before it where the answer leaned on them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    receipt: Receipt
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A shared answer asked again: the exchange now, whether it is the same, and if not what has changed since."""

    receipt: Receipt
    exchange: Exchange
    is_same: bool
    documents_changed: bool
    program_changed: bool


def make_link(conversation: Sequence[Exchange], place: int) -> str:
    """Return what is put into the address to share the exchange at a place of a conversation.

    Raises:
        LinkError: the exchange has no answer yet.
    """
    exchange = conversation[place]
    if exchange.receipt is None or exchange.answer is None:
        raise LinkError(f"the question {exchange.question[:40]!r} has no answer yet that could be shared")
    leans = exchange.answer.standalone is not None
    before = [one.question for one in conversation[:place] if one.answer] if leans else []
    shared = Shared(receipt=exchange.receipt, before=tuple(before[-_MOST_BEFORE:]))
    packed = zlib.compress(shared.model_dump_json().encode(), 9)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_link(text: str) -> Shared:
    """Return what a link holds.

    Raises:
        LinkError: it is no such link, or was cut.
    """
    if len(text) > _LONGEST_LINK:
        raise LinkError(f"the link has {len(text)} characters, at most {_LONGEST_LINK} are read")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return Shared.model_validate_json(zlib.decompressobj().decompress(packed, _LARGEST))
    except (ValueError, zlib.error) as error:
        raise LinkError(f"the link {text[:20]!a}… holds no receipt; wanted one as the page makes it") from error


def open_link(pipeline: Pipeline, shared: Shared) -> Opened:
    """Ask the question of a link again, with the questions before it, and compare.

    Raises:
        QuestionError: a question of the link cannot be taken.
    """
    said: list[Exchange] = []
    for question in shared.before[-_MOST_BEFORE:]:
        said.append(_last(pipeline, question, said, shared))
    exchange = _last(pipeline, shared.receipt.question, said, shared)
    assert exchange.receipt is not None
    changed = {difference.name for difference in compare(shared.receipt, exchange.receipt)}
    return Opened(
        receipt=shared.receipt,
        exchange=exchange,
        is_same="answer" not in changed,
        documents_changed="corpus" in changed,
        program_changed=bool({"program", "encoder"} & changed) or any(name.startswith("settings.") for name in changed),
    )


def _last(pipeline: Pipeline, question: str, before: Sequence[Exchange], shared: Shared) -> Exchange:
    *_, asked = ask(pipeline, question, before, shared.receipt.within)
    return asked.exchange
