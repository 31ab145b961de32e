"""What is held, and changes of it: `/api/v1/documents`, `/api/v1/jobs`."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, File, Form, Query, Request, Response, UploadFile
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, Field

from corpus.corrections import Correction
from corpus.holdings import HoldingsError
from corpus.types import Status
from rag import assemble
from ui.api.access import guarded
from ui.api.bodies import BINARY, OCTETS
from ui.api.problems import ProblemError, documented
from ui.api.uploads import receive_files
from ui.changes import Said, require_sections
from ui.jobs import Add, Correct, Job, Remove
from ui.keys import Role
from ui.originals import attachment, original_files
from ui.show import document_details, document_summary, sentence_entries

if TYPE_CHECKING:
    from corpus.library import Library
    from ui.api.service import Service

#: On each router with routes, not on one around them: the log and the figures name a request by its route's own path.
_PLACE: dict[str, Any] = {"prefix": "/api/v1", "tags": ["documents"]}
#: The path to which files are sent.
UPLOADS = "/api/v1/documents"
_READ_ERRORS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_CHANGE_ERRORS = _READ_ERRORS | documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
_UPLOAD_ERRORS = documented(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.INSUFFICIENT_STORAGE)
_LOCATION: dict[int | str, dict[str, Any]] = {
    202: {"headers": {"Location": {"description": "The job's address.", "schema": {"type": "string"}}}}
}

DocumentId = Annotated[
    str, InPath(max_length=200, description="id as the list has it", examples=["addee6e43dff"], pattern=r"^[^/]+$")
]


class DocumentSummary(BaseModel):
    """What is known of a document, without its text."""

    id: str
    title: str
    other_titles: list[str] = Field(description="titles under which it was posted too")
    kind: Literal["report", "article"]
    delivered: str = Field(description="when it was delivered or took place: a day, month or year, or `unknown`")
    delivered_rule: str = Field(description="how that was found")
    posted: list[str] = Field(description="days on which it was put up")
    characters: int
    repairs: int = Field(description="characters that its source had lost and that were put back")
    revision_of: str | None = Field(description="id of an earlier edition, where one is held")
    in_force: str | None = Field(description="years for which a policy says that it holds")


class PostingShown(BaseModel):
    """One appearance of a document."""

    title: str
    posted: str | None
    source: str


class LeftOutOfFile(BaseModel):
    """Something of a file that its reader left out."""

    line: int
    text: str
    reason: str


class FileShown(BaseModel):
    """A file that a document came from; without `added_by` it ships with the program."""

    file: str
    added_by: str | None
    added_at: str | None
    left_out: list[LeftOutOfFile]


class SectionShown(BaseModel):
    """A section with what it speaks about."""

    level: int
    title: str
    period: str | None
    status: Status


class RestoredShown(BaseModel):
    """A character that was put back, in square brackets in the text around it."""

    text: str
    character: str
    method: str
    confidence: float


class LeftOut(BaseModel):
    """Something of the text that is not the document's own."""

    text: str
    reason: str


class SentenceShown(BaseModel):
    """A sentence with its place in the text, its section's headings, and what it speaks about."""

    start: int
    end: int
    headings: list[str]
    period: str | None
    status: Status
    text: str = Field(description="as it was understood, restored characters in square brackets")


class DocumentDetails(DocumentSummary):
    """What was understood of a document."""

    postings: list[PostingShown]
    files: list[FileShown]
    passages: int
    sections: list[SectionShown]
    restored: list[RestoredShown]
    left_out: list[LeftOut]
    sentences: list[SentenceShown] | None = Field(description="where `text` was asked for")


class CorrectionBody(Correction):
    """What is to hold over what was read; what is left out stays as it is, null takes an earlier correction back."""


CORRECTION_EXAMPLES = {
    "delivered": {"summary": "更正日期 · another date", "value": {"delivered": "2020-01-07"}},
    "kind": {"summary": "更正类别 · another kind", "value": {"kind": "article"}},
    "section": {
        "summary": "更正一节的时期 · what a section speaks about",
        "value": {"sections": {"二、2020年主要任务": {"period": "2020", "status": "target"}}},
    },
}


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("wanted one line of printable characters")
    return text


Line = Annotated[str, Form(max_length=500), AfterValidator(_one_line)]


def make_router(service: Service) -> APIRouter:
    """Return the routes of documents and jobs."""
    router = APIRouter()
    for part in (_reading(service), _changing(service), _uploading(service)):
        router.include_router(part)
    return router


def _reading(service: Service) -> APIRouter:
    router = APIRouter(route_class=guarded(service.access, Role.ASK), responses=_READ_ERRORS, **_PLACE)

    @router.get("/documents", response_model=list[DocumentSummary], summary="List the documents")
    def list_documents(
        response: Response,
        limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 1000,
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out first.")] = 0,
    ) -> Any:
        """List the documents that answers come from, newest delivered first; `X-Total-Count` counts them all."""
        answering = service.pipeline()
        response.headers["X-Total-Count"] = str(answering.document_count())
        return [document_summary(entry) for entry in answering.documents(limit, offset)]

    @router.get("/documents/{document_id}", response_model=DocumentDetails, summary="Show one document")
    def show_document(
        document_id: DocumentId,
        text: Annotated[bool, Query(description="Also every sentence, with its period and status.")] = False,
    ) -> Any:
        """Show what was understood: dates, sections with period and status, repairs, what was left out."""
        library = assemble.make_library(service.settings)
        document = _found(library, document_id)
        sentences = sentence_entries(document) if text else None
        return document_details(document, library.origins[document.id]) | {"sentences": sentences}

    @router.get(
        "/documents/{document_id}/file",
        response_class=StreamingResponse,
        responses={200: {"description": "The file as it came.", "content": {OCTETS: {"schema": BINARY}}}},
        summary="Download the original file",
    )
    def download_file(
        document_id: DocumentId,
        name: Annotated[str, Query(max_length=300, description="Which of its files; the first without.")] = "",
    ) -> Response:
        """Send the file that a document came from, as it came, always as an attachment."""
        files = original_files(service.settings, _found(assemble.make_library(service.settings), document_id).id)
        for file in files:
            if name in ("", file.name):
                return attachment(file.name, file.open())
        known = ", ".join(file.name for file in files)
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{document_id} came from no file named {name!a}; wanted {known}")

    return router


def _changing(service: Service) -> APIRouter:
    router = APIRouter(route_class=guarded(service.access, Role.EDIT), responses=_CHANGE_ERRORS, **_PLACE)

    @router.delete(
        "/documents/{document_id}",
        status_code=202,
        response_model=Job,
        responses=_LOCATION,
        summary="Remove a document",
    )
    def remove_document(document_id: DocumentId, request: Request, response: Response) -> Any:
        """Remove a document, its file and every answer from it, as a job; once that is done nothing answers from it."""
        library = assemble.make_library(service.settings)
        document = _found(library, document_id)
        if len(library.documents) == 1:
            raise ProblemError(
                HTTPStatus.CONFLICT, f"{document_id} is the only document held; add another before you remove it"
            )
        texts = tuple(sorted(library.copies[document.id]))
        return _taken(service, Remove(document=document.id, texts=texts), request, response)

    @router.patch(
        "/documents/{document_id}",
        status_code=202,
        response_model=Job,
        responses=_LOCATION,
        summary="Correct a document",
    )
    def correct_document(
        document_id: DocumentId,
        correction: Annotated[CorrectionBody, Body(openapi_examples=CORRECTION_EXAMPLES)],
        request: Request,
        response: Response,
    ) -> Any:
        """Correct title, date, kind, or what a section and all below it speaks about, as a job.

        It is remembered, also when the file is added again changed.
        """
        if not correction.model_fields_set:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "nothing to correct came; wanted title, delivered, kind or sections"
            )
        document = _found(assemble.make_library(service.settings), document_id)
        require_sections(document, correction.sections)
        change = Correct(document=document.id, correction=correction)
        return _taken(service, change, request, response)

    @router.get("/jobs/{job_id}", summary="Follow a job")
    def show_job(job_id: Annotated[str, InPath(max_length=64, pattern="^[0-9a-f]+$")]) -> Job:
        """Tell how far a job is; jobs are forgotten after thirty days."""
        job = service.jobs.get(job_id)
        if job is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, f"there is no job {job_id!r}; jobs are forgotten after thirty days"
            )
        return job

    return router


def _uploading(service: Service) -> APIRouter:
    settings = service.settings
    router = APIRouter(
        route_class=guarded(service.access, Role.EDIT),
        responses=_CHANGE_ERRORS | _UPLOAD_ERRORS,
        **_PLACE,
        form_limits={"max_files": settings.upload_files, "max_fields": 10, "max_part_size": 10_000},
    )

    @router.post("/documents", status_code=202, response_model=Job, responses=_LOCATION, summary="Add documents")
    def add_documents(
        request: Request,
        response: Response,
        files: Annotated[
            list[UploadFile],
            File(
                description="Listing, HTML, PDF, DOCX, XLSX, CSV, Markdown or text; each with its name's ending.",
                json_schema_extra={"items": BINARY},
            ),
        ],
        title: Annotated[Line | None, Form(description="Title, where the file's own is wrong.")] = None,
        delivered: Annotated[dt.date | None, Form(description="When it was delivered.")] = None,
        posted: Annotated[dt.date | None, Form(description="When it was put up.")] = None,
        kind: Annotated[Literal["report", "article"] | None, Form()] = None,
        source_url: Annotated[Line | None, Form(description="Where it came from.")] = None,
    ) -> Any:
        """Add documents, as a job: either all files are added or none. What is said of them holds for all of them."""
        said = {"title": title, "delivered": delivered, "kind": kind}
        correction = Correction.model_validate({name: value for name, value in said.items() if value is not None})
        job_id = service.jobs.new_id()
        receive_files(files, service.jobs.files_folder(job_id))
        change = Add(said=Said(correction=correction, posted=posted, source_url=source_url))
        return _taken(service, change, request, response, job_id)

    return router


def _taken(
    service: Service, change: Add | Remove | Correct, request: Request, response: Response, job_id: str | None = None
) -> Job:
    """Take a job down and say where it can be followed."""
    job = service.jobs.add(change, request.state.caller.name, job_id)
    service.worker.wake()
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job


def _found(library: Library, document_id: str) -> Any:
    try:
        return library.document(document_id)
    except HoldingsError:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"there is no document {document_id!a}; GET /api/v1/documents lists them"
        ) from None
