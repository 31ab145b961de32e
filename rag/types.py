"""What travels between the parts: question, hits, citations, answer, trace.

`Answer` is also the promised JSON object of a batch line and of the API; see `answer_json`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from corpus.glossary import NAMES, REGION
from corpus.quantities import Quantity
from corpus.translations import TranslationKind
from corpus.types import Passage, Period, Sentence, Status
from index.filter import EVERYTHING, Filter


class Language(StrEnum):
    """The languages questions are asked and answered in."""

    ZH = "zh"
    EN = "en"


class Kind(StrEnum):
    """What kind of answer a question wants."""

    AMOUNT = "amount"
    SHARE = "share"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    LIST = "list"
    REASON = "reason"
    YES_NO = "yes_no"
    TREND = "trend"
    COMPARISON = "comparison"
    OTHER = "other"


class Wants(StrEnum):
    """Whether a question wants what was reached or what is aimed at, and how clearly it says so."""

    RESULT = "result"
    TARGET = "target"
    BOTH = "both"
    RATHER_RESULT = "rather_result"  #: by its tense only
    RATHER_TARGET = "rather_target"
    ANY = "any"

    def fits(self, status: Status) -> bool:
        """Return whether a claim of this status is of the wanted sort; one of no status always is."""
        if status is Status.NONE or self in (Wants.ANY, Wants.BOTH):
            return True
        return status.is_intent == (self in (Wants.TARGET, Wants.RATHER_TARGET))


class Fact(StrEnum):
    """What a figure must be for a sentence to answer, where the question tells."""

    MONEY = "money"
    CNY = "cny"
    USD = "usd"
    SHARE = "share"  #: a percentage, points, a multiple
    COUNT = "count"
    PEOPLE = "people"
    AREA = "area"
    LENGTH = "length"
    MASS = "mass"
    DAY = "day"  #: month and day
    TIME = "time"  #: any point in time
    HOUR = "hour"  #: a time of the day
    CONTACT = "contact"  #: telephone, address, e-mail


class Reason(StrEnum):
    """Why there is no answer."""

    FILTERED_OUT = "filtered_out"  #: no passage fits the filter that was set
    NOT_FOUND = "not_found"  #: nothing in the documents fits
    NOT_STATED = "not_stated"  #: the matter is there, the kind of fact asked for is not
    OTHER_REGION = "other_region"  #: the matter is there, for another region only
    OTHER_PERIOD = "other_period"  #: the topic is there, the asked period is not
    ONLY_TARGET = "only_target"  #: a result is asked, the documents only have the target
    ONLY_RESULT = "only_result"  #: a target is asked, the documents only have the result
    NO_SUCH = "no_such"  #: the question names something that stands nowhere in the documents
    NOT_OURS = "not_ours"  #: it asks the assistant to be something else, or for its insides
    NOT_A_QUESTION = "not_a_question"  #: nothing to search for


class QuestionFault(StrEnum):
    """Why a question is not even read."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    HALF_CHARACTER = "half_character"  #: of a pair that stands for one character, only one came


#: Kinds of concepts beside those of the glossary: one of a counted series (第四届, phase two).
ORDINAL = "ordinal"
_EXACT = frozenset(("indicator", "company", "person", "institution", ORDINAL))


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing the question names, with every form it may have in a text.

    `kind` is that of the glossary, empty for a plain word; `start` is where in the question it stands. Forms are
    folded as `index.tokenize.normalise` folds. A `quantity` is looked for by its value, whatever its wording. An
    `aside` only tells who asks; documents need not know of it.
    """

    forms: tuple[str, ...]
    kind: str
    start: int
    quantity: Quantity | None = None
    aside: bool = False

    def end(self, text: str) -> int:
        """Return where it ends in the question; English words stand among its forms as stems."""
        end = self.start + len(self.forms[0])
        while self.forms[0].isascii() and text[end : end + 1].isascii() and text[end : end + 1].isalpha():
            end += 1
        return end

    @property
    def is_name(self) -> bool:
        """True for what there is only one of in the world."""
        return self.kind in NAMES

    @property
    def is_exact(self) -> bool:
        """True for what nothing like it can stand in for: who somebody is, an indicator, one of a series.

        Places, projects, policies and events are called by too many names to be among them; regions are looked at
        by themselves.
        """
        return self.kind in _EXACT and not self.aside

    @property
    def is_region(self) -> bool:
        """True for a district, city or province."""
        return self.kind == REGION

    @property
    def chinese(self) -> tuple[str, ...]:
        """The forms that can stand in a Chinese text: all that are not Latin words only."""
        return tuple(form for form in self.forms if not form.isascii())


@dataclass(frozen=True, slots=True)
class Question:
    """A question as typed, and what was read from it."""

    text: str
    language: Language
    periods: tuple[Period, ...]
    report_years: tuple[int, ...]  # the question names the report delivered in these years
    wants: Wants
    kind: Kind
    facts: tuple[Fact, ...]  # an answer must hold one of these; empty where that cannot be told
    event: str  # where a time is asked for: what is to have happened then, see `rag.facts.wanted_event`
    concepts: tuple[Concept, ...]
    focus: tuple[Concept, ...]  # of these, what an answer must speak of; empty where that cannot be told
    is_override: bool  # it tries to change what the assistant does, or asks for its insides
    is_for_advice: bool  # it asks what to do, or what will be
    standalone: str  # the question as it would be asked without the conversation before it
    also: tuple[str, ...] = ()  # further texts to search with, by a language model
    within: Filter = EVERYTHING  # set by who asks, not read from the words: nothing else may be found or quoted

    @property
    def regions(self) -> tuple[Concept, ...]:
        """The districts, cities and provinces named."""
        return tuple(concept for concept in self.concepts if concept.is_region)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation before a question; `role` is `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, its row in the index, its final score, and the parts that made it.

    `dense` and `keyword` are what each side of the search said, 0 to 1; `time` and `region` are the factors for how
    well it fits the asked period and status, and the asked district, city or province.
    """

    passage: Passage
    row: int
    score: float
    dense: float
    keyword: float
    time: float
    region: float = 1.0


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of the answer comes from, flat and ready to show.

    `quote` is a substring of the passage; `start` and `end` are its place in the document's text. `marked` is the
    quote with every restored character in brackets, `source_text` the quote as the source has it. `translation` is
    the unofficial English of the quote where an English answer shows it, `translation_kind` where it comes from:
    `machine` where a machine made any part of it. `title_translation` is the unofficial English of the title, with
    an English answer and where there is one.
    """

    marker: int
    passage_id: str
    document_id: str
    title: str
    delivered: str
    posted: tuple[str, ...]
    headings: tuple[str, ...]
    period: str | None
    status: Status
    quote: str
    marked: str
    source_text: str
    translation: str | None
    translation_kind: TranslationKind | None
    start: int
    end: int
    title_translation: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A ranked hit as it is shown to callers; `translation` is its unofficial English where English was asked.

    `translation_kind` is as in `Citation`.
    """

    passage_id: str
    document_id: str
    title: str
    headings: tuple[str, ...]
    period: str | None
    status: Status
    text: str
    source_text: str
    translation: str | None
    translation_kind: TranslationKind | None
    score: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, a sentence that says so, and what the documents hold that is nearest."""

    reason: Reason
    message: str
    nearest: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time spent, in seconds."""

    retrieve: float
    answer: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Either an answer with citations, or a refusal; never both, never neither.

    `standalone` is the question as it was understood, where that is not as it was typed: what a follow-up takes along
    from the conversation, names as they are spelt. `notice` tells a reader that something set up for answering was not
    to be had.
    """

    question: str
    language: Language
    status: str  # "answered" or "refused"
    answer: str | None
    refusal: Refusal | None
    citations: tuple[Citation, ...]
    passages: tuple[FoundPassage, ...]
    seconds: Seconds
    standalone: str | None = None
    notice: str | None = None

    def __post_init__(self) -> None:
        answered = bool(self.answer) and bool(self.citations) and self.refusal is None
        refused = self.answer is None and not self.citations and self.refusal is not None
        if not (answered if self.status == "answered" else refused):
            raise ValueError(f"an answer has citations or a refusal, never both or neither; status {self.status!r}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that was considered: its passage's hit, its place in the passage, its scores and its fate."""

    hit: Hit
    sentence: int
    score: float
    coverage: float
    time: float
    kept: bool
    why: str
    said: tuple[Concept, ...] = ()  # of the things asked for and of several regions, those that it speaks of

    @property
    def frame(self) -> Sentence:
        """The sentence in its document, with its period and status."""
        return self.hit.passage.sentences[self.sentence]

    @property
    def text(self) -> str:
        """The words of the sentence."""
        return self.hit.passage.sentence_text(self.frame)


class Fate(StrEnum):
    """What became of a sentence that a language model wrote."""

    UNFINISHED = "unfinished"  #: it is still being written
    SHOWN = "shown"
    CITED = "cited"  #: shown with other marks than its own
    QUOTED = "quoted"  #: it did not stand; the documents' own sentence is shown in its place
    DROPPED = "dropped"  #: it did not stand, and that sentence was there already
    DECLINED = "declined"  #: it says that the evidence does not answer
    FAILED = "failed"  #: no sentence: the model broke off, `why` tells the reason


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as a language model wrote it, its fate, and why; kept apart from what is shown."""

    raw: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that led to an answer; `drafts` is what a language model wrote for it, if one did."""

    question: Question
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    answer: Answer
    notes: tuple[str, ...] = field(default=())
    drafts: tuple[Draft, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Found:
    """The first step of an answer under way: the ranked passages."""

    passages: tuple[FoundPassage, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of an answer as it is shown; never taken back, all pieces together are `Answer.answer`.

    A refusal has none. A piece may be empty: a sign of life while a sentence is being written and checked.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The last step: the answer or refusal, with everything that led to it."""

    trace: Trace


#: A step of an answer under way.
Progress = Found | Text | Done

_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as the promised JSON object."""
    dumped: dict[str, Any] = _ANSWER.dump_python(answer, mode="json")
    return dumped
