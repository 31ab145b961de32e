"""What the page shows of exchanges, documents and indicators, as HTML."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from corpus.types import Status
from rag.types import Language
from rag.wording import TRANSLATION_NOTE, UNDERSTOOD, filter_label, kind_and_year, title_label
from ui.chat.cards import held_as_quoted, make_card
from ui.chat.chart import indicator_label, make_chart
from ui.chat.exchange import Exchange, State
from ui.chat.figures import Piece, Said, said
from ui.chat.plot import draw
from ui.chat.render import labels, render, status_class
from ui.logged import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from corpus.types import Document, Entry
    from rag.pipeline import Pipeline
    from rag.types import Answer
    from ui.chat.cards import Card
    from ui.chat.chart import Panel
    from ui.chat.sharing import Opened

#: Least share of a document's dated sentences for a year to be named among the periods that it covers.
_COVERED = 0.05
#: Documents listed at once, and offered to choose from.
MOST_LISTED, _MOST_CHOICES = 200, 100


@dataclass(frozen=True, slots=True)
class View:
    """An exchange with all that its template needs; `place` counts from 0, `told` is for screen readers."""

    exchange: Exchange
    place: str
    is_last: bool
    kind: str
    language: Language
    said: tuple[Said, ...]
    cards: tuple[Card, ...]
    understood: str
    within: str
    waiting: str
    note: str
    told: str
    plain: str

    @property
    def is_settled(self) -> bool:
        """True where nothing more is coming."""
        return self.exchange.state not in (State.SEARCHING, State.WRITING)


@dataclass(frozen=True, slots=True)
class Title:
    """A document's title as a page shows it: in English first where it has some, else with what it is."""

    original: str
    english: str = ""
    detail: str = ""

    @property
    def short(self) -> str:
        """One line of it."""
        return self.english or (f"{self.original} ({self.detail})" if self.detail else self.original)


def title_of(pipeline: Pipeline, language: Language, document_id: str, title: str) -> Title:
    """Return the title of a document for readers of a language; it may no longer be held."""
    if language is Language.ZH:
        return Title(title)
    if english := pipeline.english_heading(title):
        return Title(title, english)
    try:
        entry = pipeline.entry(document_id)
    except KeyError:
        return Title(title)
    return Title(title, detail=kind_and_year(language, entry.kind, str(entry.delivered)))


def exchange_html(
    pipeline: Pipeline, exchange: Exchange, place: int | str, language: Language, *, is_last: bool, is_live: bool
) -> str:
    """Return an exchange as HTML; one that is not `is_live` and not settled was interrupted."""
    if not is_live and exchange.state in (State.SEARCHING, State.WRITING):
        exchange = exchange.having(state=State.FAILED, fault=exchange.fault or labels(language)["interrupted"])
    view = _view(pipeline, exchange, str(place), language, is_last)
    return render(
        "exchange.html",
        language,
        view=view,
        drawn=_drawn,
        status_class=status_class,
        translation_note=TRANSLATION_NOTE,
        reasons=tuple(Why),
        title_of=partial(title_of, pipeline, language),
        open=False,
    )


def _view(pipeline: Pipeline, exchange: Exchange, place: str, language: Language, is_last: bool) -> View:
    answer, words = exchange.answer, labels(language)
    cited = () if answer is None else answer.refusal.nearest if answer.refusal else answer.citations
    receipt = exchange.receipt
    return View(
        exchange=exchange,
        place=place,
        is_last=is_last,
        kind="refused" if answer and answer.refusal else "failed" if exchange.state is State.FAILED else "answered",
        language=answer.language if answer else language,
        said=_said(pipeline, exchange),
        cards=tuple(make_card(pipeline, citation) for citation in cited),
        understood=UNDERSTOOD[language].format(question=answer.standalone) if answer and answer.standalone else "",
        within=filter_label(language, receipt.within) if receipt and receipt.within else "",
        waiting=_waiting(exchange, language),
        note=_note(exchange, language),
        told=words["ready"].format(count=len(cited)) if answer and not answer.refusal else words["refused"],
        plain=plain_text(answer) if answer else "",
    )


def _said(pipeline: Pipeline, exchange: Exchange) -> tuple[Said, ...]:
    answer = exchange.answer
    if answer is None:
        return (Said((Piece(exchange.text),), 0),) if exchange.text else ()
    if answer.refusal:
        return (Said((Piece(answer.refusal.message),), 0),)
    document = partial(held_as_quoted, pipeline)
    return tuple(said(answer.answer or "", answer.citations, document, answer.language))


def _waiting(exchange: Exchange, language: Language) -> str:
    words = labels(language)
    if exchange.state is State.WRITING:
        return words["writing"]
    if exchange.state is State.SEARCHING:
        return words["found"].format(count=exchange.found) if exchange.found else words["searching"]
    return ""


def _note(exchange: Exchange, language: Language) -> str:
    if exchange.answer is not None and exchange.answer.notice:
        return exchange.answer.notice
    if exchange.state is State.STOPPED:
        return labels(language)["stopped" if exchange.text else "stopped_empty"]
    return exchange.fault


def plain_text(answer: Answer) -> str:
    """Return an answer as a visitor copies it: its text, then a line for every source."""
    cited = answer.refusal.nearest if answer.refusal else answer.citations
    text = answer.refusal.message if answer.refusal else answer.answer or ""
    titles = [title_label(c.title, c.title_translation) for c in cited]
    lines = [
        f"[{c.marker}] {title} ({c.delivered}) {' › '.join(c.headings)}".rstrip()
        for c, title in zip(cited, titles, strict=True)
    ]
    return "\n".join([text, "", *lines]) if lines else text


def _drawn(panel: Panel) -> Markup:
    return Markup(draw(panel))  # made of figures only; nothing of a document is in it


def conversation_html(pipeline: Pipeline, conversation: Sequence[Exchange], language: Language) -> tuple[str, str]:
    """Return all exchanges but the last as HTML, and the last one."""
    if not conversation:
        return "", ""
    shown = [
        exchange_html(pipeline, exchange, place, language, is_last=place == len(conversation) - 1, is_live=False)
        for place, exchange in enumerate(conversation)
    ]
    return "".join(shown[:-1]), shown[-1]


def opened_html(pipeline: Pipeline, opened: Opened, language: Language) -> str:
    """Return a shared answer as HTML, with whether it is still the same."""
    words = labels(language)
    asked = opened.receipt.asked_at.strftime("%Y-%m-%d %H:%M UTC")
    if opened.is_same:
        note = words["shared_same"].format(asked=asked)
    elif opened.documents_changed or opened.program_changed:
        what = words["what_documents" if opened.documents_changed else "what_program"]
        note = words["shared_changed"].format(asked=asked, what=what)
    else:
        note = words["shared_differs"].format(asked=asked)
    shown = exchange_html(pipeline, opened.exchange, "shared", language, is_last=False, is_live=False)
    return render("shared.html", language, note=note, is_same=opened.is_same, exchange=Markup(shown))


def damaged_link_html(language: Language) -> str:
    """Return what is shown in place of a shared answer whose link cannot be read."""
    return render("shared.html", language, note=labels(language)["shared_bad"], is_same=False, exchange=Markup(""))


def indicators_html(pipeline: Pipeline, names: Iterable[str], language: Language) -> str:
    """Return what is reported of indicators, by their canonical names."""
    charts = []
    for name in names:
        points = [point for point in pipeline.points(name) if point.reported.indicator.name == name]
        charts.append(make_chart(indicator_label(pipeline, name, language), points, language))
    return render(
        "indicators.html",
        language,
        charts=[c for c in charts if c.panels],
        drawn=_drawn,
        status_class=status_class,
        title_of=partial(title_of, pipeline, language),
        open=True,
    )


def indicator_choices(pipeline: Pipeline, language: Language) -> list[tuple[str, str]]:
    """Return label and canonical name of every indicator, the most reported first."""
    return [(indicator_label(pipeline, name, language), name) for name in pipeline.reported_names()]


def document_choices(pipeline: Pipeline, language: Language) -> list[tuple[str, str]]:
    """Return label and id of the newest documents, to choose from."""
    entries = pipeline.documents(_MOST_CHOICES)
    return [(title_of(pipeline, language, entry.id, entry.title).short, entry.id) for entry in entries]


@dataclass(frozen=True, slots=True)
class Row:
    """A document as it is listed, with the periods of its results, of its targets, and of what is neither."""

    entry: Entry
    title: Title
    results: str
    intents: str
    other: str


def documents_html(pipeline: Pipeline, language: Language) -> str:
    """Return the list of documents, newest delivered first."""
    rows = [_row(pipeline, entry, language) for entry in pipeline.documents(MOST_LISTED)]
    return render("documents.html", language, rows=rows, total=pipeline.document_count())


def _row(pipeline: Pipeline, entry: Entry, language: Language) -> Row:
    document = pipeline.document(entry.id)
    title = title_of(pipeline, language, entry.id, entry.title)
    results, intents = (
        _covered(document, lambda status: status.is_result),
        _covered(document, lambda status: status.is_intent),
    )
    other = "" if results else _covered(document, lambda status: status is Status.NONE)
    return Row(entry, title, results, intents, other)


def _covered(document: Document, is_wanted: Callable[[Status], bool]) -> str:
    """Return the periods that a document mostly speaks about in sentences of some statuses."""
    dated = [s for s in document.sentences if s.period]
    counts = Counter(s.period for s in dated if s.period and is_wanted(s.status))
    return ", ".join(str(period) for period, count in sorted(counts.items()) if count >= _COVERED * len(dated))


def notice_html(pipeline: Pipeline, language: Language, official_name: str, official_url: str) -> str:
    """Return the standing notice: what is covered, that answers are not official, and where the official text is."""
    first, last = pipeline.document_years() or ("–", "–")
    return render(
        "notice.html",
        language,
        count=pipeline.document_count(),
        first=first,
        last=last,
        official_name=official_name,
        official_url=official_url,
    )
