"""A file of questions in, a file of answers out: one JSON object a line, in order, whatever a line holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from index.filter import EVERYTHING
from rag.pipeline import QuestionError
from rag.types import Turn, answer_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.filter import Filter
    from rag.pipeline import Pipeline

#: What a line that cannot be answered has in an answer's place: a program finds the same keys in every line.
_UNANSWERED: dict[str, Any] = {
    "language": None,
    "status": "error",
    "answer": None,
    "refusal": None,
    "citations": [],
    "passages": [],
    "seconds": {"retrieve": 0.0, "answer": 0.0, "total": 0.0},
    "standalone": None,
    "notice": None,
}


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of a file as bytes, since a bad one must not spoil the rest; blank ones at its end apart."""
    content = path.read_bytes().rstrip()
    return content.split(b"\n") if content else []


def answer_lines(pipeline: Pipeline, lines: list[bytes], within: Filter = EVERYTHING) -> Iterator[dict[str, Any]]:
    """Yield one object a line: an answer with the line's id, or one of status `error` that says what was wrong.

    All are answered from what fits the filter only.
    """
    for number, line in enumerate(lines, 1):
        entry: dict[str, Any] = {}
        try:
            entry = _read(line)
            answer = pipeline.ask(_question(entry), read_turns(entry.get("history") or []), within)
        except (ValueError, QuestionError) as error:
            known = entry or _read_loosely(line)
            head = {"id": known.get("id"), "question": known.get("question")}
            yield head | _UNANSWERED | {"error": f"line {number}: {error}"}
        else:
            yield {"id": entry.get("id"), **answer_json(answer)}


def _read(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error}); wanted an object with id and question") from error
    except RecursionError as error:
        raise ValueError("JSON nested too deeply; wanted an object with id and question") from error
    if not isinstance(entry, dict):
        raise ValueError(f'wanted an object such as {{"id": "q1", "question": "…"}}, got {type(entry).__name__}')
    return entry


def _read_loosely(line: bytes) -> dict[str, Any]:
    """Return what can still be read of a line that is not UTF-8, so that its error keeps its id."""
    try:
        return _read(line.decode("utf-8", errors="replace").encode())
    except ValueError:
        return {}


def _question(entry: dict[str, Any]) -> str:
    question = entry.get("question")
    if not isinstance(question, str):
        raise ValueError(f"question must be a text, got {type(question).__name__}")
    return question


def read_turns(turns: Any) -> list[Turn]:
    """Return a conversation from its JSON form.

    Raises:
        ValueError: it is not a list of objects with role and content.
    """
    try:
        return [Turn(str(turn["role"]), str(turn["content"])) for turn in turns]
    except (TypeError, KeyError) as error:
        raise ValueError('history must be a list of {"role": …, "content": …}') from error
