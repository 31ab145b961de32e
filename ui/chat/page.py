"""The page itself: Gradio's blocks and what happens on them; one page a language, a visitor's state in the browser."""

from __future__ import annotations

import json

# Gradio reads the types of handlers while it runs, to know what to give them.
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import gradio as gr
from starlette.concurrency import run_in_threadpool

from corpus.types import Status
from index.filter import KINDS
from rag.types import Language, Trace
from rag.wording import STATUS_LABEL
from ui.chat.exchange import Exchange, State
from ui.chat.guard import GradioGuard
from ui.chat.render import labels, render
from ui.chat.routes import make_routes
from ui.chat.starters import SHIPPED, read_starters
from ui.chat.talk import Begun, Ended, Grown, Limits, Step, Talk
from ui.chat.theme import make_theme
from ui.chat.view import document_choices, documents_html, indicator_choices, indicators_html, notice_html

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from rag.pipeline import Pipeline
    from ui.desk import Desk
    from ui.journal import Journal
    from ui.originals import OriginalFile

#: Where the browser keeps a conversation. The secret keeps nothing from who has the browser: the page must know it. It
#: is fixed so that a conversation outlives a restart of the service.
_STORE, _STORE_OF_NEXT, _SECRET = "district-qa-conversation-1", "district-qa-next-1", "district-qa"
#: Smaller things done at once for all visitors, and how many may wait; questions wait at the desk.
_AT_ONCE, _WAITING = 4, 200
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
    desk: Desk,
    *,
    admit: Callable[[str], int | None] = lambda address: None,
    journal: Journal | None = None,
    originals: Callable[[str], Sequence[OriginalFile]] | None = None,
) -> FastAPI:
    """Put the page on `/zh/` and `/en/`, the way in on `/`, and the reader; return the application.

    `desk` is the API's, so that both are limited together; for `pipeline`, `admit` and `journal` see `Talk`.
    `originals` gives each file that a document came from.
    """
    app.include_router(make_routes(pipeline, originals))
    app.add_middleware(GradioGuard)
    for language in Language:
        page = ChatPage(pipeline, site, language, Talk(pipeline, language, desk, admit, journal))
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
        '<script src="../assets/tips.js" defer></script><script src="../assets/chat.js" defer></script>'
    )


class ChatPage:
    """The page in one language: its parts, and what happens when a visitor uses them."""

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        site: Site,
        language: Language,
        talk: Talk,
    ) -> None:
        self._pipeline, self._site, self._language, self._talk = pipeline, site, language, talk
        self._words = labels(language)
        self._welcome = render("welcome.html", language, audiences=read_starters(site.starters or SHIPPED, language))
        with gr.Blocks(title=site.title, analytics_enabled=False, fill_width=True) as blocks:
            gr.HTML(render("header.html", language, title=site.title), js_on_load=None, apply_default_css=False)
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab(self._words["tab_chat"], id="chat"):
                    self._make_chat(blocks)
                with gr.Tab(self._words["tab_indicators"], id="indicators") as indicators:
                    _make_indicators(pipeline, language, indicators)
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
        self._offered = gr.BrowserState({}, storage_key=_STORE_OF_NEXT, secret=_SECRET)
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
                    interactive=False,  # until the conversation is there: coming later, it would cover an answer
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
        answering = quiet | {"concurrency_limit": None}
        typed = [self._question, self._store, self._editing, *limits]
        asking = [
            gr.on([self._question.submit, self._send.click], self._ask, typed, shown, **answering),
            self._live.ask(self._ask_offered, typed, shown, **answering),
            self._next.ask(self._ask_offered, typed, shown, **answering),
            self._live.retry(self._retry, typed, shown, **answering),
        ]
        for event in asking:
            event.failure(self._failed, self._growing, [self._live, self._growing, self._send, self._stop], **quiet)
            # By itself, so that the next question need not wait for it.
            offering = [self._next, self._offered, self._trace]
            event.success(self._suggest, [self._trace, self._store], offering, **answering)
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
        opened = [self._notice, self._shared, self._past, self._live, self._next, self._years, self._documents]
        opening = blocks.load(self._open, [self._store, self._offered], opened, **quiet)
        opening.then(lambda: gr.Textbox(interactive=True), None, self._question, **quiet)

    # --- what happens -------------------------------------------------------------------------------------------

    async def _open(self, kept: Any, offered: Any, request: gr.Request) -> tuple[Any, ...]:
        """Show what a visitor finds: the notice, a shared answer, the conversation so far."""
        link = request.query_params.get("receipt", "")
        shared = await self._talk.open_link(link, _address(request)) if link else ""
        return await run_in_threadpool(self._found, kept, offered, shared)

    def _found(self, kept: Any, offered: Any, shared: str) -> tuple[Any, ...]:
        pipeline, language = self._pipeline(), self._language
        notice = notice_html(pipeline, language, self._site.official_name, self._site.official_url)
        past, last, questions = self._talk.conversation(kept, offered)
        return (
            notice,
            shared,
            past,
            last or ("" if shared else self._welcome),
            questions,
            gr.CheckboxGroup(choices=[str(year) for year in pipeline.reported_years()]),
            gr.CheckboxGroup(choices=cast("list[tuple[str, str | int | float]]", document_choices(pipeline, language))),
        )

    # Gradio hands requests and events over by position: the limits are written out in each handler.

    async def _ask(
        self,
        text: str,
        kept: Any,
        editing: bool,
        years: list[str],
        statuses: list[str],
        kinds: list[str],
        documents: list[str],
        request: gr.Request,
    ) -> AsyncIterator[dict[Any, Any]]:
        async for shown in self._answer(text, kept, (years, statuses, kinds, documents), request, replaces=editing):
            yield shown

    async def _ask_offered(
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
    ) -> AsyncIterator[dict[Any, Any]]:
        limits, question = (years, statuses, kinds, documents), str(event.question)
        async for shown in self._answer(question, kept, limits, request, replaces=editing):
            yield shown

    async def _retry(
        self,
        _: str,
        kept: Any,
        editing: bool,
        years: list[str],
        statuses: list[str],
        kinds: list[str],
        documents: list[str],
        request: gr.Request,
    ) -> AsyncIterator[dict[Any, Any]]:
        limits, question = (years, statuses, kinds, documents), self._talk.last_question(kept)
        async for shown in self._answer(question, kept, limits, request, replaces=True):
            yield shown

    async def _answer(
        self, text: str, kept: Any, limits: Limits, request: gr.Request, *, replaces: bool
    ) -> AsyncIterator[dict[Any, Any]]:
        """Yield what changes on the page while a question is answered."""
        steps = self._talk.answer(text, kept, limits, _address(request), replaces=replaces)
        async with aclosing(steps):
            async for step in steps:
                yield self._shown(step)

    def _shown(self, step: Step) -> dict[Any, Any]:
        """Return what a step of an answer changes on the page, by its parts."""
        match step:
            case Begun():
                return {
                    self._past: step.past,
                    self._live: step.live,
                    self._next: "",
                    self._trace: None,
                    self._store: step.kept,
                    self._growing: step.growing,
                    self._question: "",
                    self._send: gr.Button(visible=False),
                    self._stop: gr.Button(visible=True),
                    self._editing: False,
                    self._editing_note: gr.HTML(visible=False),
                }
            case Grown():
                return {self._live: step.live, self._growing: step.growing}
            case Ended():
                return {
                    self._live: step.live,
                    self._store: step.kept,
                    self._next: "",
                    self._growing: None,
                    self._trace: step.trace,
                    self._send: gr.Button(visible=True),
                    self._stop: gr.Button(visible=False),
                }

    async def _suggest(self, trace: Trace | None, kept: Any) -> dict[Any, Any]:
        if trace is None:
            return {self._next: ""}
        shown, offered = await self._talk.suggest(trace, kept)
        return {self._next: shown, self._offered: offered, self._trace: None}

    def _stopped(self, growing: Exchange | None, kept: Any) -> dict[Any, Any]:
        if growing is None:
            return {self._send: gr.Button(visible=True), self._stop: gr.Button(visible=False)}
        return self._shown(self._talk.stopped(growing, kept)) | {self._growing: growing.having(state=State.STOPPED)}

    def _failed(self, growing: Exchange | None) -> dict[Any, Any]:
        """Tell that something went wrong that nobody foresaw; the question is kept and can be asked again.

        Gradio also calls this a failure when a visitor stops an answer; what that left is on the page already.
        """
        if growing is not None and growing.state is State.STOPPED:
            return {self._growing: None}
        fault = render("fault.html", self._language, fault=self._words["failed"])
        return {self._live: fault, self._send: gr.Button(visible=True), self._stop: gr.Button(visible=False)}

    def _cleared(self, kept: Any) -> dict[Any, Any]:
        """Begin anew where the visitor was sure, and the page therefore sent no conversation."""
        if kept:
            return {self._store: kept}
        return {self._past: "", self._live: self._welcome, self._next: "", self._shared: "", self._store: []}

    def _edit(self, kept: Any) -> tuple[str, bool, gr.HTML]:
        question = self._talk.last_question(kept)
        if not question:
            return "", False, gr.HTML(visible=False)
        return question, True, gr.HTML(render("editing.html", self._language), visible=True)

    def _export(self, kept: Any, event: gr.EventData) -> dict[str, str]:
        return self._talk.export(kept, int(event.place), str(event.form))

    def _pass_on(self, kept: Any, event: gr.EventData) -> dict[str, str]:
        return {"link": self._talk.link(kept, int(event.place)), "place": str(event.place)}

    def _rate(self, kept: Any, event: gr.EventData) -> dict[str, str] | None:
        is_kept = self._talk.rate(kept, int(event.place), str(event.why))
        return {"place": str(event.place)} if is_kept else None


def _address(request: gr.Request) -> str:
    client = getattr(request, "client", None)
    return client.host if client else "unknown"


def _make_indicators(pipeline: Callable[[], Pipeline], language: Language, tab: gr.Tab) -> None:
    """Put the choice of indicators and what is reported of them into a tab; `pipeline` is asked with every choice."""
    words = labels(language)
    with gr.Row(elem_id="indicator-choice"):
        first = gr.Dropdown([], label=words["indicator_first"], filterable=True)
        second = gr.Dropdown([], label=words["indicator_second"], filterable=True)
    shown = gr.HTML(elem_id="indicators", js_on_load=None, apply_default_css=False)

    def offer(chosen: str | None, beside: str | None) -> tuple[gr.Dropdown, gr.Dropdown, str]:
        choices = cast("list[tuple[str, str | int | float]]", indicator_choices(pipeline(), language))
        chosen = chosen or (str(choices[0][1]) if choices else None)
        none = (words["no_comparison"], "")
        return (
            gr.Dropdown(choices=choices, value=chosen),
            gr.Dropdown(choices=[none, *choices], value=beside or ""),
            show(chosen, beside),
        )

    def show(chosen: str | None, beside: str | None) -> str:
        names = dict.fromkeys(name for name in (chosen, beside) if name)
        return indicators_html(pipeline(), names, language)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    tab.select(offer, [first, second], [first, second, shown], **quiet)
    gr.on([first.input, second.input], show, [first, second], shown, **quiet)
