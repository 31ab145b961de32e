"""A judge against tampering: `python -m eval.tamper` makes `eval/TAMPER.md`.

Sentences of extractive answers to the `dev` questions stand for what a faithful model writes. Each is falsified in one
way at a time and goes through everything that a language model's sentence goes through before it is shown. A falsified
sentence is caught where it is not shown, or not with the citation that it was given; a faithful one is touched where
it is not shown as it is.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.glossary import load_glossary
from eval.cases import fold, read_cases
from eval.corpora import corpus_name, index_settings
from eval.falsify import Faithful, Kind, Sentence, Trial, falsify, told_freely, told_together
from eval.suites import QUESTIONS
from index.store import open_index
from rag import assemble
from rag.generate import ExtractiveGenerator, Statement
from rag.settings import Settings
from rag.types import Draft, Language

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from corpus.glossary import Glossary
    from corpus.translations import Translations
    from eval.cases import Case
    from rag.pipeline import Pipeline
    from rag.types import Evidence
    from rag.write import WritingGenerator

RESULTS = Path(__file__).with_name("TAMPER.md")
#: What is aimed at: so much of the falsified sentences caught, so much of the faithful ones touched.
LEAST_CAUGHT, MOST_TOUCHED = 0.98, 0.02

#: Types of question whose gold answers reckon or contradict, which is more than their evidence says.
_BEYOND = frozenset(("comparison", "trend", "false_premise"))


class Recital:
    """A LanguageModel that says what it was given to say."""

    name, room = "recital", 100_000

    def __init__(self) -> None:
        self.says = ""

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        """Yield it."""
        yield self.says

    def count(self, text: str) -> int:
        """Return a number of tokens."""
        return len(text)

    def check(self) -> None:
        """It is always there."""


def faithful(
    pipeline: Pipeline, extractive: ExtractiveGenerator, english: Translations, cases: Sequence[Case]
) -> Iterator[Sentence]:
    """Yield the sentences of extractive answers, and gold answers whose evidence is at hand; each text once.

    Those without an English edition are left out, and questions that are refused or go on with a conversation.
    """
    seen: set[str] = set()
    for case in cases:
        trace = pipeline.trace(case.question)
        kept = tuple(item for item in trace.evidence if item.kept)
        if trace.answer.refusal is not None or trace.notes or not kept or case.history:
            continue
        told = [
            Sentence(trace.question, kept, (kept.index(statement.evidence) + 1,), statement.text, statement.text)
            for statement in extractive.compose(trace.question, kept)
            if trace.question.language is Language.ZH or english.lookup(statement.evidence.text)
        ]
        own = tuple(
            n
            for n, item in enumerate(kept, 1)
            if any(fold(item.text) in fold(e) or fold(e) in fold(item.text) for e in case.evidence)
        )
        if own and case.answer and case.type not in _BEYOND:
            told.append(Sentence(trace.question, kept, own, case.answer, "", Faithful.ANSWER))
        for sentence in told:
            if sentence.text not in seen:
                seen.add(sentence.text)
                yield sentence


def told_otherwise(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return what extractive answers say told more freely, see `Faithful`; each text once."""
    freely = [told for sentence in sentences if sentence.how is Faithful.AS_IT_IS and (told := told_freely(sentence))]
    return [*freely, *{told.text: told for told in told_together(freely)}.values()]


def judge(trial: Trial, writing: WritingGenerator, model: Recital) -> tuple[bool, str]:
    """Return whether a sentence was shown as it was given, with its citations; and what became of it."""
    model.says = trial.text + "".join(f"[{number}]" for number in trial.numbers)
    steps = list(writing.compose(trial.sentence.question, trial.sentence.kept))
    shown = [step for step in steps if isinstance(step, Statement) and step.is_written]
    fates = [f"{step.fate} {step.why}".strip() for step in steps if isinstance(step, Draft) and step.raw]
    cited = {_place(item) for statement in shown for item in (statement.evidence, *statement.also)}
    given = {_place(trial.sentence.kept[number - 1]) for number in trial.numbers}
    # A label put before a sentence changes nothing of it.
    stays = _bare(" ".join(s.text for s in shown)).endswith(_bare(trial.text)) and given <= cited
    return stays, "; ".join(fates)


def _place(item: Evidence) -> tuple[str, int]:
    return item.hit.passage.id, item.sentence


def _bare(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True, slots=True)
class Tally:
    """Trials of one kind, and how many of them were shown as they were."""

    trials: int = 0
    stayed: int = 0

    @property
    def caught(self) -> float:
        """Share of those not shown as they were; 0 where there were none."""
        return (self.trials - self.stayed) / self.trials if self.trials else 0.0


def make_trials(sentences: Sequence[Sentence], glossary: Glossary, count: int, seed: int) -> list[Trial]:
    """Return about `count` falsified sentences, as many of each kind, taking turns between the languages."""
    chance = random.Random(seed)
    by_language = [[s for s in sentences if s.question.language is language] for language in Language]
    trials: list[Trial] = []
    for kind in Kind:
        wanted = count // len(Kind) + (list(Kind).index(kind) < count % len(Kind))
        made: list[Trial] = []
        for own in by_language:
            found = (falsify(kind, sentence, glossary, chance) for sentence in chance.sample(own, len(own)))
            most = (wanted + 1) // 2 if not made else wanted - len(made)
            made += [trial for trial in found if trial][:most]
        trials += made
    return trials


def main(
    questions: Annotated[Path, typer.Argument(help="What is asked.")] = QUESTIONS / "district-dev.jsonl",
    count: Annotated[int, typer.Option(min=len(Kind), help="Falsified sentences, at most.")] = 650,
    seed: Annotated[int, typer.Option(help="Chooses sentences and places.")] = 8,
    out: Annotated[Path, typer.Option(help="Where the report goes.")] = RESULTS,
    shown: Annotated[bool, typer.Option(help="Print what was not caught, and what was touched.")] = False,
) -> None:
    """Falsify sentences, judge them, and write the report; exits with 1 where an aim is missed.

    What is asked of another corpus than the district needs its index: run `python -m eval` over the file once.
    """
    encoder = assemble.make_encoder(Settings())
    settings, glossary = index_settings(Settings(), corpus_name(questions)), load_glossary()
    english = assemble.make_translations(settings)
    extractive = ExtractiveGenerator(english, glossary)
    pipeline = assemble.make_pipeline(settings, encoder)
    sentences = list(faithful(pipeline, extractive, english, read_cases(questions)))
    sentences += told_otherwise(sentences)
    model = Recital()
    writing = assemble.make_writing(model, open_index(settings.index_dir), settings)
    true = [Trial(sentence.how, sentence, sentence.text, sentence.numbers) for sentence in sentences]
    trials, stayed = Counter[Kind | Faithful](), Counter[Kind | Faithful]()
    for trial in (*make_trials(sentences, glossary, count, seed), *true):
        stays, fate = judge(trial, writing, model)
        trials[trial.kind] += 1
        stayed[trial.kind] += stays
        if shown and stays != isinstance(trial.kind, Faithful):
            typer.echo(f"{trial.kind}: {trial.text} {list(trial.numbers)} -> {fate or 'shown'}")
            typer.echo(f"    own: {' / '.join(item.text for item in trial.sentence.own)}")
    tallies = {kind: Tally(trials[kind], stayed[kind]) for kind in trials}
    report, is_met = make_report(tallies, f"{questions.name} --count {count} --seed {seed}")
    out.write_text(report, encoding="utf-8")
    typer.echo(report)
    raise typer.Exit(0 if is_met else 1)


def make_report(tallies: dict[Kind | Faithful, Tally], options: str) -> tuple[str, bool]:
    """Return the report, and whether both aims are met."""
    kinds = [(kind, tallies.get(kind, Tally())) for kind in Kind]
    faithful_ones = [(kind, tallies.get(kind, Tally())) for kind in Faithful]
    false = Tally(sum(t.trials for _, t in kinds), sum(t.stayed for _, t in kinds))
    true = Tally(sum(t.trials for _, t in faithful_ones), sum(t.stayed for _, t in faithful_ones))
    lines = [
        "# Tampering",
        "",
        f"Written by `python -m eval.tamper {options}`; `eval/falsify.py` tells what is done. The",
        "sentences come from extractive answers to these questions, word for word or told more freely. They are",
        "falsified mechanically, one thing at a time: what a model gets wrong in several ways at once, or in its own",
        "words, is not measured.",
        "",
        f"- Caught: {false.caught:.1%} of {false.trials} falsified sentences (aim: at least {LEAST_CAUGHT:.0%}).",
        f"- Touched: {true.caught:.1%} of {true.trials} faithful sentences (aim: at most {MOST_TOUCHED:.0%}).",
        "",
        "| falsified sentences | trials | caught |",
        "|---|---|---|",
        *(f"| {name} | {tally.trials} | {tally.caught:.1%} |" for name, tally in kinds),
        "",
        "| faithful sentences | trials | touched |",
        "|---|---|---|",
        *(f"| {name} | {tally.trials} | {tally.caught:.1%} |" for name, tally in faithful_ones),
    ]
    return "\n".join(lines) + "\n", false.caught >= LEAST_CAUGHT and true.caught <= MOST_TOUCHED


if __name__ == "__main__":
    typer.run(main)
