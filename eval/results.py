"""RESULTS.md: runs side by side, made from their folders and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
_RETRIEVAL = (
    *("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "all_evidence@5", "in_period@5"),
    "periods_covered@5",
)
_ANSWERS = (
    *("right", "correct", "number_accuracy", "language", "citation_recall", "citation_precision"),
    *("unsupported_numbers", "verbatim_quotes", "correct_dates", "refusal_precision", "refusal_recall"),
    *("grounded_refusal_f1", "total_p50", "total_p95"),
)


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
        "Made by `python -m eval --results RUN…` (or `--ablations`) from recorded runs; do not edit. What each measure "
        "says, and what may not be compared, is in `README.md`. Values are per cent unless they are seconds; in "
        "brackets the 95 % bootstrap interval. ▲ and ▼ mark a difference from the first line whose paired 95 % "
        "interval leaves 0 out (▲ better, ▼ worse).",
        "",
        *_conditions(runs),
        *_section("Retrieval, all questions", lines, _RETRIEVAL, ALL, with_ends=True),
    ]
    for kind in ("file", "lang"):
        for group in first.scores.groups(kind):
            parts += _section(f"Retrieval, {kind} {group.key}", lines, _RETRIEVAL, group)
    answering = [line for line in lines if line.run.info.answers]
    if answering:
        parts += _section("Answers, all questions", answering, _ANSWERS, ALL, with_ends=True)
        for group in answering[0].run.scores.groups("file"):
            parts += _section(f"Answers, file {group.key}", answering, _ANSWERS[:-2], group)
    return "\n".join(parts).rstrip() + "\n"


def _conditions(runs: Sequence[Recorded]) -> list[str]:
    lines = ["| run | configuration | changed settings | commit | started |", "|---|---|---|---|---|"]
    for run in runs:
        changes = ", ".join(f"{name}={value!r}" for name, value in run.info.changes.items()) or "none"
        code = run.info.code.commit[:10] + ("*" if run.info.code.changes else "")
        lines.append(f"| {run.folder.name} | {run.info.config} | {changes} | {code} | {run.info.started} |")
    machine = runs[0].info.machine
    note = " A star at a commit means that the tree had changes." if any(r.info.code.changes for r in runs) else ""
    return [*lines, "", f"Machine: {machine.cpus} cpus, Python {machine.python}.{note}", ""]


def _section(
    title: str, lines: Sequence[_Line], names: Sequence[str], group: Group, with_ends: bool = False
) -> list[str]:
    shown = [name for name in names if any(line.run.scores.find(name, group) for line in lines)]
    if not shown:
        return []
    table = [f"## {title}", "", f"| configuration | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    for line in lines:
        cells = [_cell(line, name, group, with_ends) for name in shown]
        table.append(f"| {line.run.info.config} | {' | '.join(cells)} |")
    counts = {score.n for name in shown for line in lines for score in [line.run.scores.find(name, group)] if score}
    return [*table, "", f"Over {min(counts)} to {max(counts)} questions, as each measure applies.", ""]


def _cell(line: _Line, name: str, group: Group, with_ends: bool) -> str:
    found = line.run.scores.find(name, group)
    if found is None:
        return "–"
    measure = BY_NAME[name]
    text = value_text(measure, found.value)
    if with_ends:
        text += f" [{value_text(measure, found.low)}, {value_text(measure, found.high)}]"
    change = line.comparison.find(name, group) if line.comparison else None
    if change is None or not change.significant:
        return text
    return f"{text} {'▲' if (change.delta < 0) == measure.low_is_good else '▼'}"
