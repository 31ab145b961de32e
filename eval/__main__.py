"""The benchmark's command line: `python -m eval`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from tqdm import tqdm

from corpus.decode import SourceError
from eval.ablations import ABLATIONS, DEFAULT, Configuration, configuration
from eval.asking import ServiceError
from eval.bench import Bench, Progress, run
from eval.cases import QuestionFileError
from eval.compare import Comparison, ComparisonError, compare
from eval.corpora import DISTRICT, CorpusError
from eval.records import RecordError
from eval.report import make_report, terminal_table
from eval.results import RESULTS, make_results, read_run
from eval.runs import Finished, Job, RunError, read_info
from eval.scores import ScoresError, read_scores
from eval.suites import SPLITS, open_suites, shipped
from eval.table import BY_NAME
from index.encoder import ModelError
from index.store import StoreError
from rag.settings import Settings, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eval.scores import Scores

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

#: Exit codes: a gate was missed; the input cannot be used; the run could not be made to its end.
MISSED, BAD_INPUT, STOPPED = 1, 2, 3


class InputError(ValueError):
    """Options that cannot be used as given, or not together."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The least (for measures where less is better, the most) that a measure may be."""

    measure: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Gate:
        """Read `MEASURE=VALUE`, the value a share (0.8) or in seconds."""
        name, _, value = text.partition("=")
        if name not in BY_NAME:
            raise InputError(f"--fail-under {text}: there is no measure {name!r}; known are {', '.join(BY_NAME)}")
        try:
            return cls(name, float(value))
        except ValueError:
            raise InputError(f"--fail-under {text}: wanted MEASURE=VALUE, such as correct=0.8") from None

    def missed_by(self, scores: Scores) -> str | None:
        """Return how scores miss the gate, None where they do not; a measure without a value misses it."""
        found = scores.find(self.measure)
        if found is None:
            return f"{self.measure} has no value in this run, wanted {self.bound}"
        low_is_good = BY_NAME[self.measure].low_is_good
        if found.value > self.bound if low_is_good else found.value < self.bound:
            return f"{self.measure} is {found.value:.4f}, wanted at {'most' if low_is_good else 'least'} {self.bound}"
        return None


class _Bars(Progress):
    """Progress on standard error."""

    def building(self, corpus: str) -> Callable[[int, int], object]:
        bar = tqdm(desc=f"index of {corpus}", unit="text", delay=1, **_bar())

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)
            if done >= total:
                bar.close()

        return report

    def asking(self, total: int) -> Callable[[], object]:
        return tqdm(total=total, desc="asking", unit="question", **_bar()).update


def _bar() -> dict[str, Any]:
    """Return how progress is shown: on standard error, and where no terminal is there to redraw it, rarely."""
    return {"file": sys.stderr, "mininterval": 0.1 if sys.stderr.isatty() else 10}


@app.command()
def main(
    questions: Annotated[
        list[Path] | None,
        typer.Argument(help="Question files, SQuAD-style .json, BEIR-style folders; all shipped files by default."),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only the shipped files of this split: dev or test.")] = None,
    against: Annotated[Path | None, typer.Option(metavar="RUN", help="Compare with the run in this folder.")] = None,
    config: Annotated[str, typer.Option(metavar="NAME", help="A named configuration.")] = DEFAULT.name,
    generator: Annotated[Writer | None, typer.Option(help="What writes the answers, as in the settings.")] = None,
    corpus: Annotated[str, typer.Option(metavar="NAME", help="Ask all question files of this corpus.")] = "",
    url: Annotated[str, typer.Option(help="Ask the service at this address instead of this process.")] = "",
    key: Annotated[str, typer.Option(help="Key of the service.", envvar="DISTRICT_QA_EVAL_KEY")] = "",
    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with the run in this folder.")] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="MEASURE=VALUE", help="Exit with 1 where a measure is worse; may be repeated."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many questions of each file.")] = None,
    passages_only: Annotated[bool, typer.Option("--passages-only", help="Retrieve only; nothing is answered.")] = False,
    ablations: Annotated[
        bool, typer.Option("--ablations", help="Run every named configuration, then make eval/RESULTS.md.")
    ] = False,
    results: Annotated[
        bool, typer.Option("--results", help="Make eval/RESULTS.md from the run folders given.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print scores as JSON for programs.")] = False,
) -> None:
    """Run the benchmark: ask every question, score what comes back, write one folder with a report."""
    paths, gates = list(questions or []), [Gate.parse(text) for text in fail_under or []]
    if results:
        _write_results(paths)
        return
    settings = Settings()
    if ablations:
        _require_alone("--ablations", resume=resume, url=url, against=against, gates=gates, config=config != "default")
        _ablate(_question_paths(paths, split, url), settings, corpus, limit, not passages_only)
        return
    earlier = read_scores(against / "scores.json") if against else None
    if resume:
        _require_alone(
            "--resume",
            questions=paths,
            split=split,
            url=url,
            corpus=corpus,
            limit=limit,
            config=config != "default",
            passages_only=passages_only,
        )
        job = _begun(resume, settings)
    else:
        chosen = configuration_or_input_error(config)
        if url:
            _require_alone("--url", config=config != "default", generator=generator, passages_only=passages_only)
        chosen = chosen.writing_by(generator.value) if generator else chosen
        job = _job(_question_paths(paths, split, url), settings, chosen, corpus, limit, url, not passages_only)
    finished = _make(job, Bench(), resume, key)
    comparison = compare(earlier, finished.scores) if earlier else None
    _tell(finished, comparison, against.name if against else "", as_json)
    missed = [reason for gate in gates for reason in [gate.missed_by(finished.scores)] if reason]
    for reason in missed:
        _say(f"missed: {reason}")
    if missed:
        raise typer.Exit(MISSED)


def configuration_or_input_error(name: str) -> Configuration:
    """Return a configuration by name; InputError where there is none."""
    try:
        return configuration(name)
    except ValueError as error:
        raise InputError(str(error)) from error


def _require_alone(option: str, **others: object) -> None:
    given = [name for name, value in others.items() if value]
    if given:
        raise InputError(f"{option} cannot be used together with {', '.join(given)}")


def _question_paths(paths: Sequence[Path], split: str | None, url: str) -> list[Path]:
    """Return the files to ask; of the shipped ones a service is asked only those about the district."""
    if split is not None and split not in SPLITS:
        raise InputError(f"--split {split}: wanted {' or '.join(SPLITS)}")
    if paths:
        if split:
            raise InputError("--split chooses among the shipped files; leave it out, or the files")
        return list(paths)
    found = shipped(split)
    return [path for path in found if path.name.startswith(DISTRICT)] if url else found


def _job(
    paths: Sequence[Path],
    settings: Settings,
    config: Configuration,
    corpus: str,
    limit: int | None,
    url: str = "",
    answers: bool = True,
) -> Job:
    applied = config.apply(settings)
    opened = open_suites(paths, applied, corpus or None, limit)
    if url and len(opened.corpora) > 1:
        raise InputError(f"a service has one corpus, these files are about {', '.join(opened.corpora)}; give one")
    return Job(opened, config, applied, answers, url, corpus, limit)


def _begun(folder: Path, settings: Settings) -> Job:
    """Return the job of a run that was begun, from its own run.json."""
    info = read_info(folder)
    paths = [Path(file.path) for file in info.files]
    config = configuration_or_input_error(info.config)
    return _job(paths, settings, config, info.corpus, info.limit, info.url, info.answers)


def _make(job: Job, bench: Bench, resume: Path | None, key: str = "") -> Finished:
    try:
        return run(job, bench, _Bars(), resume, key or None)
    except KeyboardInterrupt:
        raise RunError("interrupted before the first question was asked") from None


def _tell(finished: Finished, comparison: Comparison | None, against: str, as_json: bool) -> None:
    report = make_report(finished, comparison, against)
    (finished.folder / "report.html").write_text(report, encoding="utf-8")
    if as_json:
        values = {score.measure: score.value for score in finished.scores.scores if score.group.kind == "all"}
        typer.echo(json.dumps({"run": str(finished.folder), "scores": values}, indent=1))
    else:
        typer.echo(terminal_table(finished.scores))
    if comparison and not as_json:
        typer.echo(_verdict(comparison, against))
    for warning in finished.info.warnings:
        _say(f"warning: {warning}")
    _say(f"run: {finished.folder}\nreport: {finished.folder / 'report.html'}")


def _verdict(comparison: Comparison, against: str) -> str:
    # Seconds differ between any two runs, by what else the machine had to do; the report has them.
    changed = [
        d
        for d in comparison.differences
        if d.group.kind == "all" and d.change.significant and not BY_NAME[d.measure].seconds
    ]
    lines = [
        f"against {against}: {len(comparison.better)} questions better, {len(comparison.worse)} worse "
        f"(by {comparison.deciding}, of {comparison.shared}); significant differences: {len(changed)}"
    ]
    lines += [f"  {d.measure:22}{d.change.before:8.4f} -> {d.change.after:8.4f}  p {d.change.p:.3f}" for d in changed]
    return "\n".join(lines)


def _ablate(paths: Sequence[Path], settings: Settings, corpus: str, limit: int | None, answers: bool) -> None:
    bench, folders = Bench(), []
    for config in ABLATIONS:
        _say(f"configuration {config.name}: {config.meaning}")
        finished = _make(_job(paths, settings, config, corpus, limit, answers=answers), bench, None)
        (finished.folder / "report.html").write_text(make_report(finished), encoding="utf-8")
        folders.append(finished.folder)
    _write_results(folders)


def _write_results(folders: Sequence[Path]) -> None:
    RESULTS.write_text(make_results([read_run(folder) for folder in folders]), encoding="utf-8")
    _say(f"written: {RESULTS}")


def _say(line: str) -> None:
    """Tell a person what is happening; standard output stays for results."""
    print(line, file=sys.stderr, flush=True)


def start() -> None:
    """Run the command; a fault that we understand is one line, and tells by its exit code what kind it is."""
    code = BAD_INPUT
    try:
        app()
    except (InputError, QuestionFileError, CorpusError, ScoresError, ComparisonError, ValidationError) as error:
        _say(f"eval: {error}")
    except (RunError, RecordError, ServiceError, StoreError, ModelError, SourceError, OSError) as error:
        _say(f"eval: {error}")
        code = STOPPED
    sys.exit(code)


if __name__ == "__main__":
    start()
