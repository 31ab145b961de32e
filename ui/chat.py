"""The chat page: plain Gradio, no request to any other host."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.pipeline import QuestionError
from rag.types import Turn
from rag.wording import NEAREST, REPAIR_NOTE, TRANSLATION_NOTE, UNDERSTOOD, dates_label, period_label
from ui.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradio.components.chatbot import OptionDict

    from rag.pipeline import Pipeline
    from rag.types import Answer, Citation, Language

STARTERS = Path(__file__).with_name("starters.txt")


def make_chat(pipeline: Callable[[], Pipeline], title: str, starters: Path = STARTERS) -> gr.Blocks:
    """Return the page; a visitor's conversation lives in their browser's session only.

    `pipeline` is asked once a question. `starters` holds the questions offered at the beginning, one a line.
    """

    def reply(message: str, history: list[dict[str, Any]]) -> Iterator[str | gr.ChatMessage]:
        turns = [Turn(str(turn["role"]), plain_text(turn["content"])) for turn in history]
        answering = pipeline()
        try:
            trace = answering.trace(message, turns)
        except QuestionError as error:
            yield html.escape(str(error))
            return
        answer = answer_markdown(trace.answer)
        yield answer  # at once; next questions cost what some questions cost
        options: list[OptionDict] = [{"value": text} for text in answering.suggest(trace, turns)]
        if options:
            yield gr.ChatMessage(content=answer, options=options)

    examples = [line for line in starters.read_text(encoding="utf-8").splitlines() if line.strip()]
    page: gr.Blocks
    with gr.Blocks(title=title, analytics_enabled=False, fill_height=True) as page:
        gr.Markdown("## " + _escape(title))
        gr.ChatInterface(
            reply,
            # The reader begins at the answer, not at the end of its sources.
            chatbot=gr.Chatbot(autoscroll=False, show_label=False, scale=1, min_height=420),
            examples=examples,
            cache_examples=False,
            api_visibility="private",
            fill_height=True,
        )
    return page


def plain_text(content: Any) -> str:
    """Return the text of a chat message, which Gradio gives as text or as a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return " ".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def answer_markdown(answer: Answer) -> str:
    """Return an answer as Markdown; document text is escaped, so that it can never become markup."""
    if answer.refusal is not None:
        lines = [_escape(answer.refusal.message)]
        if answer.refusal.nearest:
            lines += ["", f"**{NEAREST[answer.language]}**"]
        cited = answer.refusal.nearest
    else:
        lines, cited = [_escape(answer.answer or "")], answer.citations
    if answer.notice is not None:
        lines.insert(1, f"\n*{_escape(answer.notice)}*")
    if answer.standalone is not None:
        lines.insert(0, f"*{_escape(UNDERSTOOD[answer.language].format(question=answer.standalone))}*\n")
    return "\n".join(lines + [_citation(citation, answer.language) for citation in cited])


def _citation(citation: Citation, language: Language) -> str:
    where = " › ".join((citation.title, *citation.headings))
    label = period_label(language, citation.period, citation.status)
    dates = dates_label(language, citation.delivered, citation.posted)
    lines = [
        f"\n**[{citation.marker}]** {_escape(where)}  ",
        f"{dates} · {_escape(label)}",
        "",
        f"> {_escape(citation.marked)}",
    ]
    if citation.marked != citation.quote:
        lines += ["", f"*{REPAIR_NOTE[language]}*"]
    if citation.translation_kind:
        lines += ["", f"*{TRANSLATION_NOTE[citation.translation_kind]}*"]
    return "\n".join(lines)


def _escape(text: str) -> str:
    # Gradio takes \[ \] for a formula.
    return escape(text).replace("\\[", "[").replace("\\]", "]")
