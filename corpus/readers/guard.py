"""What other people's parsers raise on damaged files, turned into one refusal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.decode import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def refusing_damage(path: Path, wanted: str) -> Iterator[None]:
    """Turn any failure of a parser inside the block into a SourceError that keeps its cause.

    Parsers raise whatever the damage leads them to (KeyError, struct.error, RecursionError …), so every Exception is
    caught; put nothing but the parser's own work into the block.
    """
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise SourceError(
            path,
            None,
            f"the file is damaged ({type(error).__name__}: {said}); a whole {wanted} is needed; "
            "open it in its own program and save it again, or fetch it again",
        ) from error
