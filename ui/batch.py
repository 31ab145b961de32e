"""A file of questions in, a file of answers out: one JSON object a line, in order, whatever a line holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rag.pipeline import QuestionError
from rag.types import Turn, answer_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.pipeline import Pipeline


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of a file that are not blank, as bytes: a bad one must not spoil the rest."""
    return [line for line in path.read_bytes().split(b"\n") if line.strip()]


def answer_lines(pipeline: Pipeline, lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """Yield one object a line: an answer, or `{"status": "error", "error": …}` with what was wrong."""
    for number, line in enumerate(lines, 1):
        entry: dict[str, Any] = {"id": None, "question": None}
        try:
            entry |= _read(line)
            answer = pipeline.ask(entry["question"], _history(entry))
        except (ValueError, QuestionError) as error:
            yield {
                "id": entry["id"],
                "question": entry["question"],
                "status": "error",
                "error": f"line {number}: {error}",
            }
        else:
            yield {"id": entry["id"], **answer_json(answer)}


def _read(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error}); wanted an object with id and question") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
        raise ValueError('wanted an object such as {"id": "q1", "question": "…"}')
    return entry


def _history(entry: dict[str, Any]) -> list[Turn]:
    turns = entry.get("history") or []
    try:
        return [Turn(str(turn["role"]), str(turn["content"])) for turn in turns]
    except (TypeError, KeyError) as error:
        raise ValueError('history must be a list of {"role": …, "content": …}') from error
