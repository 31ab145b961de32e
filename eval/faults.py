"""The fault runs: `python -m eval.faults`.

A service over a copy of the data folder is treated badly in one way after another. Each run tells what was done, what
was seen, and whether anything was lost: documents held, questions logged, answers given.
"""

from __future__ import annotations

import resource
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import typer

from eval.served import Served, copy_data
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

_QUESTION = "2019年地区生产总值增长多少?"
#: Where Debian's package libfaketime puts what gives a process another clock.
_FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: what was done, what was seen, and whether nothing was lost."""

    done: str
    seen: str
    is_well: bool


class Run:
    """One service and what is asked of it."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self._number = 0

    def ask(self) -> dict[str, Any]:
        """Ask a question that the documents answer; return the answer."""
        answer: dict[str, Any] = (
            self.service.http.post("/api/v1/ask", json={"question": _QUESTION}).raise_for_status().json()
        )
        return answer

    def answers(self) -> bool:
        """Return whether it answers, with citations."""
        return bool(self.ask()["citations"])

    def logged(self) -> int:
        """Return how many questions are in the log."""
        with closing(sqlite3.connect(self.service.data_dir / "questions.db")) as database:
            return int(database.execute("select count(*) from question").fetchone()[0])

    def documents(self) -> set[str]:
        """Return the ids of the documents that answers come from."""
        return {one["id"] for one in self.service.http.get("/api/v1/documents").raise_for_status().json()}

    def upload(self, kilobytes: int = 1) -> httpx.Response:
        """Send a document that is not held yet."""
        self._number += 1
        name = f"青山湾第{self._number}号码头"
        text = f"# {name}\n\n" + f"{name}于2031年建成，设泊位{self._number}个。\n\n" * (kilobytes * 16)
        files = {"files": (f"pier-{self._number}.md", text.encode(), "text/markdown")}
        return self.service.http.post("/api/v1/documents", files=files)

    def restart(self, **environment: str) -> None:
        """Start again after an end, and wait until it is ready."""
        self.service.start(environment)
        self.service.wait_until_ready()


def stopped_politely(run: Run) -> Row:
    """SIGTERM while questions are being answered."""
    before, count = run.logged(), 12
    with ThreadPoolExecutor(count) as pool:
        asked = [pool.submit(run.ask) for _ in range(count)]
        time.sleep(0.15)
        status = run.service.stop()
        answered = sum(1 for one in asked if one.exception() is None)
        refused = sum(1 for one in asked if isinstance(one.exception(), httpx.ConnectError))
    logged = run.logged() - before
    run.restart()
    return Row(
        f"SIGTERM while {count} questions were under way",
        f"{answered} answered and logged ({logged}), {refused} came too late and found no service, none broke off; "
        f"exit status {status}",
        answered + refused == count and logged == answered,
    )


def killed_while_indexing(run: Run) -> Row:
    """SIGKILL while a document is being added."""
    before = run.documents()
    response = run.upload(200)
    response.raise_for_status()
    time.sleep(0.4)
    run.service.stop(signal.SIGKILL)
    run.restart()
    job = run.service.job(response)
    after = run.documents()
    return Row(
        "SIGKILL while an uploaded document was being indexed, then started again",
        f"the former documents answered at once; the job went on by itself and is {job['state']} "
        f"(begun {job['attempts']} times); {len(after - before)} document added",
        job["state"] == "done" and before < after and run.answers(),
    )


def worker_killed(run: Run) -> Row:
    """One of two processes is killed while questions are asked."""
    run.service.stop()
    run.service.start(workers=2)
    run.service.wait_until_ready()
    # Children of the first process: the workers, and what watches over shared resources.
    workers = [child for child in run.service.process.children() if child.memory_info().rss > 200 * 2**20]
    failed = 0
    for number in range(40):
        if number == 10:
            workers[0].kill()
        try:
            failed += not run.answers()
        except httpx.TransportError:
            failed += 1
    until = time.monotonic() + 60
    while time.monotonic() < until and _busy(run) < 2:
        time.sleep(0.5)
    again = _busy(run)
    run.service.stop()
    run.restart()
    return Row(
        "`serve --workers 2`, one of the two processes killed while 40 questions were asked one after the other",
        f"{40 - failed} answered, {failed} cut off with the process; {again} processes serve afterwards",
        failed <= 1 and again == 2,
    )


def _busy(run: Run) -> int:
    return sum(child.memory_info().rss > 200 * 2**20 for child in run.service.process.children())


def disk_full(run: Run) -> Row:
    """No file of the service may grow beyond 64 KB, as on a full disk; then there is room again."""
    before, logged = run.documents(), run.logged()
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(run.service.process.pid, resource.RLIMIT_FSIZE, (2**16, resource.RLIM_INFINITY))
    answered = sum(run.answers() for _ in range(5))
    refused = run.upload(400)
    small = run.upload()
    job = run.service.job(small) if small.is_success else {"state": f"refused with {small.status_code}", "error": ""}
    resource.prlimit(run.service.process.pid, resource.RLIMIT_FSIZE, unlimited)
    answered += run.answers()
    kept = run.logged() - logged
    later = run.service.job(run.upload())
    return Row(
        "no file could grow beyond 64 KB while a small and a large document were uploaded; then there was room again",
        f"6 of 6 questions answered, {kept} logged; the large upload got {refused.status_code}, the small one is "
        f"{job['state']}; with room again an upload is {later['state']}",
        answered == 6 and kept == 6 and later["state"] == "done" and before <= run.documents(),
    )


def index_damaged(run: Run) -> Row:
    """The serving build's file of vectors is cut short while the service is down."""
    before = run.documents()
    run.service.stop()
    name = (run.service.data_dir / "index" / "CURRENT").read_text(encoding="utf-8").strip()
    vectors = run.service.data_dir / "index" / "builds" / name / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:1000])
    start, doctor = run.service.command("serve", "--port", str(run.service.port)), run.service.command("doctor")
    build = run.service.command("build")
    run.restart()
    return Row(
        "`vectors.faiss` cut short while the service was down",
        f"serve ends with status {start.returncode} and tells the command to run, doctor with status "
        f"{doctor.returncode}; build makes it anew (status {build.returncode}); the service answers",
        start.returncode == 1
        and start.stderr.strip().endswith("run: district-qa build")
        and doctor.returncode == 1
        and build.returncode == 0
        and before == run.documents()
        and run.answers(),
    )


def index_deleted(run: Run) -> Row:
    """The folder of builds is deleted under a running service."""
    before = run.documents()
    shutil.rmtree(run.service.data_dir / "index" / "builds")
    answered = sum(run.answers() for _ in range(3))
    build = run.service.command("build")
    return Row(
        "all builds of the index deleted under the running service",
        f"{answered} of 3 questions answered from the files that it has open; build makes the index anew (status "
        f"{build.returncode}), the service takes it up by itself",
        answered == 3 and build.returncode == 0 and before == run.documents() and run.answers(),
    )


def clock_set_back(run: Run) -> Row:
    """The service is started with a clock 400 days behind."""
    if not _FAKETIME.exists():
        return Row("the clock set back by 400 days", "not run: Debian's package libfaketime is not installed", True)
    before, logged = run.documents(), run.logged()
    behind = {"LD_PRELOAD": str(_FAKETIME), "FAKETIME": "-400d"}
    run.service.stop()
    run.restart(**behind)
    well, doctor = run.answers(), run.service.command("doctor", **behind)
    job = run.service.job(run.upload())
    after, kept = run.documents(), run.logged() - logged
    run.service.stop()
    run.restart()
    run.ask()  # with it goes what is too old
    return Row(
        "started with the clock set back by 400 days (libfaketime), then with the right one again",
        f"questions are answered and logged ({kept}), an upload is {job['state']}, doctor says that the clock is wrong "
        f"(status {doctor.returncode}); nothing of before was deleted. With the right clock the question of that time "
        "counts as 400 days old and is deleted as such",
        well
        and kept == 1
        and job["state"] == "done"
        and before < after == run.documents()
        and run.logged() == logged + 1
        and "was recorded before" in doctor.stdout,
    )


def database_locked(run: Run) -> Row:
    """Another program holds the log of questions."""
    before = run.logged()
    with closing(sqlite3.connect(run.service.data_dir / "questions.db")) as other:
        other.execute("begin exclusive")
        slowest, answered = 0.0, 0
        for _ in range(5):
            began = time.perf_counter()
            answered += run.answers()
            slowest = max(slowest, time.perf_counter() - began)
        other.rollback()
    answered += run.answers()
    return Row(
        "`questions.db` locked by another program during 5 questions",
        f"all answered, the slowest after {slowest:.1f} s; {run.logged() - before} in the log after the next question",
        answered == 6 and run.logged() - before == 6,
    )


def half_an_upload(run: Run) -> Row:
    """A client leaves in the middle of an upload."""
    before, folder = run.documents(), run.service.data_dir / "jobs"
    held = sum(1 for path in folder.rglob("*") if path.is_file())
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="half.md"\r\n\r\n' + b"a" * 200_000
    with socket.create_connection(("127.0.0.1", run.service.port)) as client:
        head = f"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{run.service.port}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
        client.sendall(head.encode() + body)
        time.sleep(0.3)
    time.sleep(0.5)
    left = sum(1 for path in folder.rglob("*") if path.is_file()) - held
    return Row(
        "a connection closed after 200 KB of an announced 1 MB",
        f"nothing is held of it ({left} files left in the folder of jobs), the service answers",
        left == 0 and run.documents() == before and run.answers(),
    )


def backed_up_while_changing(run: Run) -> Row:
    """A backup is made while questions are asked and a document is added, and restored elsewhere."""
    stop = threading.Event()

    def keep_asking() -> int:
        asked = 0
        while not stop.is_set():
            asked += run.answers()
        return asked

    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(keep_asking)
        job = run.upload(20)
        file, other = Path(scratch) / "backup.tar.gz", {"DISTRICT_QA_DATA_DIR": str(Path(scratch) / "data")}
        backup = run.service.command("backup", str(file))
        state = run.service.job(job)["state"]
        stop.set()
        asked = asking.result()
        restore = run.service.command("restore", str(file), **other)
        answer = run.service.command("build", **other), run.service.command("ask", _QUESTION, **other)
    return Row(
        "`backup` during questions and an upload, `restore` into another folder, `build` and `ask` there",
        f"{asked} questions answered meanwhile, the upload is {state}; backup {backup.returncode}, restore "
        f"{restore.returncode}, build {answer[0].returncode}, ask {answer[1].returncode}",
        state == "done" and not any(one.returncode for one in (backup, restore, *answer)),
    )


RUNS: tuple[Callable[[Run], Row], ...] = (
    *(stopped_politely, killed_while_indexing, worker_killed, disk_full, index_damaged, index_deleted),
    *(clock_set_back, database_locked, half_an_upload, backed_up_while_changing),
)


def table(rows: list[Row]) -> str:
    """Return the report as Markdown."""
    lines = [f"| {row.done} | {row.seen} | {'nothing' if row.is_well else '**SOMETHING**'} |" for row in rows]
    return "\n".join(
        [
            "# Fault runs",
            "",
            "Written by `python -m eval.faults`: a service over a copy of the data folder, one fault after another.",
            "",
            "| what was done | what was seen | lost |",
            "|---|---|---|",
            *lines,
            "",
        ]
    )


@app.command()
def main(
    only: Annotated[list[str] | None, typer.Option(help="Names of runs; all by default. May be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the report to a file.")] = None,
) -> None:
    """Run the faults; exit status 1 where anything was lost."""
    wanted = [one for one in RUNS if not only or one.__name__ in only]
    if not wanted:
        raise typer.BadParameter(f"there is no run {only}; known are {', '.join(one.__name__ for one in RUNS)}")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        copy_data(Settings().data_dir, Path(scratch) / "data")
        limits = {"DISTRICT_QA_RATE_PER_ADDRESS": "", "DISTRICT_QA_LOG_LEVEL": "WARNING"}
        with Served(Path(scratch) / "data", Path(scratch) / "log", **limits) as service:
            run = Run(service)
            run.ask()
            for fault in wanted:
                rows.append(fault(run))
                print(f"{fault.__name__}: {rows[-1].seen}", file=sys.stderr, flush=True)
    report = table(rows)
    typer.echo(report)
    if out is not None:
        out.write_text(report, encoding="utf-8")
    if not all(row.is_well for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
