"""An answer as a file to keep or send on: Markdown or Word, with numbered sources, their dates, and its receipt."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import docx
from docx.oxml.ns import qn

from rag.types import Language
from rag.wording import (
    EXPORT,
    REPAIR_NOTE,
    TRANSLATION_NOTE,
    UNDERSTOOD,
    dates_label,
    filter_label,
    period_label,
    title_label,
)
from ui.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docx.document import Document as WordDocument

    from rag.receipt import Receipt
    from rag.types import Answer, Citation

#: What XML cannot hold; a question may.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A font for Chinese that Word has everywhere; the template's own is a Japanese one.
_CHINESE_FONT = "SimSun"


class ExportError(ValueError):
    """A file name that tells no format: what came, what was wanted."""


class Form(Enum):
    """What a block of an exported answer is."""

    TITLE = 0
    HEADING = 1
    SUBHEADING = 2
    TEXT = 3
    FIELD = 4
    QUOTE = 5
    NOTE = 6


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its form and its text; a field has a label before it."""

    form: Form
    text: str
    label: str = ""


def export_answer(answer: Answer, receipt: Receipt, path: Path) -> None:
    """Write an answer to a file; its ending says as what.

    Raises:
        ExportError: the ending is not one of FORMATS.
        OSError: the file cannot be written.
    """
    path.write_bytes(writer_for(path)(answer, receipt))


def writer_for(path: Path) -> Callable[[Answer, Receipt], bytes]:
    """Return what makes the content of such a file.

    Raises:
        ExportError: the ending is not one of FORMATS.
    """
    try:
        return FORMATS[path.suffix.casefold()]
    except KeyError:
        raise ExportError(
            f"{path} ends in {path.suffix!r}; an answer is exported to one of {', '.join(FORMATS)}"
        ) from None


def to_markdown(answer: Answer, receipt: Receipt) -> bytes:
    """Return the answer as Markdown in UTF-8; text of documents and questions is escaped."""
    return ("\n\n".join(map(_markdown, _blocks(answer, receipt))) + "\n").encode()


def to_docx(answer: Answer, receipt: Receipt) -> bytes:
    """Return the answer as a Word document (DOCX)."""
    document = docx.Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), _CHINESE_FONT)
    words = EXPORT[answer.language]
    properties = document.core_properties
    properties.title, properties.author, properties.comments = words["title"], "district-qa", ""
    properties.created = properties.modified = receipt.asked_at.replace(tzinfo=None)
    for block in _blocks(answer, receipt):
        _add(document, block)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


#: Endings of file names, and what makes the content.
FORMATS: dict[str, Callable[[Answer, Receipt], bytes]] = {".md": to_markdown, ".docx": to_docx}


def _blocks(answer: Answer, receipt: Receipt) -> Iterator[Block]:
    words = EXPORT[answer.language]
    refusal = answer.refusal
    yield Block(Form.TITLE, words["title"])
    yield Block(Form.HEADING, words["question"])
    yield Block(Form.TEXT, answer.question)
    if answer.standalone is not None:
        yield Block(Form.NOTE, UNDERSTOOD[answer.language].format(question=answer.standalone))
    if receipt.within:
        yield Block(Form.FIELD, filter_label(answer.language, receipt.within), words["within"])
    yield Block(Form.HEADING, words["refused" if refusal else "answer"])
    yield Block(Form.TEXT, refusal.message if refusal else answer.answer or "")
    if answer.notice is not None:
        yield Block(Form.NOTE, answer.notice)
    cited = refusal.nearest if refusal else answer.citations
    if cited:
        yield Block(Form.HEADING, words["nearest" if refusal else "sources"])
    for citation in cited:
        yield from _source(citation, answer.language)
    yield from _receipt(receipt, answer.language)


def _source(citation: Citation, language: Language) -> Iterator[Block]:
    words = EXPORT[language]
    yield Block(Form.SUBHEADING, f"[{citation.marker}] {title_label(citation.title, citation.title_translation)}")
    yield Block(Form.FIELD, dates_label(language, citation.delivered, citation.posted), words["dates"])
    if citation.headings:
        yield Block(Form.FIELD, " › ".join(citation.headings), words["place"])
    label = period_label(language, citation.period, citation.status)
    if label:
        yield Block(Form.FIELD, label, words["period"])
    yield Block(Form.FIELD, citation.passage_id, words["passage"])
    yield Block(Form.QUOTE, citation.marked)
    if citation.marked != citation.quote:
        yield Block(Form.NOTE, REPAIR_NOTE[language])
    if citation.translation:
        yield Block(Form.FIELD, citation.translation, words["translation"])
    if citation.translation_kind:
        yield Block(Form.NOTE, TRANSLATION_NOTE[citation.translation_kind])


def _receipt(receipt: Receipt, language: Language) -> Iterator[Block]:
    words = EXPORT[language]
    yield Block(Form.HEADING, words["receipt"])
    yield Block(Form.FIELD, receipt.asked_at.isoformat(timespec="seconds"), words["asked_at"])
    yield Block(Form.FIELD, receipt.basis.index, words["index"])
    yield Block(Form.FIELD, receipt.basis.corpus, words["corpus"])
    yield Block(Form.FIELD, receipt.basis.encoder, words["encoder"])
    yield Block(Form.FIELD, receipt.answer, words["hash"])


_MARKDOWN = {
    Form.TITLE: "# {}",
    Form.HEADING: "## {}",
    Form.SUBHEADING: "### {}",
    Form.TEXT: "{}",
    Form.FIELD: "{}",
    Form.QUOTE: "> {}",
    Form.NOTE: "*{}*",
}


def _markdown(block: Block) -> str:
    label = f"**{escape(block.label)}** " if block.label else ""
    return label + _MARKDOWN[block.form].format(escape(block.text))


def _add(document: WordDocument, block: Block) -> None:
    text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", block.text)
    if block.form in (Form.TITLE, Form.HEADING, Form.SUBHEADING):
        document.add_heading(text, level=block.form.value)
        return
    paragraph = document.add_paragraph(style="Quote" if block.form is Form.QUOTE else None)
    if block.label:
        paragraph.add_run(f"{block.label}  ").bold = True
    paragraph.add_run(text).italic = True if block.form is Form.NOTE else None
