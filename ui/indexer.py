"""Making a change of what is held and bringing the index up to date, as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag import assemble
from ui.changes import add_files, require_sections
from ui.jobs import Add, Correct, JobFile, Remove

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.encoder import Encoder
    from rag.settings import Settings
    from ui.jobs import Change, Job


class Indexer:
    """Performs jobs over a data folder, with an encoder that may be serving at the same time."""

    def __init__(self, settings: Settings, encoder: Encoder) -> None:
        self._settings, self._encoder = settings, encoder

    def perform(self, change: Change, files: list[Path], by: str, report: Callable[[Job], None], job: Job) -> Job:
        """Make the change, then the index; see `ui.jobs.Performer`."""
        report(job := job.model_copy(update={"step": "reading"}))
        texts, made = self._hold(change, files, by)
        library = assemble.make_library(self._settings)
        job = job.model_copy(update={"step": "indexing", "files": made})

        def progress(done: int, total: int) -> None:
            nonlocal job
            job = job.model_copy(update={"done": done, "total": total})
            report(job)

        if not assemble.is_current(self._settings, library, self._encoder.name):
            assemble.make_index(self._settings, library, self._encoder, progress)
        touched = [document for document, copies in library.copies.items() if not copies.isdisjoint(texts)]
        documents = [change.document] if isinstance(change, Remove) else touched
        return job.model_copy(update={"step": "", "documents": documents})

    def _hold(self, change: Change, files: list[Path], by: str) -> tuple[frozenset[str], list[JobFile]]:
        """Make the change in the holdings; return the ids of the texts that it is about, and what became of files."""
        holdings = assemble.make_holdings(self._settings)
        match change:
            case Add():
                added = add_files(holdings, files, change.said, by or "API")
                made = [
                    JobFile(file=one.file, new=one.is_new, texts=len(one.texts), left_out=len(one.skipped))
                    for one in added
                ]
                return frozenset(text for one in added for text in one.texts), made
            case Remove():
                holdings.remove(change.texts)
            case Correct():
                document = assemble.make_library(self._settings).document(change.document)
                require_sections(document, change.correction.sections)
                holdings.correct(change.document, change.correction)
                return frozenset((change.document,)), []
        return frozenset(), []
