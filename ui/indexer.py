"""Making a change of what is held and bringing the index up to date, as a job."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from index.build import BuildingError
from index.store import MismatchError
from rag import assemble
from ui.changes import add_files, require_sections
from ui.jobs import Add, Correct, JobFile, Remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corpus.holdings import Holdings
    from index.encoder import Encoder
    from rag.pipeline import Pipeline
    from rag.settings import Settings
    from ui.jobs import Change, Job


class Removals:
    """Sees to it that what was removed answers nothing, also where the index could not be built without it.

    While a removal is under way the former index answers, until the new one is whole. Where building fails, a file
    tells every process over this data folder that its index may hold what was removed.
    """

    def __init__(self, folder: Path) -> None:
        self._begun, self._failed = folder / "removing", folder / "removed-not-built"

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Remove and build inside the block."""
        self._begun.parent.mkdir(parents=True, exist_ok=True)
        self._begun.touch()  # now, since a full disk may not take it later; a name can always be changed
        try:
            yield
        except BuildingError:
            raise  # it is tried again as soon as the other build has ended
        except BaseException:
            self._begun.replace(self._failed)
            raise
        self._begun.unlink()
        self._failed.unlink(missing_ok=True)

    def require_reached(self, pipeline: Pipeline, holdings: Holdings) -> None:
        """Refuse a pipeline that may answer from what was removed.

        Raises:
            MismatchError: its index still holds it; the message names the command.
        """
        if not self._failed.exists():
            return
        left = holdings.withdrawn() & {document.id for document in pipeline.documents()}
        if left:
            raise MismatchError(
                f"the index still holds {', '.join(sorted(left))}, removed since, and could not be built anew; make "
                "room on the disk if it is full, then run: district-qa build"
            )


class Indexer:
    """Performs jobs over a data folder, with an encoder that may be serving at the same time."""

    def __init__(self, settings: Settings, encoder: Encoder, removals: Removals) -> None:
        self._settings, self._encoder, self._removals = settings, encoder, removals

    def perform(self, change: Change, files: list[Path], by: str, report: Callable[[Job], None], job: Job) -> Job:
        """Make the change, then the index; see `ui.worker.Performer`."""
        with self._removals.under_way() if isinstance(change, Remove) else nullcontext():
            return self._perform(change, files, by, report, job)

    def _perform(self, change: Change, files: list[Path], by: str, report: Callable[[Job], None], job: Job) -> Job:
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
