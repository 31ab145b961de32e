"""The load run: `python -m eval.load`.

Readers ask, search and list over HTTP while an editor adds documents, asks about them and removes them again. Looked
for are errors, answers and search results from a document whose removal was done before they were asked for, and
memory that grows.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import gevent
import typer
from locust import HttpUser, constant, task
from locust.env import Environment

from eval.cases import read_cases
from eval.served import Served, copy_data
from eval.suites import shipped
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from locust.clients import ResponseContextManager

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

#: The share of a run after which memory is looked at first: every part has been used by then.
_WARM = 0.2
#: Growth from there to the end up to which memory is called flat.
_FLAT = 0.1
_POLL = "GET jobs/{id}"
#: Documents that an editor holds at a time.
_HELD = 2


@dataclass(slots=True)
class Watch:
    """What all users of a run share and look for."""

    questions: Iterator[str]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    removed: dict[str, float] = field(default_factory=dict)  # id of a document -> when its removal was done
    wrong: list[str] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)  # requests done, resident MB

    def look(self, began: float, found: list[str], what: str) -> None:
        """Note where something that began at a time names a document that had been removed before."""
        self.wrong += [f"{what} named {one}, removed before" for one in found if self.removed.get(one, began) < began]


WATCH = Watch(iter(()))


class Reader(HttpUser):
    """Asks in both languages, searches, and looks at lists."""

    wait_time = constant(0)
    weight = 1

    @task(12)
    def ask(self) -> None:
        """Ask a question of the benchmark."""
        ask(self, next(WATCH.questions))

    @task(5)
    def search(self) -> None:
        """Search for a text."""
        began = time.time()
        found = self.client.post("/api/v1/search", json={"query": next(WATCH.questions), "k": 10}, name="POST search")
        if found.ok:
            WATCH.look(began, [one["document_id"] for one in found.json()], "a search")

    @task(2)
    def documents(self) -> None:
        """List the documents."""
        began = time.time()
        listed = self.client.get("/api/v1/documents", name="GET documents")
        if listed.ok:
            WATCH.look(began, [one["id"] for one in listed.json()], "the list")

    @task(1)
    def indicators(self) -> None:
        """List what is reported of an indicator."""
        self.client.get("/api/v1/indicators", params={"name": "GDP"}, name="GET indicators")


class Editor(HttpUser):
    """Adds a document, asks about it, and removes the one before."""

    wait_time = constant(1)
    fixed_count = 1

    def on_start(self) -> None:
        """Hold nothing yet."""
        self.held: list[tuple[str, str]] = []

    @task
    def change(self) -> None:
        """Add one, and remove one where enough are held."""
        number = next(WATCH.numbers)
        name = f"青山湾第{number}号码头"
        text = f"# {name}\n\n{name}于2031年建成，总投资{number}亿元，设泊位{number + 7}个，由区交通委管理。\n"
        files = {"files": (f"pier-{number}.md", text.encode(), "text/markdown")}
        added = self._done(self.client.post("/api/v1/documents", files=files, name="POST documents"))
        for document in added:
            self.held.append((document, name))
            self._require(document, name, is_there=True)
        if len(self.held) > _HELD:
            document, name = self.held.pop(0)
            gone = self._done(self.client.delete(f"/api/v1/documents/{document}", name="DELETE documents/{id}"))
            if gone:
                WATCH.removed[document] = time.time()
                self._require(document, name, is_there=False)

    def _require(self, document: str, name: str, *, is_there: bool) -> None:
        """Ask about a document: it must be among the passages, or, removed, must not."""
        answer = ask(self, f"{name}总投资多少?")
        if answer is not None and (document in _named(answer)) is not is_there:
            WATCH.wrong.append(f"{name} ({document}) {'not found when held' if is_there else 'found when removed'}")

    def _done(self, response: ResponseContextManager) -> list[str]:
        """Wait for a job; return the ids of its documents, none where it failed."""
        if not response.ok:
            return []
        job_id = response.json()["id"]
        while True:
            job = self.client.get(f"/api/v1/jobs/{job_id}", name=_POLL)
            state: dict[str, Any] = job.json() if job.ok else {"state": "failed", "error": f"status {job.status_code}"}
            if state["state"] == "done":
                return list(state["documents"])
            if state["state"] == "failed":
                WATCH.wrong.append(f"a job failed: {state['error']}")
                return []
            gevent.sleep(0.3)


def ask(user: HttpUser, question: str) -> dict[str, Any] | None:
    """Ask; return the answer, None where the request failed."""
    began = time.time()
    response = user.client.post("/api/v1/ask", json={"question": question}, name="POST ask")
    if not response.ok:
        return None
    answer: dict[str, Any] = response.json()
    WATCH.look(began, _named(answer), f"the answer to {question!r}")
    return answer


def _named(answer: dict[str, Any]) -> list[str]:
    nearest = answer["refusal"]["nearest"] if answer["refusal"] else []
    return [one["document_id"] for one in (*answer["passages"], *answer["citations"], *nearest)]


def run(service: Served, requests: int, readers: int) -> Environment:
    """Send so many requests, those that follow jobs apart; return locust's environment with its figures."""
    environment = Environment(user_classes=[Reader, Editor], host=service.address)
    runner = environment.create_local_runner()
    stats = environment.stats
    runner.start(readers + 1, spawn_rate=readers + 1)
    while (done := _sent(environment)) < requests:
        gevent.sleep(0.5)
        if not WATCH.memory or done - WATCH.memory[-1][0] >= max(requests // 50, 1):
            WATCH.memory.append((done, service.process.memory_info().rss / 2**20))
    runner.stop()
    WATCH.memory.append((_sent(environment), service.process.memory_info().rss / 2**20))
    runner.quit()
    if stats.total.num_failures:
        WATCH.wrong += [f"{error.occurrences} times {error.name}: {error.error}" for error in stats.errors.values()]
    return environment


def _sent(environment: Environment) -> int:
    return int(sum(entry.num_requests for (name, _), entry in environment.stats.entries.items() if name != _POLL))


def growth() -> tuple[float, float]:
    """Return resident memory in MB after warming up and at the end."""
    warm = next(memory for done, memory in WATCH.memory if done >= _WARM * WATCH.memory[-1][0])
    return warm, WATCH.memory[-1][1]


def table(environment: Environment, seconds: float) -> str:
    """Return the report as Markdown."""
    entries = sorted(environment.stats.entries.values(), key=lambda entry: entry.name)
    rows = [
        f"| {e.name} | {e.num_requests:,} | {e.num_failures} | {e.get_response_time_percentile(0.5):.0f} | "
        f"{e.get_response_time_percentile(0.95):.0f} |"
        for e in entries
    ]
    warm, end = growth()
    start = WATCH.memory[0][1]
    return "\n".join(
        [
            "# Load run",
            "",
            "Written by `python -m eval.load`; times depend on the machine and on what else runs on it.",
            "",
            f"{_sent(environment):,} requests in {seconds:.0f} s, and {environment.stats.total.num_failures} errors; "
            f"{len(WATCH.removed)} documents added and removed meanwhile.",
            "",
            "| request | sent | errors | median ms | 95 % ms |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Resident memory: {start:.0f} MB at the first look, {warm:.0f} MB after {_WARM:.0%} of the requests, "
            f"{end:.0f} MB at the end ({end / warm - 1:+.1%} since).",
            "",
            "Answers, searches or lists that named a document removed before, documents not found while held, "
            f"failed jobs and errors: {len(WATCH.wrong)}.",
            *(f"- {one}" for one in WATCH.wrong[:20]),
            "",
        ]
    )


@app.command()
def main(
    requests: Annotated[int, typer.Option(min=20, help="Requests to send.")] = 500,
    readers: Annotated[int, typer.Option(min=1, max=100, help="Readers at a time, beside one editor.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Write the report to a file.")] = None,
) -> None:
    """Load a service of its own over a copy of the data folder; exit status 1 where anything was wrong."""
    WATCH.questions = cycle([case.question for path in shipped(None) for case in read_cases(path)])
    with tempfile.TemporaryDirectory() as scratch:
        copy_data(Settings().data_dir, Path(scratch) / "data")
        limits = {"DISTRICT_QA_RATE_PER_ADDRESS": "", "DISTRICT_QA_LOG_LEVEL": "WARNING"}
        with Served(Path(scratch) / "data", Path(scratch) / "log", **limits) as service:
            began = time.perf_counter()
            environment = run(service, requests, readers)
            report = table(environment, time.perf_counter() - began)
            written = service.log()
    typer.echo(report)
    if out is not None:
        out.write_text(report, encoding="utf-8")
    faults = [line for line in written.splitlines() if "Traceback" in line or " error" in line.lower()]
    typer.echo("\n".join(faults[:20]))
    warm, end = growth()
    if WATCH.wrong or faults or end > warm * (1 + _FLAT):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
