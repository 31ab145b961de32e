"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, content: str) -> None:
    """Write a file anew, in UTF-8, atomically and durably: it holds the old content or the new one."""
    scratch = path.with_name(f"{path.name}.new")
    write_file(scratch, content.encode())
    scratch.replace(path)
    settle(path.parent)


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def settle(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk, as far as the system can."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
