"""A language model behind any service that speaks OpenAI's chat completions: vLLM, Ollama, DeepSeek, and others."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import openai
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from index.encoder import ModelError
from rag.language_model import LanguageModelError

if TYPE_CHECKING:
    from collections.abc import Generator

    from openai.types.chat import ChatCompletionChunk
    from tenacity import RetryCallState

#: What a service that is busy, restarting or limiting answers with.
_PASSING = frozenset({408, 409, 429})
#: What a service without a list of models answers when asked for it; it is there all the same.
_NO_LIST = frozenset({404, 405, 501})
#: Seconds that a service has to say that it is there.
_CHECK = 2.0
_BACK_OFF = wait_random_exponential(multiplier=0.5, max=8.0)
#: Longest reason of a service that is repeated.
_REASON = 200


class RemoteModel:
    """A LanguageModel at an OpenAI-compatible service; whether it is there shows only when it is asked."""

    def __init__(
        self,
        model: str,
        url: str,
        key: str = "",
        *,
        room: int = 8192,
        seconds: float = 60.0,
        silence: float = 20.0,
        attempts: int = 3,
        temperature: float = 0.0,
    ) -> None:
        """Take the service's `/v1` address and its name for the model.

        `seconds` is the most that an answer may take, further attempts included; `silence` the longest wait for its
        next piece.

        Raises:
            ModelError: the address is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ModelError(
                f"DISTRICT_QA_MODEL_URL is {url!r}; wanted the address of an OpenAI-compatible service, such as "
                "http://127.0.0.1:8000/v1"
            )
        self.name, self.room = model, room
        self._seconds, self._attempts, self._temperature = seconds, attempts, temperature
        self._client = openai.OpenAI(
            base_url=url,
            api_key=key or "none",  # the client insists on one
            timeout=openai.Timeout(silence, connect=min(silence, 5.0)),
            max_retries=0,  # further attempts are made here, within the time that an answer may take
        )

    def count(self, text: str) -> int:
        """Return an estimate: a token a character that is not ASCII, one every three characters of the rest.

        No tokenizer in use needs more on average; GPT-4's has 0.7 to 1.2 a Chinese character and 0.25 a Latin one.
        """
        plain = sum(map(str.isascii, text))
        return len(text) - plain + -(-plain // 3)

    def check(self) -> None:
        """Ask the service for its models, which costs it nothing; one that keeps no list is there as well.

        Raises:
            LanguageModelError: it is not there, does not accept the key, or fails.
        """
        try:
            self._client.with_options(timeout=_CHECK).models.list()
        except openai.APIStatusError as error:
            if error.status_code not in _NO_LIST:
                raise LanguageModelError(_answered(error)) from error
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            reason = _short(str(error) or type(error).__name__)
            raise LanguageModelError(f"{self._client.base_url} cannot be reached: {reason}") from error

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        """Yield an answer in pieces, as they come; what has begun is not asked for again.

        Raises:
            LanguageModelError: the service is not there, busy, too slow, refuses, or sends what is no answer.
        """
        deadline = time.monotonic() + self._seconds
        said = False
        try:
            with self._open(instructions, request, most) as chunks:
                for chunk in chunks:
                    piece = _text(chunk)
                    said = said or bool(piece.strip())
                    yield piece
                    if time.monotonic() > deadline:
                        raise LanguageModelError(f"{self.name} was not done within {self._seconds:g} s")
        except openai.APIStatusError as error:
            raise LanguageModelError(_answered(error)) from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise LanguageModelError(f"the service broke off: {_short(str(error) or type(error).__name__)}") from error
        except (ValueError, TypeError, AttributeError) as error:  # the client checks no shapes
            raise LanguageModelError(f"the service sent what is no answer: {_short(str(error))}") from error
        if not said:
            raise LanguageModelError("the service sent an empty answer")

    def _open(self, instructions: str, request: str, most: int) -> openai.Stream[ChatCompletionChunk]:
        tries = Retrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(self._attempts) | stop_before_delay(self._seconds),
            wait=_wait,
            reraise=True,
        )
        opened: openai.Stream[ChatCompletionChunk] = tries(
            self._client.chat.completions.create,
            model=self.name,
            messages=[{"role": "system", "content": instructions}, {"role": "user", "content": request}],
            max_tokens=most,
            temperature=self._temperature,
            stream=True,
        )
        return opened


def _text(chunk: Any) -> str:
    """Return the text of a chunk of a stream; some carry none."""
    text = "".join(choice.delta.content or "" for choice in chunk.choices[:1])
    return str(text)


def _passes(error: BaseException) -> bool:
    """Return whether a fault may be gone at the next attempt."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _PASSING or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)


def _wait(state: RetryCallState) -> float:
    """Return the seconds until the next attempt: as many as the service asks for, else more each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = (
        _retry_after(error.response.headers.get("retry-after")) if isinstance(error, openai.APIStatusError) else None
    )
    return _BACK_OFF(state) if asked is None else asked


def _retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date (RFC 9110, 10.2.3)."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _answered(error: openai.APIStatusError) -> str:
    return f"the service answered {error.status_code}: {_short(error.message)}"


def _short(reason: str) -> str:
    joined = " ".join(reason.split())
    return joined if len(joined) <= _REASON else joined[: _REASON - 1] + "…"
