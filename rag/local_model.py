"""A language model of one's own: any chat model that transformers reads, from a folder, a hub id or a GGUF file."""

from __future__ import annotations

import os
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

import index.vectors  # noqa: F401  (faiss is loaded before torch: see there)
from index.encoder import ModelError
from rag.language_model import LanguageModelError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from transformers import PreTrainedTokenizerBase, TextIteratorStreamer

#: Where a model without a chat template is to end: it goes on with a next question otherwise.
_PLAIN_STOPS = ("\n\n", "\n问题", "\nQuestion")


class LocalModel:
    """A LanguageModel computed here; each answer in a worker thread, so many at once as were allowed, others wait.

    A model without a chat template is given the plain text of a request and stopped at the first empty line.
    """

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        room: int = 8192,
        seconds: float = 60.0,
        at_once: int = 1,
        temperature: float = 0.0,
    ) -> None:
        """Load a model; `seconds` is the most that an answer may take, waiting for its turn included.

        A GGUF file is named by its path, or as `<hub id>:<file>.gguf`.

        Raises:
            ModelError: it cannot be loaded.
        """
        if Path(model).exists():
            # Loading a local folder still asks the hub for optional files unless it is told not to.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        folder, gguf = _place(model)
        # Weights of a GGUF file stay packed whatever is asked; what is computed with them is fastest in float32.
        dtype = "float32" if gguf and dtype == "auto" else dtype
        try:
            self._tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, gguf_file=gguf)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                folder, gguf_file=gguf, dtype=dtype, device_map=device
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            reason = " ".join(str(error).split())
            raise ModelError(
                f"the language model {model} cannot be loaded ({reason}); set DISTRICT_QA_MODEL to a folder, hub id or "
                "GGUF file of a chat model that transformers reads, or DISTRICT_QA_GENERATOR to extractive"
            ) from error
        self.name = Path(model).name
        longest = getattr(self._model.config.get_text_config(), "max_position_embeddings", None) or room
        self.room = min(room, longest)
        self._seconds, self._temperature = seconds, temperature
        self._workers = ThreadPoolExecutor(at_once, thread_name_prefix="language-model")

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        return len(self._tokenizer(text)["input_ids"])

    def check(self) -> None:
        """Do nothing: a model that was loaded is there."""

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        """Yield an answer in pieces, as they are made.

        Raises:
            LanguageModelError: it takes too long, its turn included, or fails.
        """
        from transformers import TextIteratorStreamer

        deadline = time.monotonic() + self._seconds
        left = threading.Event()
        streamer = TextIteratorStreamer(
            self._tokenizer,
            skip_prompt=True,
            timeout=self._seconds,
            skip_special_tokens=True,
        )
        # The worker outlives a caller who leaves by one token at most.
        done = self._workers.submit(self._generate, instructions, request, most, streamer, left)
        try:
            for piece in _until(streamer, () if self._tokenizer.chat_template else _PLAIN_STOPS):
                yield piece
                if time.monotonic() > deadline:
                    raise queue.Empty
            if done.done():
                done.result()  # raises what the worker failed with
        except queue.Empty:
            raise LanguageModelError(f"{self.name} was not done within {self._seconds:g} s") from None
        except RuntimeError as error:
            raise LanguageModelError(f"{self.name} failed: {' '.join(str(error).split())}") from error
        finally:
            left.set()

    def _generate(
        self, instructions: str, request: str, most: int, streamer: TextIteratorStreamer, left: threading.Event
    ) -> None:
        try:
            if not left.is_set():
                self._model.generate(
                    **self._encode(instructions, request).to(self._model.device),
                    **self._sampling(),
                    max_new_tokens=most,
                    streamer=streamer,
                    stopping_criteria=[lambda ids, scores, **_: ids.new_full(ids.shape[:1], left.is_set(), dtype=bool)],
                )
        finally:
            streamer.end()  # type: ignore[no-untyped-call]  # whoever waits for the next piece is not left waiting

    def _encode(self, instructions: str, request: str) -> Any:
        tokenizer: Any = self._tokenizer
        whole = f"{instructions}\n\n{request}"
        if tokenizer.chat_template is None:
            return tokenizer(whole, return_tensors="pt")
        how = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": request}]
        try:
            return tokenizer.apply_chat_template(messages, **how)
        except TemplateError:  # some know no system role
            return tokenizer.apply_chat_template([{"role": "user", "content": whole}], **how)

    def _sampling(self) -> dict[str, Any]:
        sampling: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        return {"do_sample": True, "temperature": self._temperature} if self._temperature else sampling


def _until(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield pieces up to the first of some strings, which may be spread over several."""
    longest = max(map(len, stops), default=1)
    held = ""
    for piece in pieces:
        held += piece
        at = min((at for stop in stops if (at := held.find(stop)) >= 0), default=-1)
        if at >= 0:
            yield held[:at]
            return
        ready = len(held) - longest + 1
        yield held[: max(ready, 0)]
        held = held[max(ready, 0) :]
    yield held


def _place(model: str) -> tuple[str, str | None]:
    """Return folder or hub id, and the name of the GGUF file in it if that is meant."""
    if not model.casefold().endswith(".gguf"):
        return model, None
    if Path(model).is_file():
        return str(Path(model).parent), Path(model).name
    folder, _, file = model.rpartition(":")
    return folder or str(Path(model).parent), file if folder else Path(model).name
