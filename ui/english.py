"""The English edition as people and programs read about it: how much there is, and what its checks say."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from corpus.translations import TranslationKind, texts_to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus.translation_checks import Fault, Report
    from corpus.translations import Translations
    from corpus.types import Document


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many texts (title, headings, sentences) of a document have English, by its kind."""

    document: str
    title: str
    texts: int
    edition: int
    machine: int


def coverage(document: Document, translations: Translations) -> Coverage:
    """Return how much of a document has English."""
    kinds = Counter(translations.kind(text) for _, text in texts_to_translate(document))
    edition, machine = kinds[TranslationKind.EDITION], kinds[TranslationKind.MACHINE]
    return Coverage(document.id, document.title, kinds.total(), edition, machine)


def report_json(report: Report) -> dict[str, Any]:
    """Return a report of checks for programs."""
    return {
        "texts": report.sentences,
        "faults": [asdict(fault) for fault in report.faults],
        "excused": [asdict(fault) | {"reason": exemption.reason} for fault, exemption in report.excused],
        "unused": [asdict(exemption) for exemption in report.unused],
    }


def report_text(report: Report) -> str:
    """Return a report of checks for people: counts, then every fault, then every exception with its reason."""
    lines = [
        f"{report.sentences} texts, {len(report.faults)} faults, {len(report.excused)} excused, "
        f"{len(report.unused)} exceptions that excuse nothing"
    ]
    lines += fault_lines(report.faults)
    reasons = Counter((e.check, e.what, e.reason) for _, e in report.excused)
    lines += [f"excused {count} x {check} {what}: {reason}" for (check, what, reason), count in reasons.most_common()]
    lines += [f"excuses nothing: {e.check} {e.key} {e.what}: {e.reason}" for e in report.unused]
    return "\n".join(lines)


def fault_lines(faults: Iterable[Fault]) -> Iterator[str]:
    """Yield each fault as three lines: what fails, the Chinese, the English."""
    for fault in faults:
        yield f"{fault.check} {fault.key} {fault.what!r}\n  {fault.zh}\n  {fault.en}"
