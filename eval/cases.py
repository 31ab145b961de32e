"""Questions with what a right answer must hold: reading a question file, checking it, and the correctness rule."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from corpus.types import text_id
from rag.types import Language, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_HAN = re.compile(r"[\u3400-\u9fff]")
_IGNORED = re.compile(r"[\s,，]+")


class Expect(StrEnum):
    """What the assistant should do with a question."""

    ANSWER = "answer"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Judged:
    """A whole document that was judged relevant, and how much; for collections judged by document."""

    document_id: str
    grade: int


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its gold.

    `evidence` is verbatim text of the source. `must_include` holds groups, of each of which one string must stand
    in the answer. `spans` are gold answers as spans of the text (SQuAD-style data only) and `judged` documents
    judged as a whole (BEIR-style data only, in place of evidence).
    """

    id: str
    lang: Language
    type: str
    question: str
    history: tuple[Turn, ...]
    expect: Expect
    evidence: tuple[str, ...]
    answer: str
    must_include: tuple[tuple[str, ...], ...]
    must_not_include: tuple[str, ...]
    spans: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()

    @property
    def answerable(self) -> bool:
        """True when the documents hold the answer."""
        return self.expect is Expect.ANSWER

    @property
    def digest(self) -> str:
        """Return a hash of everything in the case: two runs are compared only on cases where it is the same."""
        return text_id(repr(self))


class QuestionFileError(ValueError):
    """A question file that cannot be used: file, line, and what is wrong."""


class _TurnLine(BaseModel):
    model_config = ConfigDict(strict=True)

    role: Literal["user", "assistant"]
    content: str


class _Line(BaseModel):
    """One line of a question file, as the design's section 5 promises it."""

    model_config = ConfigDict(strict=True)

    id: str = Field(pattern=r"^\S+$")
    lang: Literal["zh", "en"]
    type: str = Field(min_length=1)
    question: str = Field(pattern=r"\S")
    history: list[_TurnLine] | None = None
    expect: Literal["answer", "refuse"] | None = None
    evidence: list[str] | None = None
    answer: str = ""
    must_include: list[list[str]] = []
    must_not_include: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, line: dict[str, Any]) -> dict[str, Any]:
        """A key whose value is null says no more than a key that is not there."""
        return {key: value for key, value in line.items() if value is not None}

    def to_case(self) -> Case:
        """Return the case; ValueError where evidence is wanted and missing, or a string to look for is empty."""
        if self.evidence is None and self.expect != "refuse":
            raise ValueError("evidence: Field required unless expect is refuse")
        evidence = self.evidence or []
        expect = Expect(self.expect) if self.expect else Expect.ANSWER if evidence else Expect.REFUSE
        strings = (*evidence, *self.must_not_include, *(s for group in self.must_include for s in group))
        if not all(self.must_include) or not all(map(fold, strings)):
            raise ValueError("evidence, must_include or must_not_include holds an empty group or string")
        return Case(
            id=self.id,
            lang=Language(self.lang),
            type=self.type,
            question=self.question,
            history=tuple(Turn(turn.role, turn.content) for turn in self.history or ()),
            expect=expect,
            evidence=tuple(evidence),
            answer=self.answer,
            must_include=tuple(map(tuple, self.must_include)),
            must_not_include=tuple(self.must_not_include),
        )


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read a question file: UTF-8, one JSON object a line, blank lines apart.

    Keys that are not of the format are ignored; `unknown_keys` names them.

    Raises:
        QuestionFileError: names file, line and reason of the first fault; no case is returned then.
    """
    cases: list[Case] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            case = _Line.model_validate(_object(line)).to_case()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise QuestionFileError(f"{path}, line {number}: {where}: {first['msg']}") from error
        except ValueError as error:
            raise QuestionFileError(f"{path}, line {number}: {error}") from error
        if case.id in seen:
            raise QuestionFileError(f"{path}, line {number}: the id {case.id} is that of line {seen[case.id]} too")
        seen[case.id] = number
        cases.append(case)
    if not cases:
        raise QuestionFileError(f"{path}, line 1: the file holds no question")
    return tuple(cases)


def unknown_keys(path: Path) -> tuple[str, ...]:
    """Return the keys of a question file that are not of the format, once each."""
    found = dict.fromkeys(key for _, line in _lines(path) for key in _object(line))
    return tuple(key for key in found if key not in _Line.model_fields)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QuestionFileError(f"{path}: cannot be read ({error.strerror})") from error
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise QuestionFileError(f"{path}, line {number}: not UTF-8 at byte {error.start} of the line") from error
        if text.strip():
            yield number, text


def _object(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ValueError(f"wanted a JSON object, got {type(value).__name__}")
    return value


def fold(text: str) -> str:
    """Return a text as the correctness rule compares it: without spaces and commas (full width too) and case."""
    return _IGNORED.sub("", text).casefold()


def meets(case: Case, answer: str) -> bool:
    """Return whether an answer has one string of each `must_include` group and none of `must_not_include`.

    The rule of the design, section 5: a plain search for the folded string, so `52` is also found in `152`.
    """
    folded = fold(answer)
    included = all(any(fold(either) in folded for either in group) for group in case.must_include)
    return included and not any(fold(never) in folded for never in case.must_not_include)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the content of a case."""

    case_id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.case_id}: {self.reason}"


def check(cases: Sequence[Case], sources: Iterable[str]) -> list[Fault]:
    """Check what reading cannot see: evidence stands verbatim in a source, the gold answer is right, ids are unique.

    `sources` are the texts of the corpus as they came. A faulty case can still be asked; see the README.
    """
    texts = tuple(sources)
    faults = [
        Fault(case.id, f"this evidence stands in no source: {evidence}")
        for case in cases
        for evidence in case.evidence
        if not any(evidence in text for text in texts)
    ]
    faults += [Fault(case.id, "its id is used twice") for case in _repeated(cases)]
    for case in cases:
        if case.answerable and not case.evidence:
            faults.append(Fault(case.id, "no evidence, so retrieval is not measured"))
        if case.answerable and not case.must_include:
            faults.append(Fault(case.id, "no must_include, so correctness is not measured"))
        if case.answerable and case.answer and not meets(case, case.answer):
            faults.append(Fault(case.id, "the gold answer does not meet its own must_include and must_not_include"))
        if case.lang is Language.EN and _HAN.search(case.question + case.answer):
            faults.append(Fault(case.id, "Chinese characters in an English question or answer"))
    return faults


def _repeated(cases: Sequence[Case]) -> list[Case]:
    counts = Counter(case.id for case in cases)
    return [case for case in cases if counts[case.id] > 1]
