"""Period and status of single figures against labels made by hand: `python -m eval.labels`.

`eval/labels/<corpus>.jsonl`, one object a line: `document` (delivered date, or `2026-<province>`), `sentence` as the
source has it, `mention` (the figure with its unit), `period`, `status`. One reader chose every k-th figure and the
tricky ones, and labelled them without seeing the code. The last rules were written with these labels at hand, so
their share is an upper bound for new documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.periods import Frame, mention_frame
from corpus.types import Period, Status
from eval.corpora import DISTRICT, PROVINCES, load_corpus
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.types import Document

FOLDER = Path(__file__).with_name("labels")


@dataclass(frozen=True, slots=True)
class Label:
    """What one figure of a document speaks about, as a person read it."""

    document: str
    sentence: str
    mention: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Outcome:
    """A label and what the code read instead; `read` is None where the figure stands in no sentence."""

    label: Label
    read: Frame | None

    @property
    def right(self) -> bool:
        """True when period and status are both right."""
        return self.read == self.label.frame


def read_labels(path: Path) -> list[Label]:
    """Read a file of labels."""
    labels = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        frame = Frame(Period.parse(entry["period"]), Status(entry["status"]))
        labels.append(Label(entry["document"], entry["sentence"], entry["mention"], frame))
    return labels


def check_labels(labels: Sequence[Label], documents: Sequence[Document]) -> list[Outcome]:
    """Return what the code reads for every label.

    Raises:
        KeyError: a label names a document that is not there.
        ValueError: its sentence is not in that document's source.
    """
    by_name = {_name(document): document for document in documents}
    return [Outcome(label, _read(label, by_name[label.document])) for label in labels]


def _name(document: Document) -> str:
    """Name a report as the labels do: by its date, or by year and province where the title names one."""
    title = document.title
    if (
        title[:4].isdigit()
        and title[4] == "年"
        and title.endswith(("省政府工作报告", "市政府工作报告", "自治区政府工作报告"))
    ):
        return f"{title[:4]}-{title[5:].removesuffix('政府工作报告')}"
    return str(document.delivered)


def _read(label: Label, document: Document) -> Frame | None:
    position = document.source_text().index(label.sentence) + label.sentence.index(label.mention)
    for repair in document.repairs:
        position += repair.position <= position
    sentence = next((s for s in document.sentences if s.start <= position < s.end), None)
    if sentence is None:
        return None
    text = document.text[sentence.start : sentence.end]
    own = Frame(sentence.period, sentence.status)
    return mention_frame(text, position - sentence.start, own, document.delivered.date)


def main() -> None:
    """Print for both corpora how many labelled figures are read rightly, and those that are not."""
    for corpus in (DISTRICT, PROVINCES):
        outcomes = check_labels(read_labels(FOLDER / f"{corpus}.jsonl"), load_corpus(corpus, Settings()).documents)
        wrong = [outcome for outcome in outcomes if not outcome.right]
        share = 1 - len(wrong) / len(outcomes)
        print(f"{corpus}: {len(outcomes) - len(wrong)} of {len(outcomes)} right ({share:.1%})")
        for outcome in wrong:
            label, read = outcome.label, outcome.read
            found = f"{read.period} {read.status}" if read else "no sentence"
            print(f"  {label.mention}: {label.frame.period} {label.frame.status}, read {found}: {label.sentence[:60]}")


if __name__ == "__main__":
    main()
