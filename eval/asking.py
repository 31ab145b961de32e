"""Asking a question and getting an entry for `answers.jsonl`: in this process, over HTTP, or for passages only."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from rag.pipeline import QuestionError
from rag.types import answer_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.cases import Case
    from rag.types import FoundPassage, Trace, Turn

#: Seconds that a service may take for one answer.
_TIMEOUT = 300.0

Entry = dict[str, Any]


class Asker(Protocol):
    """What a run needs: the entry for a case, in the form of the design's section 5, without its id.

    What is wrong with one question becomes an entry with `status` error; what would go wrong with every question
    raises.
    """

    def ask(self, case: Case) -> Entry:
        """Return what came back."""
        ...


class AnswersQuestions(Protocol):
    """What is asked of a pipeline."""

    def trace(self, text: str, history: Sequence[Turn] = ()) -> Trace:
        """Return an answer with everything that led to it."""
        ...

    def search(self, text: str, k: int, history: Sequence[Turn] = ()) -> list[FoundPassage]:
        """Return ranked passages."""
        ...


class LocalAsker:
    """Asks a pipeline of this process."""

    def __init__(self, pipeline: AnswersQuestions) -> None:
        self._pipeline = pipeline

    def ask(self, case: Case) -> Entry:
        """Return the answer, with what a language model wrote for it where one did."""
        try:
            trace = self._pipeline.trace(case.question, case.history)
        except QuestionError as error:
            return _error(case, str(error))
        drafts = [{"raw": draft.raw, "fate": draft.fate.value, "why": draft.why} for draft in trace.drafts]
        return answer_json(trace.answer) | ({"drafts": drafts} if drafts else {})


class PassageAsker:
    """Asks a pipeline of this process for ranked passages only."""

    def __init__(self, pipeline: AnswersQuestions, k: int) -> None:
        self._pipeline, self._k = pipeline, k

    def ask(self, case: Case) -> Entry:
        """Return the passages, with the seconds that they took."""
        began = time.perf_counter()
        try:
            found = self._pipeline.search(case.question, self._k, case.history)
        except QuestionError as error:
            return _error(case, str(error))
        took = round(time.perf_counter() - began, 4)
        return {
            "question": case.question,
            "status": "retrieved",
            "passages": [asdict(passage) for passage in found],
            "seconds": {"retrieve": took, "answer": 0.0, "total": took},
        }


class ServiceError(RuntimeError):
    """A service that cannot be asked: which, and what it said."""


class ServiceAsker:
    """Asks a running service over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, case: Case) -> Entry:
        """Return the answer; a question that the service refuses to take (400, 413, 422) is an error of its own.

        Raises:
            ServiceError: it cannot be reached, does not accept the key, or fails.
        """
        body: Entry = {"question": case.question}
        if case.history:
            body["history"] = [asdict(turn) for turn in case.history]
        response = _send(self._client, "POST", "/api/v1/ask", body)
        if response.status_code in (400, 413, 422):
            return _error(case, f"{response.status_code}: {response.text[:500]}")
        if response.status_code != 200:
            raise ServiceError(f"{response.url} answered {response.status_code}: {response.text[:200]}")
        try:
            entry: Entry = response.json()
        except ValueError as error:
            raise ServiceError(f"{response.url} did not answer with JSON: {response.text[:200]}") from error
        return entry


def connect(url: str, key: str | None) -> httpx.Client:
    """Return a client for a service, after making sure that it is ready; `key` is sent as bearer token.

    Raises:
        ServiceError: it is not ready.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    client = httpx.Client(
        base_url=url.rstrip("/"), headers=headers, timeout=_TIMEOUT, transport=httpx.HTTPTransport(retries=2)
    )
    response = _send(client, "GET", "/readyz")
    if response.status_code != 200:
        raise ServiceError(f"{response.url} answered {response.status_code}: {response.text[:200]}")
    return client


def _send(client: httpx.Client, method: str, path: str, body: Entry | None = None) -> httpx.Response:
    try:
        return client.request(method, path, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceError(f"{client.base_url}{path} cannot be asked: {error or type(error).__name__}") from error


def _error(case: Case, reason: str) -> Entry:
    return {"question": case.question, "status": "error", "error": reason}
