"""Serving from an index that is built anew under our feet."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from index.embedded import EMBEDDED
from index.store import current_name, open_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.engine import Engines
    from index.store import OpenIndex

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Made(Generic[T]):
    build: str
    value: T


class Serving(Generic[T]):
    """What answers from an index, made anew whenever another build serves, whichever process built it.

    Ask `current` once a question and use what it returns to the question's end: a question in flight finishes on the
    build that it began with, and what was removed before a question came is not in the build that it gets.
    """

    def __init__(self, folder: Path, make: Callable[[OpenIndex], T], engines: Engines = EMBEDDED) -> None:
        """Serve what `make` makes of the index in `folder`; the first one at once, so that a fault shows at the start.

        Raises:
            StoreError: there is no index that can be opened; and whatever `make` raises.
        """
        self._folder, self._make, self._engines = folder, make, engines
        self._lock = threading.Lock()
        self._made = self._open()

    def current(self) -> T:
        """Return what answers now: one small file is read, and opened anew only where it names another build.

        Raises:
            StoreError: the newer build cannot be used by this process; the older one must not answer instead.
        """
        made = self._made
        if made.build != current_name(self._folder):
            with self._lock:
                if self._made.build != current_name(self._folder):
                    self._made = self._open()
                made = self._made
        return made.value

    def _open(self) -> _Made[T]:
        index = open_index(self._folder, self._engines)
        return _Made(index.name, self._make(index))
