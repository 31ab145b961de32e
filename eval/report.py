"""The report of a run: one HTML file that asks nothing of any network, with tables, bars and the worst failures."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval import measures
from eval.records import Outcome
from eval.scores import ALL, Group
from eval.table import BY_NAME, MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eval.bootstrap import Change
    from eval.compare import Comparison
    from eval.runs import Finished, RunInfo
    from eval.scores import Score, Scores
    from eval.table import Item, Measure

#: Failures that are shown in full.
FAILURES = 60
#: The measures that are drawn for every group; a run without answers has only the last of them.
_DRAWN = ("right", "correct", "number_accuracy", "citation_recall", "citation_precision", "recall@5", "ndcg@10")
_KINDS = {"corpus": "By corpus", "lang": "By language", "type": "By type", "file": "By file"}

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a7f62; --bar: #4a7ebb; --bad: #b3423a; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; }
th { font-weight: 600; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ci { opacity: .7; font-size: .85em; white-space: nowrap; }
.wide { overflow-x: auto; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg .track { fill: #8883; } svg .bar { fill: var(--bar); } svg .whisker { stroke: currentColor; stroke-width: 1.5; }
details { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; margin: .4rem 0; }
summary { cursor: pointer; }
dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0 0 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: #7c75; color: inherit; }
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that went wrong, and how; the gravest kinds first."""

    gravity: int
    how: str
    item: Item


def failures(items: Iterable[Item]) -> list[Failure]:
    """Return what went wrong, gravest first: errors, invention, wrong answers, refusals, passages not found."""
    found = [failure for item in items for failure in [_failure(item)] if failure]
    return sorted(found, key=lambda failure: (failure.gravity, failure.item.case.type, failure.item.case.id))


def _failure(item: Item) -> Failure | None:
    case, status = item.case, item.record.status
    if status is Outcome.ERROR:
        return Failure(0, f"error: {item.record.error}", item)
    if status is Outcome.RETRIEVED:
        missed = item.ranked is not None and item.ranked.recall_10 == 0
        return Failure(4, "nothing relevant among 10 hits", item) if missed else None
    judged = measures.right(case, item.record)
    if judged is None or judged.part:
        return None
    if not case.answerable:
        return Failure(1, "answered what the documents do not say", item)
    if status is Outcome.REFUSED:
        return Failure(3, "refused although the documents answer it", item)
    return Failure(2, "answered wrongly or incompletely", item)


def make_report(run: Finished, comparison: Comparison | None = None, against: str = "") -> str:
    """Return the report as one HTML document; `against` names the run of the comparison."""
    info, scores = run.info, run.scores
    body = [
        f"<h1>Benchmark {_text(run.folder.name)}</h1>",
        _facts(info),
        "<h2>Overall</h2>",
        _overall(scores),
        *(_comparison(comparison, against, run.items) if comparison else ()),
        *(
            part
            for kind, title in _KINDS.items()
            for part in (f"<h2>{title}</h2>", _by(scores, kind), _all(scores, kind))
        ),
        *_failures(run.items),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Benchmark {_text(run.folder.name)}</title><style>{_STYLE}</style></head>\n<body>"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _text(value: object) -> str:
    return html.escape(str(value))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(content: str, number: bool = False) -> str:
    return f'<td class="n">{content}</td>' if number else f"<td>{content}</td>"


def _facts(info: RunInfo) -> str:
    facts = {
        "configuration": info.config + (f" {info.changes}" if info.changes else ""),
        "asked": info.url or "in this process",
        "questions": ", ".join(f"{file.name} ({file.cases}, {file.corpus})" for file in info.files),
        "started, finished": f"{info.started}, {info.finished}",
        "commit": info.code.commit + (f" with changes {info.code.changes}" if info.code.changes else ""),
        "index": "; ".join(
            f"{corpus}: " + ", ".join(f"{key} {value}" for key, value in manifest.items())
            for corpus, manifest in info.indexes.items()
        ),
        "machine": f"{info.machine.cpus} cpus, {info.machine.platform}, Python {info.machine.python}",
        "versions": ", ".join(f"{name} {version}" for name, version in info.versions.items() if version),
    }
    rows = [[f"<th>{_text(name)}</th>", _cell(_text(value))] for name, value in facts.items()]
    warned = "".join(f"<li>{_text(warning)}</li>" for warning in info.warnings)
    return _table((), rows) + (f"<p>Doubts about the question files:</p><ul>{warned}</ul>" if warned else "")


def value_text(measure: Measure, value: float) -> str:
    """Return a value as it is shown: per cent, or seconds."""
    return f"{value:.3f} s" if measure.seconds else f"{100 * value:.1f}"


def _overall(scores: Scores) -> str:
    rows = []
    for measure in MEASURES:
        found = scores.find(measure.name)
        if found:
            rows.append([_cell(_text(measure.name)), *_scored(found, measure), _cell(_meaning(measure))])
    return _table(("measure", "value", "95 % interval", "", "n", "what it says"), rows)


def _meaning(measure: Measure) -> str:
    return _text(measure.meaning + (" (less is better)" if measure.low_is_good else ""))


def _scored(found: Score, measure: Measure) -> list[str]:
    ends = f"{value_text(measure, found.low)} – {value_text(measure, found.high)}"
    drawn = "" if measure.seconds else _bar(found)
    return [_cell(value_text(measure, found.value), True), _cell(ends, True), _cell(drawn), _cell(str(found.n), True)]


def _bar(found: Score, width: int = 120) -> str:
    """Return a bar from 0 to 1 with the interval as a line over it."""
    low, high = found.low * width, found.high * width
    return (
        f'<svg width="{width}" height="14" role="img" aria-label="{100 * found.value:.0f} %">'
        f'<rect class="track" width="{width}" height="14"/>'
        f'<rect class="bar" width="{found.value * width:.1f}" height="14"/>'
        f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/></svg>'
    )


def _by(scores: Scores, kind: str) -> str:
    names = [name for name in _DRAWN if scores.find(name)]
    rows = [
        [_cell(_text(group.key)), *(_drawn(scores, name, group) for name in names)] for group in scores.groups(kind)
    ]
    return _table((kind, *map(_text, names)), rows)


def _all(scores: Scores, kind: str) -> str:
    """Return every measure over every group of a kind, closed at first."""
    groups = scores.groups(kind)
    rows = []
    for name, measure in BY_NAME.items():
        found = [scores.find(name, group) for group in groups]
        if any(found):
            rows.append([_cell(_text(name)), *(_brief(score, measure) for score in found)])
    table = _table(("measure", *(_text(group.key) for group in groups)), rows)
    return f"<details><summary>every measure by {kind}</summary>{table}</details>"


def _brief(found: Score | None, measure: Measure) -> str:
    if found is None:
        return _cell("–", True)
    ends = f"{value_text(measure, found.low)}–{value_text(measure, found.high)}"
    return _cell(f'{value_text(measure, found.value)}<br><span class="ci">{ends}</span>', True)


def _drawn(scores: Scores, name: str, group: Group) -> str:
    found = scores.find(name, group)
    if found is None:
        return _cell("–")
    ends = f"{100 * found.low:.0f}–{100 * found.high:.0f}, n {found.n}"
    return _cell(f'{_bar(found, 80)}<br>{100 * found.value:.1f} <span class="ci">({ends})</span>')


def _comparison(comparison: Comparison, against: str, items: Sequence[Item]) -> list[str]:
    """Return what differs: every measure over all questions, the deciding one by group, and the questions."""
    by_id = {item.case.id: item for item in items}
    deciding = comparison.deciding
    kinds = [kind for kind in _KINDS if kind != "file"]
    return [
        f"<h2>Against {_text(against)}</h2>",
        f"<p>{comparison.shared} questions in both, {comparison.left_out} left out. A coloured difference is one "
        "whose interval leaves 0 out; with so many measures some will by chance, and seconds also differ by what else "
        "the machine had to do.</p>",
        _changes("measure", [(name, comparison.find(name, ALL), measure) for name, measure in BY_NAME.items()]),
        f"<h3>{_text(deciding)} by group</h3>",
        _changes(
            "group",
            [
                (difference.group.key, difference.change, BY_NAME[deciding])
                for difference in comparison.differences
                if difference.measure == deciding and difference.group.kind in kinds
            ],
        ),
        f"<h3>Better by {_text(deciding)}: {len(comparison.better)}</h3>",
        *(_details(by_id[identity], "better than before") for identity in comparison.better),
        f"<h3>Worse by {_text(deciding)}: {len(comparison.worse)}</h3>",
        *(_details(by_id[identity], "worse than before") for identity in comparison.worse),
    ]


def _changes(head: str, changes: Iterable[tuple[str, Change | None, Measure]]) -> str:
    rows = []
    for name, change, measure in changes:
        if change:
            good = (change.delta < 0) == measure.low_is_good
            mark = ' class="n"' if not change.significant else f' class="n {"good" if good else "bad"}"'
            rows.append(
                [
                    _cell(_text(name)),
                    _cell(value_text(measure, change.before), True),
                    _cell(value_text(measure, change.after), True),
                    f"<td{mark}>{_signed(measure, change.delta)}</td>",
                    _cell(f"{_signed(measure, change.low)} – {_signed(measure, change.high)}", True),
                    _cell(f"{change.p:.3f}", True),
                    _cell(str(change.n), True),
                ]
            )
    return _table((head, "before", "after", "difference", "95 % interval", "p", "n"), rows)


def _signed(measure: Measure, value: float) -> str:
    return f"{value:+.3f} s" if measure.seconds else f"{100 * value:+.1f}"


def _failures(items: Sequence[Item]) -> list[str]:
    found = failures(items)
    shown = found[:FAILURES]
    return [
        f"<h2>Failures</h2><p>{len(found)} of {len(items)} questions; the {len(shown)} gravest follow.</p>",
        *(_details(failure.item, failure.how) for failure in shown),
    ]


def _details(item: Item, how: str) -> str:
    """Return one question with all that belongs to it, closed at first."""
    case = item.case
    history = "\n".join(f"{turn.role}: {turn.content}" for turn in case.history)
    wanted = "\n".join(" | ".join(group) for group in case.must_include)
    parts = {
        "conversation before": history,
        "question": case.question,
        "gold answer": case.answer or ("(to be refused)" if not case.answerable else ""),
        "must include, one of each line": wanted,
        "must not include": " | ".join(case.must_not_include),
        "evidence": "\n".join(case.evidence),
        "what came": item.record.text or item.record.error or "",
        "cited": "\n".join(
            f"[{c.marker}] {c.title}, {c.period or '-'} {c.status}: {c.quote}" for c in item.record.citations
        ),
    }
    listed = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in parts.items() if value)
    return (
        f"<details><summary><b>{_text(case.id)}</b> {_text(case.type)} {_text(case.lang)} · {_text(how)}"
        f" · {_text(case.question)}</summary>"
        f"<dl>{listed}<dt>first passages</dt><dd>{_passages(item)}</dd></dl></details>"
    )


def _passages(item: Item) -> str:
    lines = []
    for place, hit in enumerate(item.record.passages[: measures.TOP], 1):
        where = " > ".join((hit.title, *hit.headings))
        line = f"{place}. {hit.period or '-'} {hit.status} {where}\n   {hit.text}"
        relevant = item.judgement.is_relevant(hit.passage_id, hit.document_id)
        lines.append(f"<mark>{_text(line)}</mark>" if relevant else _text(line))
    return "\n".join(lines) or "none"


def terminal_table(scores: Scores) -> str:
    """Return the scores as a short table of text: all questions, then by corpus and language."""
    groups = [ALL, *scores.groups("corpus"), *scores.groups("lang")]
    lines = [f"{'':22}" + "".join(f"{group.key or 'all':>12}" for group in groups)]
    for name, measure in BY_NAME.items():
        cells = [scores.find(name, group) for group in groups]
        if cells[0]:
            shown = "".join(f"{value_text(measure, cell.value) if cell else '–':>12}" for cell in cells)
            ends = f"{value_text(measure, cells[0].low)} – {value_text(measure, cells[0].high)}"
            lines.append(f"{name:22}{shown}   [{ends}]  n {cells[0].n}")
    return "\n".join(lines)
