"""Which engine computes the embedded model: the fastest that is exact enough on this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from index.converted import FLOAT, INT8
from index.encoder import Encoder, ModelError, SentenceTransformerEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Backend(StrEnum):
    """Engines for the embedded model, and the choice among them."""

    AUTO = "auto"
    ONNX_INT8 = "onnx-int8"
    ONNX = "onnx"
    TORCH = "torch"


#: Least cosine with the float32 vectors of the reference texts at which an engine is exact enough.
LEAST_COSINE = 0.99


class CheckedEncoder(Encoder, Protocol):
    """An encoder that can tell how exact it is here and now."""

    def agreement(self) -> float:
        """Return the least cosine between reference vectors and its own."""
        ...


def open_embedded(folder: Path, backend: Backend, query_prefix: str, passage_prefix: str) -> Encoder:
    """Return the embedded model of a converted folder, computed by the given engine.

    Raises:
        ModelError: the engine that is forced cannot be opened, or is not exact enough on this machine.
    """
    from index.onnx_encoder import OnnxEncoder  # here: forced torch does without

    makers: dict[Backend, Callable[[], CheckedEncoder]] = {
        Backend.ONNX_INT8: lambda: OnnxEncoder(folder, INT8, query_prefix, passage_prefix),
        Backend.ONNX: lambda: OnnxEncoder(folder, FLOAT, query_prefix, passage_prefix),
    }
    if backend is not Backend.TORCH:
        found = choose(makers, backend)
        if found is not None:
            return found
    return SentenceTransformerEncoder(folder, query_prefix, passage_prefix)


def choose(makers: Mapping[Backend, Callable[[], CheckedEncoder]], backend: Backend) -> Encoder | None:
    """Return the first engine, fastest first, that is exact enough; None where none is and the choice was left free.

    Raises:
        ModelError: `backend` forces an engine that is not exact enough, or the engine cannot be opened.
    """
    for candidate, make in makers.items():
        if backend not in (Backend.AUTO, candidate):
            continue
        encoder = make()
        cosine = encoder.agreement()
        if cosine >= LEAST_COSINE:
            return encoder
        if backend is candidate:
            raise ModelError(
                f"the engine {candidate} reaches a cosine of {cosine:.4f} with the exact vectors on this machine, at "
                f"least {LEAST_COSINE} is wanted; set DISTRICT_QA_ENCODER_BACKEND to {Backend.AUTO}"
            )
    return None
