"""Bytes to text: UTF-8 with or without a mark, GB18030, or marked UTF-16; all else is refused with its place."""

from __future__ import annotations

from pathlib import Path


class SourceError(ValueError):
    """A source file that cannot be read as it is: which file and line, what came, what was wanted."""

    def __init__(self, path: Path | str, line: int | None, fault: str) -> None:
        where = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{where}: {fault}")
        self.path, self.line, self.fault = Path(path), line, fault


def decode(data: bytes, path: Path | str) -> str:
    """Return the text of a file's bytes, line ends as `\\n`.

    UTF-8 is tried first, since GB18030 accepts almost any bytes.

    Raises:
        SourceError: the bytes are empty, hold NUL, or are neither UTF-8 nor GB18030.
    """
    if not data.strip():
        raise SourceError(path, None, "the file is empty; a text with at least one article is needed")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise SourceError(path, line, "a NUL byte: this is not a text file; save it as UTF-8 text")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    faults: list[UnicodeDecodeError] = []
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            faults.append(error)
            if encoding == "utf-8-sig" and _is_marred_utf8(data[: error.start]):
                break
        else:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    # The encoding that read furthest is the one the file was meant to have.
    position = max(fault.start for fault in faults)
    line = data[:position].count(b"\n") + 1
    raise SourceError(path, line, f"byte {data[position]:#04x} is neither UTF-8 nor GB18030; save the file as UTF-8")


#: Two bytes of a Chinese character in GB18030 are valid UTF-8 about one time in seven, so ten in a row never are.
_SURE = 10


def _is_marred_utf8(before: bytes) -> bool:
    """Return whether what stands before a fault is UTF-8 beyond doubt: read as GB18030 it would be other characters."""
    return sum(not character.isascii() for character in before.decode("utf-8-sig")) >= _SURE
