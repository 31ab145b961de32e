from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from corpus.glossary import Glossary, Term
from corpus.translations import Translations, sentence_key
from corpus.types import Document
from index.build import build_index
from index.search import HybridSearch, Weights
from index.store import open_index
from rag.check import Checker
from rag.evidence import SentenceScorer
from rag.generate import ExtractiveGenerator, Generator
from rag.language_model import LanguageModel
from rag.pipeline import Pipeline
from rag.prompts import Prompts
from rag.queries import ModelQueries
from rag.receipt import Basis
from rag.regions import Regions
from rag.retrieve import TimedRetriever
from rag.series import Series
from rag.suggest import Suggester
from rag.write import WritingGenerator
from tests.conftest import HashEncoder, make_documents

GLOSSARY = Glossary(
    [
        Term(("地区生产总值", "生产总值", "GDP"), ("gross domestic product", "GDP"), "indicator"),
        Term(("补贴", "补助"), ("subsidy",), "term"),
        Term(("公共充电桩", "充电桩"), ("public charging pile", "charging point"), "term"),
        Term(("青山区", "青山"), ("Qingshan District", "Qingshan"), "region"),
        Term(("红河区",), ("Honghe District", "Honghe"), "region"),
        Term(("总部",), ("headquarters", "HQ"), "term"),
        Term(("新增",), ("added",), "term"),
    ]
)
SUBSIDY = "对新设立的企业总部,最高给予 200 万元的开办资助;对租用办公场所的企业,每年给予最高 80 万元的租金补贴。"
SUBSIDY_EN = (
    "Newly established corporate headquarters receive a start-up grant of up to RMB 2 million; "
    "companies that rent offices receive a rent subsidy of up to RMB 800,000 per year."
)


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return GLOSSARY


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The real parts over the invented district, with the fake encoder."""
    return make_pipeline(tmp_path_factory.mktemp("index"))


def make_pipeline(
    folder: Path,
    generator: Generator | None = None,
    model: LanguageModel | None = None,
    documents: Sequence[Document] | None = None,
    *,
    rewrites: bool = False,
) -> Pipeline:
    """Build the invented district's index and put the parts together; with a language model, that writes."""
    translations = Translations({sentence_key(SUBSIDY): SUBSIDY_EN})
    build_index(documents or make_documents(), translations, HashEncoder(), folder, glossary=GLOSSARY)
    index = open_index(folder)
    extractive = ExtractiveGenerator(translations, GLOSSARY)
    if model:
        generator = WritingGenerator(
            model, Prompts(), Checker(GLOSSARY), extractive, index.library.entry, translations, translations, 200
        )
    return Pipeline(
        retriever=TimedRetriever(
            HybridSearch(index, HashEncoder(), Weights(0.3, 0.7)), index.library, Regions(GLOSSARY)
        ),
        scorer=SentenceScorer(index, HashEncoder(), translations),
        generator=generator or extractive,
        quoting=extractive,
        queries=ModelQueries(model, Prompts(), GLOSSARY) if model and rewrites else None,
        series=Series(index.library, Regions(GLOSSARY), GLOSSARY, extractive),
        suggester=Suggester(index, Regions(GLOSSARY), GLOSSARY, translations),
        basis=Basis(
            index=index.name, corpus=index.manifest.corpus, encoder="hash", program="test", settings={"passages": 10}
        ),
        library=index.library,
        glossary=GLOSSARY,
        translations=translations,
        passages=10,
        max_question=500,
        today=lambda: date(2032, 5, 1),
        check_model=model.check if model else None,
    )
