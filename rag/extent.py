"""How far an answer reaches beyond its best sentences: the rest of a list, and what cannot be read by itself.

Sentences are taken for their words; the other items of a list, and the sentence that a pronoun points to, often share
none with the question. What opens an item and what points back is data (`cues.toml`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.sentences import continues
from corpus.types import Status
from rag.cues import CUES, compile_cue
from rag.retrieve import fits_period
from rag.types import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from corpus.types import Passage
    from rag.types import Evidence, Question

_SEVERAL, _GIST = compile_cue(CUES["several"]), compile_cue(CUES["gist"])
_ITEM, _REFERS = compile_cue(CUES["item"]), compile_cue(CUES["refers"])
#: A line of a text that was broken where its print changed ends in no mark.
_WHOLE = re.compile(r"[。！？!?；;：:.][”’」』》）)\"']*$")
#: Passages that follow each other in a document have at most a space between them.
_GAP = 2

Key = tuple[str, int]


def extend(question: Question, weighed: Sequence[Evidence], kept: Collection[Key]) -> dict[Key, str]:
    """Return the further sentences that belong to those kept, each with the reason; only of what was weighed."""
    best = weighed[0]
    found: dict[Key, str] = {}
    for run in _runs(weighed):
        taken = {at for at, item in enumerate(run) if key(item) in kept}
        if not taken:
            continue
        reached = _with_what_leans(question, run, taken)
        reached |= _listed(question, run, reached)
        if asks_what_is_said(question) and key(best) in {key(item) for item in run}:
            reached |= {at for at, one in enumerate(run) if _follows_best(question, best, one)}
        found |= {key(run[at]): "belongs to a kept sentence" for at in sorted(reached - taken)}
    return found


def key(evidence: Evidence) -> Key:
    """Return the place of a sentence: its passage, and the how manieth it is there."""
    return evidence.hit.passage.id, evidence.sentence


def _runs(weighed: Sequence[Evidence]) -> list[list[Evidence]]:
    """Return the sentences in reading order, in runs that nothing weighed interrupts."""
    runs: list[list[Evidence]] = []
    for item in sorted(weighed, key=lambda e: (e.hit.passage.document_id, e.hit.passage.start, e.sentence)):
        if not runs or not adjoin(runs[-1][-1].hit.passage, item.hit.passage):
            runs.append([])
        runs[-1].append(item)
    return runs


def adjoin(first: Passage, second: Passage) -> bool:
    """Return whether a passage is the one before it, or follows it in the document with nothing between."""
    return first.id == second.id or (first.document_id == second.document_id and 0 <= second.start - first.end <= _GAP)


def asks_for_several(question: Question) -> bool:
    """Return whether an answer may be a list of sentences, and not the best one alone."""
    listed = question.kind in (Kind.LIST, Kind.REASON) or bool(_SEVERAL.search(question.standalone))
    return listed or asks_what_is_said(question)


def asks_what_is_said(question: Question) -> bool:
    """Return whether the gist is asked for: what a report says about a thing."""
    return bool(_GIST.search(question.standalone))


def _with_what_leans(question: Question, run: Sequence[Evidence], taken: Collection[int]) -> set[int]:
    """Return what is taken with the beginning of a broken sentence, and with what leans on it behind it."""
    reached = set(taken)
    for at in range(len(run) - 1, 0, -1):
        if at in reached and _is_broken(run[at - 1]):
            reached.add(at - 1)
    for at in range(1, len(run)):
        if at - 1 in reached and _goes_on(question, run[at - 1], run[at]):
            reached.add(at)
    return reached


def _is_broken(evidence: Evidence) -> bool:
    """Return whether a sentence is cut off; the lines of a title are whole without a mark."""
    return evidence.frame.status is not Status.NONE and not _WHOLE.search(evidence.text)


def _refers(question: Question, before: Evidence, item: Evidence) -> bool:
    """Return whether a reason asked for is told by two sentences, the second of which points to the first."""
    same = before.hit.passage.id == item.hit.passage.id
    return question.kind is Kind.REASON and same and bool(_REFERS.match(item.text))


def _goes_on(question: Question, before: Evidence, item: Evidence) -> bool:
    """Return whether a sentence adds to the one before it; a next item does only where several are asked for."""
    first, second, several = before.text, item.text, asks_for_several(question)
    if _is_broken(before) or first.endswith(("：", ":")):
        return True
    if _ITEM.match(second):
        return several and bool(_ITEM.match(first))
    added = continues(second) or _refers(question, before, item)
    return added or (several and first.endswith((";", "；")))


def _listed(question: Question, run: Sequence[Evidence], reached: Collection[int]) -> set[int]:
    """Return all items of a list of which the sentence that announces it or two items are there already."""
    items = [at for at, item in enumerate(run) if _ITEM.match(item.text) and fits(question, item)]
    if not items or not asks_for_several(question):
        return set()
    is_whole = items[0] - 1 in reached or sum(at in reached for at in items) > 1
    return set(range(items[0], items[-1] + 1)) if is_whole else set()


def _follows_best(question: Question, best: Evidence, item: Evidence) -> bool:
    """Return whether a sentence stands behind the best one in its passage, and speaks of the time asked for."""
    return item.hit.passage.id == best.hit.passage.id and item.sentence > best.sentence and fits(question, item)


def fits(question: Question, item: Evidence) -> bool:
    """Return whether a sentence is of the time asked for, and a result or a target as is wanted."""
    return fits_period(question, item.hit.passage, item.sentence) and question.wants.fits(item.frame.status)
