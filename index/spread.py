"""Encoding on many workers, each with an encoder of its own that is loaded once. Home of Ray.

Ray places the workers on the cores of this machine, or of all machines of a cluster; a worker that dies is begun again
and what it had not finished is done again. Every machine needs this project and the model's folder under the same path.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.encoder import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from ray.util import ActorPool

    from index.encoder import Encoder

#: Texts that a worker is given at a time: some seconds of work, so that workers end together and little is done again.
BATCH = 128


class Workers(Protocol):
    """Encode batches of texts, several at a time."""

    def encode(self, batches: Sequence[Sequence[str]]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield the number of each batch and its vectors as `Encoder.encode_passages` makes them, in any order.

        Raises:
            ModelError: a batch cannot be encoded.
        """
        ...


class SpreadEncoder:
    """An encoder whose passages are encoded by workers; queries are encoded here.

    The vectors are those of `encoder` where what a text becomes does not depend on the texts beside it.
    """

    def __init__(self, encoder: Encoder, workers: Workers, batch: int = BATCH) -> None:
        self._encoder, self._workers, self._batch = encoder, workers, batch

    @property
    def name(self) -> str:
        """Identity of the encoder that every worker has too."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._encoder.dimension

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        """Return vectors of shape (len(texts), dimension), in the order of the texts.

        Raises:
            ModelError: a batch cannot be encoded, or came back with another number of vectors or not at all.
        """
        starts = range(0, len(texts), self._batch)
        batches = [texts[start : start + self._batch] for start in starts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        missing = set(range(len(batches)))
        for number, made in self._workers.encode(batches):
            wanted = (len(batches[number]), self.dimension)
            if made.shape != wanted:
                raise ModelError(
                    f"a worker made vectors of shape {made.shape}, wanted {wanted}; see that every one has "
                    f"the model {self.name}"
                )
            vectors[starts[number] : starts[number] + len(made)] = made
            missing.discard(number)
            if progress:
                progress(len(made))
        if missing:
            raise ModelError(f"{len(missing)} of {len(batches)} batches did not come back from the workers; try again")
        return vectors

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one query, of shape (dimension,)."""
        return self._encoder.encode_query(text)


@contextmanager
def ray_workers(make: Callable[[], Encoder], name: str, number: int, address: str | None = None) -> Iterator[Workers]:
    """Run so many workers, each with the encoder `name` as `make` makes it, on one core each; they end with the block.

    `address` is that of a running cluster; without one Ray is begun here, for this machine alone.

    Raises:
        ModelError: Ray is not installed, or a worker cannot load its model or has another one.
    """
    try:
        import ray
        from ray.util import ActorPool
    except ModuleNotFoundError as error:
        raise ModelError(f"{error.name} is not installed; run: pip install 'district-qa[ray]'") from error
    if address:
        ray.init(address=address)
    else:
        ray.init(num_cpus=number, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
    try:
        actor = ray.remote(num_cpus=1, max_restarts=3, max_task_retries=3)(_Worker)
        actors = [actor.remote(make) for _ in range(number)]
        with _told():
            names = set(ray.get([one.name.remote() for one in actors]))  # waits until all are loaded
        if names != {name}:
            raise ModelError(f"the workers have the models {', '.join(sorted(names))}; wanted {name}")
        yield _RayWorkers(ActorPool(actors))
    finally:
        ray.shutdown()


class _Worker:
    """Lives in a process of its own."""

    def __init__(self, make: Callable[[], Encoder]) -> None:
        self._encoder = make()

    def name(self) -> str:
        return self._encoder.name

    def encode(self, number: int, texts: Sequence[str]) -> tuple[int, NDArray[np.float32]]:
        return number, self._encoder.encode_passages(texts)


class _RayWorkers:
    def __init__(self, pool: ActorPool) -> None:
        self._pool = pool

    def encode(self, batches: Sequence[Sequence[str]]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """See `Workers.encode`."""
        numbered = list(enumerate(batches))
        with _told():
            yield from self._pool.map_unordered(lambda worker, batch: worker.encode.remote(*batch), numbered)


@contextmanager
def _told() -> Iterator[None]:
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        raise ModelError(f"the workers cannot encode ({error}); see Ray's log") from error
