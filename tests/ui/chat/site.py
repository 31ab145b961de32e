"""`python -m tests.ui.chat.site PORT FOLDER [slow] [limited]`: a service with a hostile document among its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import uvicorn

from corpus.documents import make_document
from corpus.translations import Translations
from corpus.types import Document, Posting, RawText
from rag.generate import ExtractiveGenerator, Statement
from rag.types import Evidence, Question
from tests.conftest import make_documents
from tests.rag.conftest import GLOSSARY, make_pipeline
from tests.ui.api.conftest import invented_service
from ui.api.app import make_app

#: Seconds that a slow site takes for every sentence.
_SLOW = 1.5
HOSTILE = (
    "近日,青山区发布<script>document.title='taken'</script>停车办法,自2032年起施行。"
    "<img src=x onerror=\"document.title='taken'\">停车补贴每年 30 万元,{{7*7}} ${document.title='taken'} "
    "[链接](javascript:1)。"
)


class SlowGenerator:
    """Answers as the real one does, a sentence every second and a half; makes a file when it is left before its end."""

    def __init__(self, left: Path) -> None:
        self._real, self._left = ExtractiveGenerator(Translations({}), GLOSSARY), left

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> Iterator[Statement]:
        try:
            said = list(self._real.compose(question, evidence))
            for statement in (*said, said[-1]):  # the last again, so that there is always one to be left
                yield statement
                time.sleep(_SLOW)
        except GeneratorExit:
            self._left.touch()
            raise


def documents() -> list[Document]:
    posting = Posting("<b onmouseover=\"document.title='taken'\">停车办法</b>", date(2032, 3, 1), "javascript:alert(1)")
    return [*make_documents(), make_document([RawText(posting, HOSTILE)])]


def main() -> None:
    port, folder, *options = sys.argv[1:]
    generator = SlowGenerator(Path(folder) / "left") if "slow" in options else None
    rate = "2/minute" if "limited" in options else ""
    pipeline = make_pipeline(Path(folder), generator, documents=documents())
    service = invented_service(Path(folder) / "data", pipeline, site_title="青山问答", chat_rate=rate)
    uvicorn.run(make_app(service), host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main()
