"""BM25 over search terms. Home of tantivy.

tantivy keeps its index in files that are never changed once written: an opened index is mapped, not read into memory,
removals and additions are further small files, and the best few are found without scoring every text.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tantivy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from index.engine import Groups

#: Terms of a query that are looked up, the rarest first; a pasted page has thousands.
MOST_TERMS = 256

#: Bytes of postings held in memory before they are written out.
_BUFFER = 200_000_000
#: Frequencies up to which a term's texts are counted one by one, so that removed ones do not count.
_COUNTED = 1000
#: Lengths of texts that are kept as they are.
_EXACT_LENGTHS = 40
_TERMS, _NUMBER, _LABELS = "terms", "number", "labels"
_LOCKS = ".tantivy-*.lock"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_TERMS, tokenizer_name=_TERMS, index_option="freq")
    # Each label is one term, whatever is in it.
    builder.add_text_field(_LABELS, tokenizer_name="raw", index_option="basic")
    # Signed: removing by the term of an unsigned field removes nothing (tantivy 0.27).
    builder.add_integer_field(_NUMBER, indexed=True, fast=True)
    return builder.build()


class TantivyWriter:
    """Writes a keyword index into a new folder, from nothing or from an earlier one that stays as it is."""

    def __init__(self, folder: Path, earlier: Path | None = None) -> None:
        """Begin in `folder`, which does not exist yet.

        Raises:
            OSError: it cannot be written.
        """
        folder.mkdir(parents=True)
        self._folder, self._any_terms = folder, earlier is not None
        try:
            if earlier is not None:
                _share(earlier, folder)
            index = tantivy.Index(_schema(), path=str(folder))
            index.register_tokenizer(_TERMS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
            # One thread, so that the same texts give the same index.
            self._writer = index.writer(_BUFFER, 1)
        except ValueError as error:
            raise _unwritable(folder, error) from error

    def add(self, number: int, terms: Sequence[str], labels: Sequence[str] = ()) -> None:
        """Add a text under a number; its terms hold no white space, its labels are any strings."""
        self._any_terms = self._any_terms or bool(terms)
        try:
            self._writer.add_document(tantivy.Document(terms=" ".join(terms), number=number, labels=list(labels)))
        except ValueError as error:
            raise _unwritable(self._folder, error) from error

    def remove(self, numbers: Sequence[int]) -> None:
        """Take out every text that carries one of the numbers and was there before this writer began."""
        for number in numbers:
            self._writer.delete_documents_by_term(_NUMBER, number)

    def finish(self) -> None:
        """Write everything out; the index can be opened afterwards.

        Raises:
            ValueError: no text has any term, which would make every search silently empty.
            OSError: it cannot be written.
        """
        if not self._any_terms:
            raise ValueError("none of the texts has a search term; nothing could ever be found")
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise _unwritable(self._folder, error) from error
        for path in self._folder.glob(_LOCKS):
            path.unlink()
        # tantivy keeps these two to the owner; whoever may read the rest of the index may read them.
        readable = next(self._folder.glob("*.term"), None)
        for path in (self._folder / "meta.json", self._folder / ".managed.json"):
            if readable is not None:
                shutil.copymode(readable, path)


def _share(earlier: Path, folder: Path) -> None:
    """Begin with an earlier index: its unchanging files by link where the disk can, its two lists as copies."""
    for path in earlier.iterdir():
        target = folder / path.name
        if path.suffix == ".json":
            shutil.copy2(path, target)
            continue
        try:
            target.hardlink_to(path)
        except OSError:
            shutil.copy2(path, target)


def discard(folder: Path) -> None:
    """Remove a folder that holds an index, as far as possible.

    Once more where it was not empty in the end: a thread of tantivy may just have put its lock file there.
    """
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _unwritable(folder: Path, error: ValueError) -> OSError:
    return OSError(f"{folder} cannot be written: {error}")


class TantivyIndex:
    """BM25 as Lucene computes it (k1 1.2, b 0.75, lengths of texts rounded to 8 bits), over what a writer wrote."""

    def __init__(self, folder: Path) -> None:
        """Open an index for reading; nothing is written in its folder.

        tantivy takes a lock file beside the index even to read it (quickwit-oss/tantivy#557), so it is shown a
        scratch folder of links, which may go as soon as the files are mapped.

        Raises:
            OSError: there is no index in the folder.
            ValueError: it is damaged.
        """
        meta = folder / "meta.json"
        if not meta.exists():
            raise FileNotFoundError(f"{meta} is not there")
        scratch = Path(tempfile.mkdtemp(prefix="district-qa-"))
        try:
            for path in folder.iterdir():
                (scratch / path.name).symlink_to(path.resolve())
            self._searcher = tantivy.Index.open(str(scratch)).searcher()
        finally:
            discard(scratch)
        self._schema = _schema()

    @property
    def size(self) -> int:
        """How many texts are held."""
        return int(self._searcher.num_docs)

    def search(
        self, query: Sequence[str], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and scores of the best `k` texts, best first; a term given twice counts twice."""
        wanted = rarest(Counter(query), lambda term: int(self._searcher.doc_freq(_TERMS, term)))
        if not wanted or k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parts = [(tantivy.Occur.Should, self._query(term, times)) for term, times in wanted]
        asked = tantivy.Query.boolean_query(parts)
        if within:
            limits = [(tantivy.Occur.Must, limit) for limit in self._limits(within)]
            asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), *limits])
        hits = self._searcher.search(asked, k, count=False).hits
        values = self._searcher.fast_field_values(_NUMBER, [address for _, address in hits])
        numbers, scores = np.array(values, np.int64), np.array([score for score, _ in hits], np.float32)
        # Equal scores go by number, so that a search gives the same order every time.
        order = np.lexsort((numbers, -scores))
        return numbers[order], scores[order]

    def numbers(self, within: Groups) -> NDArray[np.int64]:
        """Return the numbers of all texts that carry one label of every group, ascending, each once.

        A million take some 0.3 s and, for a moment, 150 MB: tantivy hands every hit over as a Python object.
        """
        asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, limit) for limit in self._limits(within)])
        hits = self._searcher.search(asked, max(1, self.size), count=False).hits
        values = self._searcher.fast_field_values(_NUMBER, [address for _, address in hits])
        numbers = np.array(values, np.int64)
        # By a mark for each number: sorting a million of them took 0.2 s.
        there = np.zeros(int(numbers.max(initial=-1)) + 1, np.bool_)
        there[numbers] = True
        return np.flatnonzero(there)

    def _limits(self, within: Groups) -> list[tantivy.Query]:
        """Return queries that choose texts by their labels and add nothing to a score."""
        return [
            tantivy.Query.const_score_query(
                tantivy.Query.boolean_query([(tantivy.Occur.Should, self._label(label)) for label in group]), 0.0
            )
            for group in within
        ]

    def _label(self, label: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, _LABELS, label, "basic")

    def frequency(self, term: str) -> int:
        """Return in how many texts a term occurs; of common terms, also in some that are removed but not yet merged."""
        known = int(self._searcher.doc_freq(_TERMS, term))
        if not 0 < known <= _COUNTED:
            return known
        return len(self._searcher.search(self._query(term), _COUNTED, count=False).hits)

    def _query(self, term: str, times: int = 1) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, _TERMS, term, "freq")
        return tantivy.Query.boost_query(query, float(times)) if times > 1 else query


def rarest(terms: Counter[str], frequency: Callable[[str], int]) -> list[tuple[str, int]]:
    """Return the terms that occur in any text with how often they are asked for; of very many the rarest."""
    known = [(found, term) for term in terms if (found := frequency(term))]
    return [(term, terms[term]) for _, term in sorted(known)[:MOST_TERMS]]


def kept_length(terms: int) -> int:
    """Return the length that tantivy, as Lucene, keeps of a text of so many terms: 3 bits and a scale, rounded down."""
    length, step = _EXACT_LENGTHS, 2
    while terms >= length + 8 * step:
        length, step = length + 8 * step, 2 * step
    return terms if terms <= _EXACT_LENGTHS else length + (terms - length) // step * step
