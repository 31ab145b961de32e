"""The page itself: Gradio's blocks and what happens on them; one page a language, a visitor's state in the browser."""

from __future__ import annotations

import base64
import json
import sqlite3

# Gradio reads the types of handlers while it runs, to know what to give them.
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

from corpus.types import Status
from index.filter import KINDS, Filter, FilterError
from index.store import StoreError
from rag.pipeline import QuestionError
from rag.types import Language, Trace
from rag.wording import STATUS_LABEL
from ui.chat.asking import ask
from ui.chat.exchange import Exchange, State, keep, read_conversation, turns
from ui.chat.render import labels, render
from ui.chat.routes import make_routes
from ui.chat.sharing import LinkError, make_link, open_link, read_link
from ui.chat.starters import SHIPPED, read_starters
from ui.chat.theme import make_theme
from ui.chat.view import (
    conversation_html,
    damaged_link_html,
    documents_html,
    exchange_html,
    indicator_choices,
    indicators_html,
    notice_html,
    opened_html,
)
from ui.export import FORMATS
from ui.question_log import LogBusyError, UnknownQuestionError, Why

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from rag.pipeline import Pipeline
    from ui.journal import Journal

#: Where the browser keeps a conversation. The secret keeps nothing from who has the browser: the page must know it. It
#: is fixed so that a conversation outlives a restart of the service.
_STORE, _SECRET = "district-qa-conversation-1", "district-qa"
#: Questions answered at once for all visitors, and how many may wait.
_AT_ONCE, _WAITING = 4, 40
#: What makes answering impossible for the moment: the index is being replaced, or cannot be read.
_FAULTS = (StoreError, OSError, sqlite3.Error)
#: Clicks inside what we draw ourselves become events; the names are quoted for Gradio to know them.
_EVENTS = """
const events = ['ask', 'retry', 'edit', 'export', 'pass_on', 'rate', 'cancel'];
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button && events.includes(button.dataset.do)) trigger(button.dataset.do, { ...button.dataset });
});
"""


@dataclass(frozen=True, slots=True)
class Site:
    """What the page says of itself: its title, and the name and address of where the official text is, if known."""

    title: str
    official_name: str = ""
    official_url: str = ""
    starters: Path | None = None
    longest_question: int = 2000


def mount_chat(
    app: FastAPI,
    pipeline: Callable[[], Pipeline],
    site: Site,
    *,
    admit: Callable[[str], int | None] | None = None,
    journal: Journal | None = None,
    originals: Callable[[str], Sequence[tuple[str, Path]]] | None = None,
) -> FastAPI:
    """Put the page on `/zh/` and `/en/`, the way in on `/`, and the reader; return the application.

    `pipeline` is asked once a question. `admit` is given a visitor's address before each question, and returns None, or
    after how many seconds to come back. `journal` takes down questions and what is said of answers; `originals` gives
    the name and path of each file that a document came from.
    """
    app.include_router(make_routes(pipeline, originals))
    for language in Language:
        page = ChatPage(pipeline, site, language, admit or (lambda address: None), journal)
        app = gr.mount_gradio_app(
            app,
            page.blocks,
            path=f"/{language}",
            theme=make_theme(),
            head=_head(language),
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
        )
    return app


def _head(language: Language) -> str:
    words = labels(language)
    said = json.dumps({key: words[key] for key in ("lost", "close", "open_alone", "reader", "copied")})
    # "<" could end the script; in JSON it can be written otherwise.
    said = said.replace("<", "\\u003c")
    return (
        f'<script>document.documentElement.lang = "{words["lang"]}"; window.districtWords = {said};</script>'
        '<link rel="icon" type="image/svg+xml" href="../assets/icon.svg">'
        '<link rel="stylesheet" href="../assets/page.css"><link rel="stylesheet" href="../assets/chat.css">'
        '<script src="../assets/chat.js" defer></script>'
    )


class ChatPage:
    """The page in one language: its parts, and what happens when a visitor uses them."""

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        site: Site,
        language: Language,
        admit: Callable[[str], int | None],
        journal: Journal | None,
    ) -> None:
        self._pipeline, self._site, self._language, self._admit = pipeline, site, language, admit
        self._journal = journal
        self._words = labels(language)
        self._welcome = render("welcome.html", language, audiences=read_starters(site.starters or SHIPPED, language))
        with gr.Blocks(title=site.title, analytics_enabled=False, fill_width=True) as blocks:
            gr.HTML(render("header.html", language, title=site.title), js_on_load=None, apply_default_css=False)
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab(self._words["tab_chat"], id="chat"):
                    self._make_chat(blocks)
                with gr.Tab(self._words["tab_indicators"], id="indicators") as indicators:
                    self._make_indicators(indicators)
                with gr.Tab(self._words["tab_documents"], id="documents") as documents:
                    listing = gr.HTML(elem_id="documents", js_on_load=None, apply_default_css=False)
                    documents.select(
                        lambda: documents_html(pipeline(), language), None, listing, api_visibility="private"
                    )
        blocks.queue(max_size=_WAITING, default_concurrency_limit=_AT_ONCE)
        self.blocks = blocks

    def _make_chat(self, blocks: gr.Blocks) -> None:
        words = self._words
        self._store = gr.BrowserState([], storage_key=_STORE, secret=_SECRET)
        self._editing = gr.State(value=False)
        self._growing = gr.State(value=None)  # the exchange under way
        self._trace = gr.State(value=None)  # of the answer just given, until its next questions are found
        self._notice = gr.HTML(js_on_load=None, apply_default_css=False)
        self._shared = gr.HTML(elem_id="shared", js_on_load=None, apply_default_css=False)
        self._past = gr.HTML(elem_id="past", js_on_load=_EVENTS, apply_default_css=False)
        self._live = gr.HTML(self._welcome, elem_id="live", js_on_load=_EVENTS, apply_default_css=False)
        self._next = gr.HTML(elem_id="next", js_on_load=_EVENTS, apply_default_css=False)
        with gr.Column(elem_id="composer"):
            self._editing_note = gr.HTML(elem_id="editing", js_on_load=_EVENTS, apply_default_css=False, visible=False)
            with gr.Row(elem_id="asking"):
                self._question = gr.Textbox(
                    label=words["question"],
                    placeholder=words["placeholder"],
                    elem_id="question-box",
                    lines=1,
                    max_lines=6,
                    max_length=self._site.longest_question,
                    scale=1,
                    show_label=False,
                    container=False,
                )
                self._send = gr.Button(words["send"], variant="primary", elem_id="send", scale=0, min_width=84)
                self._stop = gr.Button(words["stop"], elem_id="stop", scale=0, min_width=84, visible=False)
            self._make_limits()
            self._clear = gr.Button(words["clear_all"], elem_id="clear", size="sm", scale=0)
        self._wire(blocks)

    def _make_limits(self) -> None:
        words, language = self._words, self._language
        with gr.Accordion(words["limits"], open=False, elem_id="limits"):
            gr.HTML(render("limits.html", language), js_on_load=None, apply_default_css=False)
            self._years = gr.CheckboxGroup([], label=words["limit_years"])
            names = STATUS_LABEL[language]
            statuses = [(names[status] or words["plain_description"], status.value) for status in Status]
            self._statuses = gr.CheckboxGroup(statuses, label=words["limit_statuses"])
            kinds = [(words[f"kind_{kind}"], kind) for kind in KINDS]
            self._kinds = gr.CheckboxGroup(kinds, label=words["limit_kinds"])
            self._documents = gr.CheckboxGroup([], label=words["limit_documents"], elem_id="limit-documents")

    def _wire(self, blocks: gr.Blocks) -> None:
        limits = [self._years, self._statuses, self._kinds, self._documents]
        shown = [self._past, self._live, self._next, self._store, self._growing, self._trace, self._question]
        shown += [self._send, self._stop, self._editing, self._editing_note]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        answering = quiet | {"concurrency_id": "answers", "concurrency_limit": _AT_ONCE}
        typed = [self._question, self._store, self._editing, *limits]
        asking = [
            gr.on([self._question.submit, self._send.click], self._ask, typed, shown, **answering),
            self._live.ask(self._ask_offered, typed, shown, **answering),
            self._next.ask(self._ask_offered, typed, shown, **answering),
            self._live.retry(self._retry, typed, shown, **answering),
        ]
        for event in asking:
            event.failure(self._failed, self._growing, [self._live, self._send, self._stop], **quiet)
            # By itself, so that the next question need not wait for it.
            event.success(self._suggest, [self._trace, self._store], [self._next, self._trace], **answering)
        self._stop.click(self._stopped, [self._growing, self._store], shown, cancels=asking, queue=False, **quiet)
        self._live.edit(self._edit, self._store, [self._question, self._editing, self._editing_note], **quiet)
        self._editing_note.cancel(
            lambda: ("", False, gr.HTML(visible=False)),
            None,
            [self._question, self._editing, self._editing_note],
            **quiet,
        )
        sure = json.dumps(self._words["clear_sure"])
        begun = [self._past, self._live, self._next, self._shared, self._store]
        self._clear.click(self._cleared, self._store, begun, js=f"(kept) => [confirm({sure}) ? [] : kept]", **quiet)
        file = gr.JSON(visible=False)
        for part in (self._past, self._live):
            part.export(self._export, self._store, file, **quiet).then(
                None, file, js="(file) => districtChat.save(file)"
            )
            part.rate(self._rate, self._store, file, **quiet).then(
                None, file, js="(rated) => districtChat.thank(rated)"
            )
            part.pass_on(self._pass_on, self._store, file, **quiet).then(
                None, file, js="(link) => districtChat.share(link)"
            )
        opened = [self._notice, self._shared, self._past, self._live, self._years, self._documents]
        blocks.load(self._open, self._store, opened, **quiet)

    # --- what happens -------------------------------------------------------------------------------------------

    def _open(self, kept: Any, request: gr.Request) -> tuple[Any, ...]:
        """Show what a visitor finds: the notice, a shared answer, the conversation so far."""
        pipeline, language = self._pipeline(), self._language
        notice = notice_html(pipeline, language, self._site.official_name, self._site.official_url)
        past, last = conversation_html(pipeline, read_conversation(kept), language)
        link = request.query_params.get("receipt", "")
        shared = self._open_link(pipeline, link, request) if link else ""
        entries = pipeline.documents()
        years = sorted({str(p.reported.indicator.period) for p in pipeline.points() if p.reported.indicator.period})
        documents = [(entry.title, entry.id) for entry in entries[:100]]
        return (
            notice,
            shared,
            past,
            last or ("" if shared else self._welcome),
            gr.CheckboxGroup(choices=[year for year in years if "-" not in year]),
            gr.CheckboxGroup(choices=cast("list[tuple[str, str | int | float]]", documents)),
        )

    def _open_link(self, pipeline: Pipeline, link: str, request: gr.Request) -> str:
        if (wait := self._admit(_address(request))) is not None:
            return render("fault.html", self._language, fault=self._words["too_often"].format(seconds=wait))
        try:
            return opened_html(pipeline, open_link(pipeline, read_link(link)), self._language)
        except (LinkError, QuestionError):
            return damaged_link_html(self._language)

    # Gradio hands requests and events over by position: the limits are written out in each handler.

    def _ask(
        self,
        text: str,
        kept: Any,
        editing: bool,
        years: list[str],
        statuses: list[str],
        kinds: list[str],
        documents: list[str],
        request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:
        yield from self._answer(text, kept, editing, (years, statuses, kinds, documents), request)

    def _ask_offered(
        self,
        _: str,
        kept: Any,
        editing: bool,
        years: list[str],
        statuses: list[str],
        kinds: list[str],
        documents: list[str],
        request: gr.Request,
        event: gr.EventData,
    ) -> Iterator[dict[Any, Any]]:
        yield from self._answer(str(event.question), kept, editing, (years, statuses, kinds, documents), request)

    def _retry(
        self,
        _: str,
        kept: Any,
        editing: bool,
        years: list[str],
        statuses: list[str],
        kinds: list[str],
        documents: list[str],
        request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:
        conversation = read_conversation(kept)
        if conversation:
            limits = (years, statuses, kinds, documents)
            yield from self._answer(conversation[-1].question, kept, True, limits, request)

    def _answer(
        self, text: str, kept: Any, replaces: bool, limits: Sequence[list[str]], request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Yield what changes on the page while a question is answered; with `replaces`, in place of the last one."""
        text = text.strip()
        if not text:
            return
        before = read_conversation(kept)
        before = before[:-1] if replaces else before
        pipeline = self._pipeline()
        exchange = Exchange(question=text)
        yield self._begun(pipeline, before, exchange)
        if (wait := self._admit(_address(request))) is not None:
            fault = self._words["too_often"].format(seconds=wait)
            yield self._ended(pipeline, before, exchange.having(state=State.FAILED, fault=fault))
            return
        try:
            for asked in ask(pipeline, text, before, _filter(limits)):
                exchange = asked.exchange
                if asked.trace is not None:
                    if self._journal is not None:
                        noted = self._journal.answered(asked.trace, channel="chat", address=_address(request))
                        exchange = exchange.having(log_id=noted)
                    yield self._ended(pipeline, before, exchange) | {self._trace: asked.trace}
                else:
                    yield {self._live: self._html(pipeline, before, exchange), self._growing: exchange}
        except (QuestionError, FilterError) as error:
            yield self._ended(pipeline, before, exchange.having(state=State.FAILED, fault=str(error)))
        except _FAULTS:
            fault = self._words["failed"]
            yield self._ended(pipeline, before, exchange.having(state=State.FAILED, fault=fault))

    def _begun(self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange) -> dict[Any, Any]:
        """Return the page as a question begins; it is kept at once, so that it is not lost with the connection."""
        settled = [*before, exchange.having(state=State.SEARCHING)]
        past = "".join(
            exchange_html(pipeline, one, place, self._language, is_last=False, is_live=False)
            for place, one in enumerate(before)
        )
        return {
            self._past: past,
            self._live: self._html(pipeline, before, exchange),
            self._next: "",
            self._trace: None,
            self._store: keep(settled),
            self._growing: exchange,
            self._question: "",
            self._send: gr.Button(visible=False),
            self._stop: gr.Button(visible=True),
            self._editing: False,
            self._editing_note: gr.HTML(visible=False),
        }

    def _ended(self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange) -> dict[Any, Any]:
        return {
            self._live: self._html(pipeline, before, exchange),
            self._store: keep([*before, exchange]),
            self._next: "",
            self._growing: None,
            self._send: gr.Button(visible=True),
            self._stop: gr.Button(visible=False),
        }

    def _html(self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange) -> str:
        return exchange_html(pipeline, exchange, len(before), self._language, is_last=True, is_live=True)

    def _suggest(self, trace: Trace | None, kept: Any) -> tuple[str, None]:
        """Offer next questions that the documents answer; finding them costs what some questions cost."""
        if trace is None:
            return "", None
        try:
            questions = self._pipeline().suggest(trace, turns(read_conversation(kept)[:-1]))
        except _FAULTS:
            return "", None  # the answer is there; what is offered beside it can be missing
        return render("next.html", self._language, questions=questions), None

    def _stopped(self, growing: Exchange | None, kept: Any) -> dict[Any, Any]:
        """Keep what had come when the visitor stopped."""
        before = read_conversation(kept)[:-1]
        if growing is None:
            return {self._send: gr.Button(visible=True), self._stop: gr.Button(visible=False)}
        return self._ended(self._pipeline(), before, growing.having(state=State.STOPPED))

    def _failed(self, growing: Exchange | None) -> tuple[str, gr.Button, gr.Button]:
        """Tell that something went wrong that nobody foresaw; the question is kept and can be asked again."""
        fault = render("fault.html", self._language, fault=self._words["failed"])
        return fault, gr.Button(visible=True), gr.Button(visible=False)

    def _cleared(self, kept: Any) -> dict[Any, Any]:
        """Begin anew where the visitor was sure, and the page therefore sent no conversation."""
        if kept:
            return {self._store: kept}
        return {self._past: "", self._live: self._welcome, self._next: "", self._shared: "", self._store: []}

    def _edit(self, kept: Any) -> tuple[str, bool, gr.HTML]:
        conversation = read_conversation(kept)
        if not conversation:
            return "", False, gr.HTML(visible=False)
        note = render("editing.html", self._language)
        return conversation[-1].question, True, gr.HTML(note, visible=True)

    def _export(self, kept: Any, event: gr.EventData) -> dict[str, str]:
        """Return an answer as a file: its name and its content in base64."""
        exchange, form = read_conversation(kept)[int(event.place)], str(event.form)
        assert exchange.answer is not None
        assert exchange.receipt is not None
        content = FORMATS[form](exchange.answer, exchange.receipt)
        name = f"district-qa-{exchange.receipt.asked_at:%Y%m%d-%H%M%S}{form}"
        return {"name": name, "content": base64.b64encode(content).decode()}

    def _pass_on(self, kept: Any, event: gr.EventData) -> dict[str, str]:
        return {"link": make_link(read_conversation(kept), int(event.place)), "place": str(event.place)}

    def _rate(self, kept: Any, event: gr.EventData) -> dict[str, str] | None:
        """Take down what a visitor says of an answer; None where that cannot be kept."""
        exchange, why = read_conversation(kept)[int(event.place)], str(event.why)
        if self._journal is None:
            return None
        try:
            self._journal.feedback(exchange.log_id, helpful=not why, why=Why(why) if why else None)
        except (UnknownQuestionError, LogBusyError):
            return None
        return {"place": str(event.place)}

    # --- indicators ---------------------------------------------------------------------------------------------

    def _make_indicators(self, tab: gr.Tab) -> None:
        words, language = self._words, self._language
        with gr.Row(elem_id="indicator-choice"):
            first = gr.Dropdown([], label=words["indicator_first"], filterable=True)
            second = gr.Dropdown([], label=words["indicator_second"], filterable=True)
        shown = gr.HTML(elem_id="indicators", js_on_load=None, apply_default_css=False)

        def offer(chosen: str | None, beside: str | None) -> tuple[gr.Dropdown, gr.Dropdown, str]:
            pipeline = self._pipeline()
            choices = cast("list[tuple[str, str | int | float]]", indicator_choices(pipeline, language))
            chosen = chosen or (str(choices[0][1]) if choices else None)
            none = (words["no_comparison"], "")
            return (
                gr.Dropdown(choices=choices, value=chosen),
                gr.Dropdown(choices=[none, *choices], value=beside or ""),
                show(chosen, beside),
            )

        def show(chosen: str | None, beside: str | None) -> str:
            names = dict.fromkeys(name for name in (chosen, beside) if name)
            return indicators_html(self._pipeline(), names, language)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        tab.select(offer, [first, second], [first, second, shown], **quiet)
        gr.on([first.input, second.input], show, [first, second], shown, **quiet)


def _address(request: gr.Request) -> str:
    client = getattr(request, "client", None)
    return client.host if client else "unknown"


def _filter(limits: Sequence[list[str] | None]) -> Filter:
    """Return the filter that was chosen; what a page offers and an altered one sends is checked alike.

    Raises:
        FilterError: a value is none that a filter takes.
    """
    years, statuses, kinds, documents = (chosen or [] for chosen in limits)
    return Filter.parse(years, statuses, kinds, documents)
