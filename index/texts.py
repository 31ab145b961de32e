"""What a passage is found by, and how to tell that it has changed."""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

import corpus.gloss
import corpus.indicators
import corpus.passages
import corpus.quantities
import corpus.sentences
import index.filter
from corpus.types import Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from corpus.translations import Translations
    from corpus.types import Passage

_DOCUMENT = TypeAdapter(Document)


def passage_texts(document: Document, passage: Passage, translations: Translations) -> list[str]:
    """Return the texts under which a passage is found, each with its document's title and headings before it.

    The Chinese text comes first; the English edition follows where every sentence of the passage has one.
    """
    chinese = "\n".join((document.title, *passage.headings, passage.text))
    english = [translations.lookup(passage.sentence_text(sentence)) for sentence in passage.sentences]
    if not all(english):
        return [chinese]
    above = [translations.lookup(heading) for heading in (document.title, *passage.headings)]
    return [chinese, "\n".join((*filter(None, above), " ".join(filter(None, english))))]


def document_hash(document: Document) -> str:
    """Return a hash that changes whenever anything about a document does."""
    return hashlib.sha256(_DOCUMENT.dump_json(document)).hexdigest()[:16]


def corpus_hash(documents: Sequence[Document], translations: Translations) -> str:
    """Return a hash that changes whenever any passage, or a text it is found by, may have changed."""
    return joint_hash({document.id: document_hash(document) for document in documents}, translations)


def joint_hash(hashes: Mapping[str, str], translations: Translations) -> str:
    """Return the `corpus_hash` of documents of which the `document_hash` is known already, by id and in order."""
    parts = [making(), translations.identity, *(f"{key}:{digest}" for key, digest in hashes.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@functools.cache
def making() -> str:
    """Return a hash of the code that makes passages, their texts and their labels out of documents.

    A number to be raised by hand would be forgotten, and cutting every document anew to compare takes minutes for a
    million passages.
    """
    cutting = (corpus.passages, corpus.sentences, corpus.gloss, corpus.indicators, corpus.quantities)
    modules = (*cutting, index.filter, sys.modules[__name__])
    return hashlib.sha256("".join(map(inspect.getsource, modules)).encode()).hexdigest()[:12]
