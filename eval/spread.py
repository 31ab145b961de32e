"""Whether vectors made by many workers are those of one encoder: `python -m eval.spread`.

Needs Ray: `pip install 'district-qa[ray]'`. Without `--address` it runs on this machine alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.corpora import DISTRICT, PROVINCES, load_corpus
from index.spread import SpreadEncoder, ray_workers
from rag import assemble
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Encode the same sentences here and by workers, compare, and tell; exit status 1 where a vector differs."""
    parser = argparse.ArgumentParser(prog="python -m eval.spread", description="Encode with many workers.")
    parser.add_argument("--workers", type=int, default=2, help="processes, a core each")
    parser.add_argument("--texts", type=int, default=1000, help="sentences of both corpora that are encoded")
    parser.add_argument("--address", help="a running cluster of Ray; else it is begun here")
    chosen = parser.parse_args(arguments)
    settings = Settings()
    settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})  # workers stand elsewhere
    texts = _sentences(settings)[: chosen.texts]
    encoder = assemble.make_encoder(settings)
    began = time.perf_counter()
    alone = encoder.encode_passages(texts)
    here = time.perf_counter() - began
    with ray_workers(partial(assemble.make_encoder, settings), encoder.name, chosen.workers, chosen.address) as workers:
        began = time.perf_counter()
        together = SpreadEncoder(encoder, workers).encode_passages(texts)
        there = time.perf_counter() - began
    differing = int((alone != together).any(axis=1).sum())
    print(
        f"{len(texts)} texts, {chosen.workers} workers: {differing} vectors differ, largest difference "
        f"{np.abs(alone - together).max():.1e}; {there / here:.2f} of the time of one process"
    )
    return 1 if differing else 0


def _sentences(settings: Settings) -> list[str]:
    documents = [document for name in (DISTRICT, PROVINCES) for document in load_corpus(name, settings).documents]
    found = (document.text[sentence.start : sentence.end] for document in documents for sentence in document.sentences)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main())
