"""What becomes of every answer beside being sent: it is logged, counted, and kept in the log of questions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rag.types import Fate

if TYPE_CHECKING:
    from rag.types import Trace
    from ui.logged import Why
    from ui.metrics import Metrics
    from ui.question_log import QuestionLog

_LOG = logging.getLogger(__name__)


class Journal:
    """Takes down answers and what is said of them; `tells_text` lets the words of questions into the service's log."""

    def __init__(self, questions: QuestionLog, metrics: Metrics, *, tells_text: bool = False) -> None:
        self.questions, self.metrics = questions, metrics
        self._tells_text = tells_text

    def answered(self, trace: Trace, *, channel: str, address: str | None = None, identity: str | None = None) -> str:
        """Take down what came of a question; return its id, see `QuestionLog.record`."""
        answer = trace.answer
        for draft in trace.drafts:
            if draft.fate is Fate.FAILED:
                self.metrics.model_error()
                _LOG.warning("the language model failed", extra={"channel": channel, "fault": draft.why})
        identity = self.questions.record(trace, channel=channel, address=address, identity=identity)
        self.metrics.answer(answer, channel)
        fields = {
            "question_id": identity,
            "channel": channel,
            "language": answer.language.value,
            "status": answer.status,
            "reason": answer.refusal.reason.value if answer.refusal else None,
            "passages": len(answer.passages),
            "cited": len(answer.citations),
            "seconds_retrieve": answer.seconds.retrieve,
            "seconds_answer": answer.seconds.answer,
            "seconds_total": answer.seconds.total,
        }
        _LOG.info("answered", extra=fields | ({"question": trace.question.text} if self._tells_text else {}))
        return identity

    def feedback(self, identity: str, *, helpful: bool, why: Why | None = None, comment: str = "") -> None:
        """Take down what an asker says of an answer.

        Raises:
            ValueError, UnknownQuestionError, LogBusyError: see `QuestionLog.feedback`.
        """
        self.questions.feedback(identity, helpful=helpful, why=why, comment=comment)
        verdict = "helpful" if helpful else why or "not_helpful"
        self.metrics.feedback(verdict)
        _LOG.info("feedback", extra={"question_id": identity, "verdict": str(verdict)})
