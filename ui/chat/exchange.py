"""One question with its answer, as a visitor's browser keeps it; the server keeps none of them.

What a browser sends back is checked like any other input: a conversation that cannot be read begins anew.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from rag.receipt import Receipt
from rag.types import Answer, Turn
from ui.chat.chart import Chart

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Exchanges kept: browsers give a page some megabytes, and every question sends them along.
MOST_KEPT = 30


class State(StrEnum):
    """How far an exchange has come."""

    SEARCHING = "searching"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"  #: by the visitor
    FAILED = "failed"  #: by a fault of the service


class Exchange(BaseModel):
    """A question and what came of it; `text` is what has been written of an answer that is not there yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    state: State = State.SEARCHING
    found: int = 0
    text: str = ""
    answer: Answer | None = None
    receipt: Receipt | None = None
    charts: tuple[Chart, ...] = ()
    fault: str = ""
    log_id: str = ""  #: under which the log of questions knows it, for what its asker says of the answer

    @property
    def key(self) -> str:
        """What tells this exchange from any other one of a browser; empty where there is no answer."""
        return self.receipt.asked_at.isoformat() if self.receipt else ""

    def having(self, **changes: Any) -> Exchange:
        """Return the exchange with some fields changed."""
        return self.model_copy(update=changes)


class Offered(BaseModel):
    """Next questions that were offered after the exchange whose key is `of`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str
    questions: tuple[str, ...] = ()


_CONVERSATION: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])


def keep(conversation: Sequence[Exchange]) -> list[dict[str, Any]]:
    """Return a conversation as a browser keeps it: the last exchanges, without the ranked passages."""
    short = [
        exchange.having(answer=replace(exchange.answer, passages=())) if exchange.answer else exchange
        for exchange in conversation[-MOST_KEPT:]
    ]
    kept: list[dict[str, Any]] = _CONVERSATION.dump_python(short, mode="json")
    return kept


def read_conversation(kept: Any) -> list[Exchange]:
    """Return the conversation that a browser kept; none where it is of another version or was tampered with."""
    try:
        return _CONVERSATION.validate_python(kept)[-MOST_KEPT:]
    except ValidationError:
        return []


def read_offered(kept: Any, last: Exchange) -> tuple[str, ...]:
    """Return the next questions that a browser kept, where they are those of the last exchange."""
    try:
        offered = Offered.model_validate(kept)
    except ValidationError:
        return ()
    return offered.questions if offered.of and offered.of == last.key else ()


def turns(conversation: Sequence[Exchange]) -> list[Turn]:
    """Return what was said before, as the pipeline takes it; what was stopped or failed was not said."""
    said: list[Turn] = []
    for exchange in conversation:
        if exchange.answer is not None:
            refusal = exchange.answer.refusal
            said.append(Turn("user", exchange.question))
            said.append(Turn("assistant", refusal.message if refusal else exchange.answer.answer or ""))
    return said
