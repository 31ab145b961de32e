"""Public collections as corpora with their own questions: SQuAD-style JSON (CMRC2018, DRCD) and BEIR-style folders.

None is shipped; give a file or folder on the command line. In both, every text becomes a document of its own.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.documents import make_document
from corpus.sentences import sentence_spans
from corpus.types import Posting, RawText, text_id
from eval.cases import Case, Expect, Judged, QuestionFileError
from eval.corpora import Corpus
from rag.conversation import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus and the questions that belong to it."""

    corpus: Corpus
    cases: tuple[Case, ...]


def is_beir(path: Path) -> bool:
    """Return whether a path is a BEIR-style folder."""
    return (path / "corpus.jsonl").is_file()


def read_squad(path: Path) -> Dataset:
    """Read SQuAD-style JSON (`data[].paragraphs[].context`, `.qas[]`); each context is a document.

    The evidence of a question is the sentence that its first gold answer stands in. Questions that are marked
    `is_impossible` are to be refused.

    Raises:
        QuestionFileError: names the file and where in it the fault is.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise QuestionFileError(f"{path}: not readable as JSON ({error})") from error
    texts: dict[str, RawText] = {}
    cases: list[Case] = []
    try:
        for paragraph in (p for entry in data["data"] for p in entry["paragraphs"]):
            context = paragraph["context"]
            title = paragraph.get("title") or f"{path.stem} {len(texts) + 1}"
            texts.setdefault(text_id(context), RawText(Posting(title, None, path.name), context))
            cases += [_squad_case(context, qa) for qa in paragraph["qas"]]
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise QuestionFileError(f"{path}, after question {len(cases)}: not SQuAD-style ({error!r})") from error
    return Dataset(_corpus(path.stem, texts.values()), _with_unique_ids(path, cases))


def _squad_case(context: str, qa: Mapping[str, Any]) -> Case:
    answers = [answer for answer in qa["answers"] if answer["text"].strip()]
    golds = tuple(dict.fromkeys(answer["text"] for answer in answers))
    impossible = not answers or bool(qa.get("is_impossible"))
    return Case(
        id="_".join(str(qa["id"]).split()),
        lang=detect_language(qa["question"]),
        type="span",
        question=qa["question"],
        history=(),
        expect=Expect.REFUSE if impossible else Expect.ANSWER,
        evidence=() if impossible else (_sentence_at(context, answers[0]["answer_start"], golds[0]),),
        answer="" if impossible else golds[0],
        must_include=() if impossible else (golds,),
        must_not_include=(),
        spans=() if impossible else golds,
    )


def _sentence_at(context: str, start: int, answer: str) -> str:
    """Return the sentence that holds the answer; an answer over several sentences is its own evidence."""
    if not context.startswith(answer, start):  # DRCD and hand-made files have shifted offsets
        start = max(context.find(answer), 0)
    for first, last in sentence_spans(context):
        if first <= start and start + len(answer) <= last:
            return context[first:last]
    return answer


def read_beir(folder: Path) -> Dataset:
    """Read a BEIR-style folder: `corpus.jsonl`, `queries.jsonl`, and the test judgements of `qrels/`.

    `qrels/test.tsv` is read where it is there, else every `qrels/*.tsv`. Queries without judgements are left out,
    as BEIR does (Thakur et al., "BEIR", NeurIPS 2021).

    Raises:
        QuestionFileError: names file, line and reason.
    """
    texts: dict[str, RawText] = {}
    ours: dict[str, str] = {}
    for where, entry in _json_lines(folder / "corpus.jsonl"):
        text = str(_field(entry, "text", where)).strip() or str(entry.get("title", "")).strip()
        if text:
            ours[str(_field(entry, "_id", where))] = text_id(text)
            texts.setdefault(text_id(text), RawText(Posting(str(entry.get("title") or ""), None, folder.name), text))
    judged = _judgements(folder, ours)
    cases = []
    for where, entry in _json_lines(folder / "queries.jsonl"):
        identity = str(_field(entry, "_id", where))
        if identity in judged:
            cases.append(_beir_case(identity, str(_field(entry, "text", where)), judged[identity]))
    if not cases:
        raise QuestionFileError(f"{folder}: no query of queries.jsonl has a judgement in qrels/*.tsv")
    return Dataset(_corpus(folder.resolve().name, texts.values()), _with_unique_ids(folder, cases))


def _beir_case(identity: str, text: str, judged: Mapping[str, int]) -> Case:
    return Case(
        id="_".join(identity.split()),
        lang=detect_language(text),
        type="query",
        question=text,
        history=(),
        expect=Expect.ANSWER,
        evidence=(),
        answer="",
        must_include=(),
        must_not_include=(),
        judged=tuple(Judged(document, grade) for document, grade in judged.items()),
    )


def _judgements(folder: Path, ours: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the positive grades by query; `ours` gives our id for each of theirs."""
    test = folder / "qrels" / "test.tsv"
    paths = [test] if test.is_file() else sorted((folder / "qrels").glob("*.tsv"))
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
                if number == 1 and row[-1:] == ["score"]:
                    continue
                try:
                    query, document, grade = row[0], row[1], int(row[2])
                except (IndexError, ValueError) as error:
                    raise QuestionFileError(f"{path}, line {number}: wanted query, document and score") from error
                if document not in ours:
                    raise QuestionFileError(f"{path}, line {number}: {document} is not in corpus.jsonl")
                if grade > 0:
                    judged[query][ours[document]] = grade
    return judged


def _json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise QuestionFileError(f"{where}: not JSON ({error})") from error
        if not isinstance(entry, dict):
            raise QuestionFileError(f"{where}: wanted a JSON object")
        yield where, entry


def _field(entry: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in entry:
        raise QuestionFileError(f"{where}: {name} is missing")
    return entry[name]


def _corpus(name: str, raws: Iterable[RawText]) -> Corpus:
    held = list(raws)
    safe = re.sub(r"[^\w.-]+", "_", name)
    return Corpus(safe, tuple(make_document([raw]) for raw in held), tuple(raw.text for raw in held))


def _with_unique_ids(path: Path, cases: list[Case]) -> tuple[Case, ...]:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise QuestionFileError(f"{path}: the question id {case.id} is used twice")
        seen.add(case.id)
    return tuple(cases)
