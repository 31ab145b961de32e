"""An optional second look at the best passages: a cross-encoder reads question and passage together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import index.vectors  # noqa: F401  (faiss is loaded before torch: see there)
from index.encoder import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BATCH = 16


class CrossEncoderReranker:
    """Any sentence-transformers CrossEncoder with one output, from a folder or, when one names a hub id, its hub."""

    def __init__(self, model: str | Path) -> None:
        """Load a model.

        Raises:
            ModelError: it cannot be loaded, or gives something else than one score a pair.
        """
        if Path(model).exists():
            # Loading a local folder still asks the hub for optional files unless it is told not to.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = CrossEncoder(str(model), device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(
                f"the reranker {model!s} cannot be loaded ({error}); set DISTRICT_QA_RERANKER to a folder or id of a "
                "sentence-transformers CrossEncoder, or unset it to answer without one"
            ) from error
        outputs = self._model.config.num_labels
        if outputs != 1:
            raise ModelError(
                f"the reranker {model!s} gives {outputs} numbers a pair, wanted one score; set DISTRICT_QA_RERANKER to "
                "a CrossEncoder made for ranking, or unset it"
            )

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text answers the query, of shape (len(texts),); more is better, the scale is its own."""
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(query, text) for text in texts]
        scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(scores, np.float32).reshape(len(texts))
