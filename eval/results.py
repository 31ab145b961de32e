"""RESULTS.md: runs side by side, made from their folders and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eval.ablations import ABLATIONS
from eval.compare import Comparison, ComparisonError, compare
from eval.report import value_text
from eval.runs import RunError, read_info
from eval.scores import ALL, Group, read_scores
from eval.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.runs import RunInfo
    from eval.scores import Scores

RESULTS = Path(__file__).with_name("RESULTS.md")
#: No seconds: configurations that are run in one process share an encoder, which remembers the questions.
_ANSWERS = (
    *("right", "correct", "number_accuracy", "citation_recall", "citation_precision", "unsupported_numbers"),
    *("refusal_precision", "refusal_recall", "grounded_refusal_f1"),
)
_RETRIEVAL = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "all_evidence@5")
_TIME = ("in_period@1", "in_period@5", "periods_covered@5")
_FAMILIES = {"Answers": _ANSWERS, "Retrieval": _RETRIEVAL, "Time": _TIME}
#: What is shown by group; `right` is not measured where only passages were asked for.
_BY_TYPE = ("right", "ndcg@10")
_BY_FILE = ("right", "number_accuracy", "grounded_refusal_f1", "ndcg@10", "in_period@5")
_KINDS = {"type": "type of question", "file": "file", "lang": "language"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished run as its folder tells it."""

    folder: Path
    info: RunInfo
    scores: Scores


@dataclass(frozen=True, slots=True)
class _Line:
    """A run with its comparison to the first one; the first has none."""

    run: Recorded
    comparison: Comparison | None


def read_run(folder: Path) -> Recorded:
    """Read a finished run.

    Raises:
        RunError, ScoresError: the folder holds none.
    """
    info = read_info(folder)
    if not info.finished:
        raise RunError(f"{folder}: this run was not finished; go on with it: python -m eval --resume {folder}")
    return Recorded(folder, info, read_scores(folder / "scores.json"))


def make_results(runs: Sequence[Recorded]) -> str:
    """Return the whole of RESULTS.md; the first run is what the others are compared with.

    Raises:
        ComparisonError: a run shares no question with the first.
    """
    if not runs:
        raise ComparisonError("there is no run to make results from; name folders of runs")
    first = runs[0]
    lines = [_Line(run, compare(first.scores, run.scores) if run is not first else None) for run in runs]
    parts = [
        "# Results",
        "",
        "Made by `python -m eval --ablations`, or by `python -m eval --results RUN…` from recorded runs; do not edit. "
        "What each measure says, and what may not be compared, is in `README.md`. Values are per cent. ▲ and ▼ mark a "
        "difference from the first configuration whose paired 95 % bootstrap interval leaves 0 out (▲ better, ▼ "
        "worse).",
        "",
        *_conditions(runs),
        *_families(lines),
        *_by(lines, ("type",), _BY_TYPE),
        *_by(lines, ("file", "lang"), _BY_FILE),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _conditions(runs: Sequence[Recorded]) -> list[str]:
    lines = ["| configuration | what it is | changed settings | run | commit |", "|---|---|---|---|---|"]
    for run in runs:
        changes = ", ".join(f"`{name}={value!r}`" for name, value in run.info.changes.items()) or "none"
        code = run.info.code.commit[:10] + ("*" if run.info.code.changes else "")
        lines.append(f"| {run.info.config} | {_meaning(run)} | {changes} | {run.folder.name} | {code} |")
    asked = ", ".join(f"{file.name} ({file.cases})" for file in runs[0].info.files)
    machine = runs[0].info.machine
    note = " A star at a commit means that the tree had changes." if any(r.info.code.changes for r in runs) else ""
    return [*lines, "", f"Asked: {asked}. Machine: {machine.cpus} cpus, Python {machine.python}.{note}", ""]


def _meaning(run: Recorded) -> str:
    return next((one.meaning for one in ABLATIONS if one.name == run.info.config), "–")


def _families(lines: Sequence[_Line]) -> list[str]:
    """Return a table over all questions for each family of measures that was measured."""
    parts: list[str] = []
    for family, names in _FAMILIES.items():
        shown = [name for name in names if any(line.run.scores.find(name) for line in lines)]
        if shown:
            parts += [f"## {family}", "", *_table(lines, shown), "", _counted(lines, shown), ""]
    return parts


def _table(lines: Sequence[_Line], names: Sequence[str]) -> list[str]:
    table = [f"| configuration | {' | '.join(names)} |", "|---" + "|--:" * len(names) + "|"]
    for number, line in enumerate(lines):
        table.append(f"| {line.run.info.config} | {' | '.join(_cell(line, name, ALL) for name in names)} |")
        if not number:
            table.append(f"| *its 95 % interval* | {' | '.join(_ends(line, name) for name in names)} |")
    return table


def _counted(lines: Sequence[_Line], names: Sequence[str]) -> str:
    counts = {score.n for name in names for line in lines for score in [line.run.scores.find(name)] if score}
    least, most = min(counts), max(counts)
    return (
        f"Over {least} questions." if least == most else f"Over {least} to {most} questions, as each measure applies."
    )


def _by(lines: Sequence[_Line], kinds: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return a table for each measure: a row a group of these kinds, a column a configuration."""
    scores = lines[0].run.scores
    groups = [group for kind in kinds for group in scores.groups(kind)]
    head = f"n | {' | '.join(line.run.info.config for line in lines)}"
    parts: list[str] = []
    for name in names:
        found = [(group, score) for group in groups for score in [scores.find(name, group)] if score]
        rows = [
            f"| {group.key} | {score.n} | {' | '.join(_cell(line, name, group) for line in lines)} |"
            for group, score in found
        ]
        if rows:
            title = f"## `{name}` by {' and '.join(_KINDS[kind] for kind in kinds)}"
            parts += [title, "", f"| | {head} |", "|---|--:" + "|--:" * len(lines) + "|", *rows, ""]
    return parts


def _ends(line: _Line, name: str) -> str:
    found = line.run.scores.find(name)
    if found is None:
        return "–"
    return f"*{value_text(BY_NAME[name], found.low)}–{value_text(BY_NAME[name], found.high)}*"


def _cell(line: _Line, name: str, group: Group) -> str:
    found = line.run.scores.find(name, group)
    if found is None:
        return "–"
    measure = BY_NAME[name]
    text = value_text(measure, found.value)
    change = line.comparison.find(name, group) if line.comparison else None
    if change is None or not change.significant:
        return text
    return f"{text} {'▲' if (change.delta < 0) == measure.low_is_good else '▼'}"
