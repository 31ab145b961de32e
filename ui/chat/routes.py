"""What is served beside the page itself: the way in by language, the reader of documents, styles and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from corpus.holdings import HoldingsError
from rag.types import Language
from ui.chat.reader import MOST_SOUGHT, read
from ui.chat.render import STATIC, render
from ui.originals import attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.types import Document
    from rag.pipeline import Pipeline
    from ui.chat.reader import Reading
    from ui.originals import OriginalFile

#: The reader is a page of ours with nothing from elsewhere; what a document holds can run nothing even if it got in.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_CHOSEN = "language"  # the cookie that remembers a switched language


#: The page for staff also calls the API.
_STAFF_POLICY = f"{_POLICY}; connect-src 'self'"
#: Labels that the script of the page for staff shows.
_STAFF_SAID = (
    *("lost", "staff_waiting", "staff_running", "staff_done", "staff_failed", "staff_not_done"),
    *("staff_wrong_key", "staff_no_role", "staff_too_large", "staff_other_kind", "staff_unreadable"),
    *("staff_too_often", "staff_no_room", "staff_unavailable"),
)


def make_routes(
    pipeline: Callable[[], Pipeline],
    originals: Callable[[str], Sequence[OriginalFile]] | None = None,
) -> APIRouter:
    """Return the routes beside the page; none of them is part of the API.

    `originals` gives each file that a document came from; without it none can be downloaded.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def enter(request: Request) -> RedirectResponse:
        """Lead to the page in the language chosen before, or else the browser's."""
        language = _language(request.cookies.get(_CHOSEN), request.headers.get("accept-language", ""))
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{language}/{query}", headers={"Vary": "Accept-Language, Cookie"})

    @routes.get("/favicon.ico")
    def icon() -> FileResponse:
        """Return the icon to browsers that ask for it by its old name."""
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    @routes.get("/read/{document_id}")
    def read_document(
        document_id: str,
        lang: Language = Language.ZH,
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
        q: Annotated[str, Query(max_length=MOST_SOUGHT)] = "",
        view: Annotated[str, Query(pattern="^(both|original|)$")] = "",
        as_came: bool = False,
    ) -> HTMLResponse:
        """Show a document, at a sentence, or with what is searched for."""
        answering = pipeline()
        try:
            document = answering.document(document_id)
        except KeyError:
            return HTMLResponse(render("missing.html", lang, root="../"), 404, {"Content-Security-Policy": _POLICY})
        reading = read(answering, document, start, end, q.strip())
        shown = view or ("both" if lang is Language.EN else "original")
        asked = {"lang": lang, "start": start, "end": end, "q": q.strip(), "view": shown, "as_came": as_came}
        content = render(
            "reader.html",
            lang,
            reading=reading,
            english_title=_english_title(answering, document, lang),
            has_english=_has_english(reading),
            original_link=f"{document.id}/file" if originals else "",
            shown=shown,
            sought=q.strip(),
            start=start,
            end=end,
            as_came=as_came,
            view_link="?" + urlencode(asked | {"view": "original" if shown == "both" else "both"}),
            as_came_link="?" + urlencode(asked | {"as_came": not as_came}),
        )
        return HTMLResponse(content, headers={"Content-Security-Policy": _POLICY})

    @routes.get("/read/{document_id}/file")
    def download(document_id: str) -> Response:
        """Send the first file that a document came from, as it came, never to be shown by the browser itself."""
        try:
            for file in originals(document_id) if originals else ():
                return attachment(file.name, file.open())
        except (HoldingsError, FileNotFoundError):
            pass
        return HTMLResponse(
            render("missing.html", Language.ZH, root="../../"), 404, {"Content-Security-Policy": _POLICY}
        )

    @routes.get("/staff")
    def staff(lang: Language = Language.ZH) -> HTMLResponse:
        """Return the page for staff: empty until the API lets its key in."""
        content = render("staff.html", lang, said=_STAFF_SAID)
        return HTMLResponse(content, headers={"Content-Security-Policy": _STAFF_POLICY})

    routes.mount("/assets", StaticFiles(directory=STATIC), name="assets")
    return routes


def _english_title(pipeline: Pipeline, document: Document, language: Language) -> str:
    return pipeline.english_heading(document.title) if language is Language.EN else ""


def _has_english(reading: Reading) -> bool:
    return any(paragraph.english for chapter in reading.chapters for paragraph in chapter.paragraphs)


def _language(chosen: str | None, accepted: str) -> Language:
    """Return the language chosen, or else whichever of ours a browser names first; Chinese where it names neither."""
    if chosen in tuple(Language):
        return Language(chosen)
    for part in accepted.lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in tuple(Language):
            return Language(code)
    return Language.ZH
