"""A judge against tampering: `python -m eval.tamper` makes `eval/TAMPER.md`.

Sentences of extractive answers to the `dev` questions stand for what a faithful model writes. Each is falsified in one
way at a time and goes through everything that a language model's sentence goes through before it is shown. A falsified
sentence is caught where it is not shown, or not with the citation that it was given; a faithful one is touched where
it is not shown as it is.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.glossary import NAMES, load_glossary
from corpus.quantities import Unit, quantities
from eval.cases import read_cases
from index.store import open_index
from rag import assemble
from rag.generate import ExtractiveGenerator, Statement
from rag.settings import Settings
from rag.types import Draft, Language
from rag.wording import STATUS_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from corpus.glossary import Glossary
    from rag.pipeline import Pipeline
    from rag.types import Evidence, Question
    from rag.write import WritingGenerator

RESULTS = Path(__file__).with_name("TAMPER.md")
QUESTIONS = tuple(sorted((Path(__file__).with_name("questions")).glob("district-dev.jsonl")))
#: What is aimed at: so much of the falsified sentences caught, so much of the faithful ones touched.
LEAST_CAUGHT, MOST_TOUCHED = 0.98, 0.02


class Kind(StrEnum):
    """How a sentence is falsified."""

    DIGIT = "a digit changed"
    UNIT = "a unit changed"
    EXCHANGE = "two figures exchanged"
    YEAR = "a year changed"
    CITATION = "another citation"
    NAME = "an invented name"
    STATUS = "a result called target, or a target result"


class Faithful(StrEnum):
    """How a sentence says what its evidence says."""

    AS_IT_IS = "word for word"
    FREELY = "one clause by itself"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A faithful sentence: what it was asked for, all evidence that was kept, and the number of its own."""

    question: Question
    kept: tuple[Evidence, ...]
    number: int
    text: str

    @property
    def own(self) -> Evidence:
        """The evidence that it rests on."""
        return self.kept[self.number - 1]


@dataclass(frozen=True, slots=True)
class Trial:
    """A sentence as it was written, with the number that it cites."""

    kind: Kind | Faithful
    sentence: Sentence
    text: str
    number: int


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


def faithful(pipeline: Pipeline, extractive: ExtractiveGenerator, questions: Sequence[str]) -> Iterator[Sentence]:
    """Yield the sentences of extractive answers, each text once; those without an English edition are left out."""
    seen: set[str] = set()
    for text in questions:
        trace = pipeline.trace(text)
        kept = tuple(item for item in trace.evidence if item.kept)
        if trace.answer.refusal is not None or trace.notes or len(kept) < 1:
            continue
        for statement in extractive.compose(trace.question, kept):
            if statement.text not in seen and "No English translation" not in statement.text:
                seen.add(statement.text)
                yield Sentence(trace.question, kept, kept.index(statement.evidence) + 1, statement.text)


_CLAUSE = re.compile(r"[，；;。]|,(?!\d)|(?<!No)\.(?=\s|$)")


def told_freely(sentence: Sentence) -> Sentence | None:
    """Return one clause with a figure, told by itself with its year, as a summary would; None where there is none."""
    frame, language = sentence.own.frame, sentence.question.language
    clauses = [
        clause.strip().removeprefix("and ")
        for clause in _CLAUSE.split(re.sub(r"^[【\[][^】\]]+[】\]]\s*", "", sentence.text))
    ]
    found = [
        clause
        for clause in clauses
        if 5 < len(clause) < 120 and any(q.unit is not Unit.YEAR for q in quantities(clause))
    ]
    if len(clauses) < 2 or not found or frame.period is None or frame.period.first != frame.period.last:
        return None
    said = f"{frame.period}年{found[0]}。" if language is Language.ZH else f"In {frame.period}, {found[0]}."
    return replace(sentence, text=said)


# --- falsifying --------------------------------------------------------------------------------------------------


def falsify(kind: Kind, sentence: Sentence, glossary: Glossary, chance: random.Random) -> Trial | None:
    """Return a sentence falsified in one way, None where it offers no place for it."""
    if kind is Kind.CITATION:
        others = [n for n, item in enumerate(sentence.kept, 1) if item.text != sentence.own.text]
        return Trial(kind, sentence, sentence.text, chance.choice(others)) if others else None
    changed = _CHANGES[kind](sentence, glossary, chance)
    return None if changed in (None, sentence.text) else Trial(kind, sentence, str(changed), sentence.number)


def _digit(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text = sentence.text
    spans = [(q.start, q.end) for q in quantities(text) if q.unit not in (Unit.YEAR, Unit.DATE)]
    places = [at for start, end in spans for at in range(start, end) if text[at] in "0123456789"]
    if not places:
        return None
    at = chance.choice(places)
    return text[:at] + chance.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]


def _exchange(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    """Exchange two figures of one kind."""
    text = sentence.text
    found = [q for q in quantities(text) if q.unit not in (Unit.YEAR, Unit.DATE) and text[q.start : q.end].strip()]
    pairs = [
        (a, b) for a, b in combinations(found, 2) if (a.unit, a.measure) == (b.unit, b.measure) and a.end <= b.start
    ]
    pairs = [(a, b) for a, b in pairs if a.ends != b.ends and a.value != b.value]
    if not pairs:
        return None
    a, b = chance.choice(pairs)
    one, other = text[a.start : a.end], text[b.start : b.end]
    return text[: a.start] + other + text[a.end : b.start] + one + text[b.end :]


#: A unit, behind a figure, and what it is changed for.
_UNITS = {
    Language.ZH: [
        ("亿美元", "亿元"), ("万美元", "万元"), ("亿元", "万元"), ("亿元", "亿美元"), ("万元", "亿元"), ("亿", "万"),
        ("个百分点", "%"), ("%", "个百分点"), ("万平方米", "平方米"), ("平方米", "公顷"), ("公里", "米"), ("万", "亿"),
        ("平方公里", "平方米"), ("户", "平方米"), ("小时", "天"),
    ],
    Language.EN: [
        ("million", "billion"), ("billion", "million"), ("percentage points", "percent"), ("%", " percentage points"),
        ("percent", "percentage points"), ("square meters", "hectares"), ("kilometers", "meters"), ("hours", "days"),
        ("square metres", "hectares"), ("km", "m"),
    ],
}  # fmt: skip


def _unit(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text, found = sentence.text, []
    for unit, other in _UNITS[sentence.question.language]:
        # A longer unit that begins alike is another one: 亿美元 is not 亿.
        longer = [
            one[len(unit) :] for one, _ in _UNITS[sentence.question.language] if one != unit and one.startswith(unit)
        ]
        end = "".join(f"(?!{re.escape(rest)})" for rest in longer)
        for match in re.finditer(rf"(?<=\d)(\s?){re.escape(unit)}{end}(?![a-z])", text):
            found.append(text[: match.start()] + match[1] + other + text[match.end() :])
    for sign, other in (("RMB", "USD"), ("USD", "RMB"), ("US$", "RMB ")):
        found += [text.replace(sign, other, 1)] if re.search(rf"{re.escape(sign)}\s?\d", text) else []
    return chance.choice(found) if found else None


def _year(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text = sentence.text
    years = list(re.finditer(r"(?<!\d)20\d\d(?!\d)", text))
    if not years:
        return None
    match = chance.choice(years)
    held = {int(year[0]) for year in years}
    other = chance.choice([y for offset in (-2, -1, 1, 2) if (y := int(match[0]) + offset) not in held])
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


#: Names that stand in no document.
_INVENTED = {
    Language.ZH: ["星河湾科技公司", "腾岳集团", "周启明", "临江镇", "梧桐大道广场", "东明大学", "海曙区", "恒瑞达医院"],
    Language.EN: [
        "Starbay Technologies",
        "Tengyue Group",
        "Zhou Qiming",
        "Linjiang Town",
        "Dongming University",
        "Hengrui Hospital",
    ],
}
_INSERTED = {
    Language.ZH: ["，由{}承担", "，{}参与其中", "，其中包括{}"],
    Language.EN: [", led by {}", " together with {}", ", including {}"],
}


def _name(sentence: Sentence, glossary: Glossary, chance: random.Random) -> str | None:
    text, language = sentence.text, sentence.question.language
    invented = chance.choice(_INVENTED[language])
    find = glossary.find_chinese if language is Language.ZH else glossary.find_english
    named = [m for m in find(text) if all(term.kind in NAMES for term in m.terms)]
    if named and chance.random() < 0.5:
        match = chance.choice(named)
        return text[: match.start] + invented + text[match.end :]
    body = text.rstrip("。.;；")
    return body + chance.choice(_INSERTED[language]).format(invented) + text[len(body) :]


#: Words that tell a result, and what makes a target of them; the other way round below.
_AIMED = {
    Language.ZH: [
        ("预计完成", "目标是完成"), ("预计", "力争"), ("完成", "计划完成"), ("新增", "将新增"), ("实现", "力争实现"),
        ("增长", "目标增长"), ("建成", "计划建成"), ("达到", "力争达到"),
    ],
    Language.EN: [
        (" grew ", " is to grow "), (" was ", " will be "), (" were ", " will be "), (" reached ", " is targeted at "),
        (" rose ", " is planned to rise "), (" completed", " planned to complete"), (" built", " planned to build"),
        (" added", " will be added"),
    ],
}  # fmt: skip
_REACHED = {
    Language.ZH: [
        ("计划", "已"), ("力争", "已"), ("确保", "已"), ("将", "已"), ("目标", "实际"), ("新增", "已新增"),
        ("完成", "已完成"), ("推进", "已推进"),
    ],
    Language.EN: [
        (" will be ", " was "), (" plan to ", " have "), (" aim to ", " have "), (" will ", " have already "),
        ("target", "actual result"), (" strive to ", " have already "), (" to be ", " were "),
    ],
}  # fmt: skip


def _status(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text, language, status = sentence.text, sentence.question.language, sentence.own.frame.status
    if not (status.is_result or status.is_intent):
        return None
    labels = STATUS_LABEL[language]
    other = "目标" if language is Language.ZH else "target"
    if status.is_intent:
        other = "实际" if language is Language.ZH else "result"
    label = re.match(r"[【\[][^】\]]+[】\]]", text)
    if label and labels[status] in label[0] and chance.random() < 0.5:
        return text.replace(labels[status], other, 1)
    pairs = (_AIMED if status.is_result else _REACHED)[language]
    body = label.end() if label else 0
    found = [text[:body] + text[body:].replace(old, new, 1) for old, new in pairs if old in text[body:]]
    return chance.choice(found) if found else None


_CHANGES: dict[Kind, Callable[[Sentence, Glossary, random.Random], str | None]] = {
    Kind.DIGIT: _digit,
    Kind.UNIT: _unit,
    Kind.EXCHANGE: _exchange,
    Kind.YEAR: _year,
    Kind.NAME: _name,
    Kind.STATUS: _status,
}


# --- judging -----------------------------------------------------------------------------------------------------


def judge(trial: Trial, writing: WritingGenerator, model: Recital) -> tuple[bool, str]:
    """Return whether a sentence was shown as it was given, with its citation; and what became of it."""
    model.says = f"{trial.text}[{trial.number}]"
    steps = list(writing.compose(trial.sentence.question, trial.sentence.kept))
    shown = [step for step in steps if isinstance(step, Statement) and step.is_written]
    fates = [f"{step.fate} {step.why}".strip() for step in steps if isinstance(step, Draft) and step.raw]
    cited = {_place(item) for statement in shown for item in (statement.evidence, *statement.also)}
    given = trial.sentence.kept[trial.number - 1]
    # A label put before a sentence changes nothing of it.
    stays = _bare(" ".join(s.text for s in shown)).endswith(_bare(trial.text)) and _place(given) in cited
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
    count: Annotated[int, typer.Option(min=len(Kind), help="Falsified sentences.")] = 200,
    seed: Annotated[int, typer.Option(help="Chooses sentences and places.")] = 8,
    out: Annotated[Path, typer.Option(help="Where the report goes.")] = RESULTS,
    shown: Annotated[bool, typer.Option(help="Print what was not caught, and what was touched.")] = False,
) -> None:
    """Falsify sentences, judge them, and write the report; exits with 1 where an aim is missed."""
    settings = Settings()
    glossary = load_glossary()
    extractive = ExtractiveGenerator(assemble.make_translations(settings), glossary)
    pipeline = assemble.make_pipeline(settings, assemble.make_encoder(settings))
    questions = [case.question for path in QUESTIONS for case in read_cases(path)]
    sentences = list(faithful(pipeline, extractive, questions))
    model = Recital()
    writing = assemble.make_writing(model, open_index(settings.index_dir), settings)
    true = [Trial(Faithful.AS_IT_IS, sentence, sentence.text, sentence.number) for sentence in sentences]
    freely = filter(None, map(told_freely, sentences))
    true += [Trial(Faithful.FREELY, sentence, sentence.text, sentence.number) for sentence in freely]
    tallies: dict[Kind | Faithful, Tally] = {}
    for trial in (*make_trials(sentences, glossary, count, seed), *true):
        stays, fate = judge(trial, writing, model)
        before = tallies.get(trial.kind, Tally())
        tallies[trial.kind] = Tally(before.trials + 1, before.stayed + stays)
        if shown and stays != isinstance(trial.kind, Faithful):
            typer.echo(f"{trial.kind}: {trial.text} [{trial.number}] -> {fate or 'shown'}")
            typer.echo(f"    own: {trial.sentence.own.text}")
    report, is_met = make_report(tallies, count, seed)
    out.write_text(report, encoding="utf-8")
    typer.echo(report)
    raise typer.Exit(0 if is_met else 1)


def make_report(tallies: dict[Kind | Faithful, Tally], count: int, seed: int) -> tuple[str, bool]:
    """Return the report, and whether both aims are met."""
    kinds = [(kind, tallies.get(kind, Tally())) for kind in Kind]
    faithful_ones = [(kind, tallies.get(kind, Tally())) for kind in Faithful]
    false = Tally(sum(t.trials for _, t in kinds), sum(t.stayed for _, t in kinds))
    true = Tally(sum(t.trials for _, t in faithful_ones), sum(t.stayed for _, t in faithful_ones))
    lines = [
        "# Tampering",
        "",
        f"Written by `python -m eval.tamper --count {count} --seed {seed}`; the command tells what is done. The",
        "sentences come from extractive answers to the district's `dev` questions. They are falsified mechanically,",
        "one thing at a time: what a model gets wrong in several ways at once, or in its own words, is not measured.",
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
