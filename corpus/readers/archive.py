"""The zip file around an Office document: its directory is judged before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from corpus.decode import SourceError

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes that a file may have when unpacked.
UNPACKED_LIMIT = 200_000_000
#: How many times larger a part, or all, may become; ordinary Office parts stay under 30.
RATIO_LIMIT = 100
#: Parts below this many bytes may be of any ratio: they cannot fill a memory.
_SMALL = 1_000_000
_ENCRYPTED = 0x1


def check_archive(data: bytes, path: Path) -> frozenset[str]:
    """Return the names inside a zip file, or refuse it by what its directory says.

    `zipfile` never unpacks a part beyond the size its directory gives, so the directory can be trusted here.

    Raises:
        SourceError: damaged, protected by a password, or it would unpack to more than the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
        raise SourceError(
            path, None, f"the file is damaged or cut short ({error}); a whole Office document is needed; copy it again"
        ) from error
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise SourceError(path, None, "the file is protected by a password; remove the password and save it again")
    total = sum(part.file_size for part in parts)
    if total > UNPACKED_LIMIT:
        raise SourceError(
            path, None, f"it would unpack to {total:,} bytes; at most {UNPACKED_LIMIT:,} are read; split the document"
        )
    for name, size, packed in [(p.filename, p.file_size, p.compress_size) for p in parts] + [("all", total, len(data))]:
        if size > _SMALL and size > RATIO_LIMIT * packed:
            raise SourceError(
                path,
                None,
                f"{name} would unpack from {packed:,} to {size:,} bytes, more than {RATIO_LIMIT} times; "
                "that is no ordinary document; open it and save it again, or leave it",
            )
    return frozenset(part.filename for part in parts)
