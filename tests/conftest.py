"""Small fakes and corpora for all tests; the real model is used only where a test asks for it."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus.documents import make_document
from corpus.glossary import load_glossary
from corpus.types import Posting, RawText
from index import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corpus.types import Document
    from index.encoder import Encoder
    from rag.settings import Settings

ROOT = Path(__file__).parents[1]

#: A report of an invented district: results of 2030, targets of 2031.
REPORT = (
    "政府工作报告――2031年1月9日在南湖市青山区第三届人民代表大会第二次会议上青山区区长李明各位代表:现在,我代表区政府作报告。"
    " 一、2030年工作回顾过去一年,我们稳中求进。全年预计地区生产总值增长5.1%左右;区级财政收入88.8亿元,同比增长3%。"
    "新增公共充电桩210个、公共泊位900个。引进绿舟科技、海东智能等9家企业落户青山湾。"
    " 二、2031年主要任务做好今年工作,要稳字当头。今年主要预期指标是:地区生产总值增长6%左右,区级财政收入增长4%。"
    "全年计划新增公共充电桩300个。加快青山湾码头改造,年内竣工。"
)
ARTICLE = (
    "近日,青山区发布《青山区鼓励企业落户办法》,自2032年起施行。对新设立的企业总部,最高给予 200 万元的开办资助;"
    "对租用办公场所的企业,每年给予最高 80 万元的租金补贴。政策由区商务委负责解释。"
)


def make_documents() -> list[Document]:
    posted = date(2032, 3, 1)
    return [
        make_document([RawText(Posting("2031年青山区政府工作报告", posted, "listing"), REPORT)]),
        make_document([RawText(Posting("青山区出台企业落户政策", posted, "listing"), ARTICLE)]),
    ]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith("DISTRICT_QA_") and not name.endswith("_BROWSER")]:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _names_taught() -> None:
    """As in service: the glossary's names are taught before anything is indexed or asked."""
    tokenize.add_words(load_glossary().chinese_names)


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    return make_documents()


class HashEncoder:
    """A fake Encoder: each character pair switches a dimension on, so texts that share words are near."""

    name = "hash"
    dimension = 64

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        vectors = [self.encode_query(text) for text in texts]
        if progress:
            progress(len(texts))
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimension, 0.01, np.float32)
        for i in range(len(text) - 1):
            vector[hashlib.sha256(text[i : i + 2].encode()).digest()[0] % self.dimension] += 1
        return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture(scope="session")
def fake_encoder() -> Encoder:
    return HashEncoder()


@pytest.fixture(scope="session")
def real_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over a data folder with the real model and the index of the shipped corpus, built once a run."""
    from rag import assemble
    from rag.settings import Settings

    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    library = assemble.make_library(settings)
    assemble.make_index(settings, library, assemble.make_encoder(settings), lambda done, total: None)
    return settings
