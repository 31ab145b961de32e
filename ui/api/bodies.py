"""What requests hold: questions, conversations, filters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpus.types import Status
from index.filter import Filter
from rag.types import Turn

#: Characters of one text in a request; how long a question may be is a setting.
LONGEST_TEXT = 20_000


class TurnBody(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=LONGEST_TEXT)]


def _years_or_fault(text: str) -> str:
    Filter.parse(periods=(text,))  # a FilterError is a ValueError, which pydantic reports with its place
    return text


class FilterBody(BaseModel):
    """What may be found and quoted: of each list any value will do, every list that is not empty must be met.

    `periods` and `statuses` are met by one and the same sentence of a passage. Where nothing fits, nothing is returned.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"periods": ["2019"], "kinds": ["report"]}]}
    )

    periods: Annotated[
        list[Annotated[str, Field(max_length=9), AfterValidator(_years_or_fault)]],
        Field(max_length=50, description="years spoken about, each as `2019` or `2016-2020`"),
    ] = []
    statuses: Annotated[list[Status], Field(max_length=6, description="kinds of claim")] = []
    kinds: Annotated[list[Literal["report", "article"]], Field(max_length=2, description="kinds of document")] = []
    documents: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200, description="document ids")
    ] = []

    def filter(self) -> Filter:
        """Return the filter that this is the body of.

        Raises:
            FilterError: an id is half of a character.
        """
        return Filter.parse(self.periods, self.statuses, self.kinds, self.documents)


class AskBody(BaseModel):
    """A question, the conversation before it, and what it may be answered from."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[
        str, Field(min_length=1, max_length=LONGEST_TEXT, description="the question, in Chinese or English")
    ]
    history: Annotated[list[TurnBody], Field(max_length=50, description="the conversation before it")] = []
    filter: FilterBody = FilterBody()

    def turns(self) -> list[Turn]:
        """Return the conversation."""
        return [Turn(turn.role, turn.content) for turn in self.history]


class SearchBody(BaseModel):
    """A text to search for, and what may be found."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[
        str, Field(min_length=1, max_length=LONGEST_TEXT, description="what to look for, in Chinese or English")
    ]
    k: Annotated[int, Field(ge=1, le=100, description="how many passages")] = 10
    filter: FilterBody = FilterBody()


#: Examples of the interactive documentation.
ASK_EXAMPLES = {
    "zh": {"summary": "中文提问", "value": {"question": "2019年新增公共充电桩多少个？"}},
    "en": {"summary": "in English", "value": {"question": "what subsidies apply to foreign regional HQs"}},
    "follow-up": {
        "summary": "追问 · a follow-up",
        "value": {
            "question": "那2018年呢？",
            "history": [
                {"role": "user", "content": "2019年新增公共充电桩多少个？"},
                {"role": "assistant", "content": "……"},
            ],
        },
    },
    "filter": {
        "summary": "限定范围 · only reports, only targets",
        "value": {"question": "绿化有哪些目标？", "filter": {"kinds": ["report"], "statuses": ["target", "plan"]}},
    },
}
SEARCH_EXAMPLES = {
    "zh": {"summary": "中文检索", "value": {"query": "公共充电桩", "k": 3}},
    "en": {"summary": "in English", "value": {"query": "public charging points", "k": 3}},
    "filter": {
        "summary": "限定范围 · with a filter",
        "value": {"query": "公共充电桩", "filter": {"periods": ["2019"], "statuses": ["actual"], "kinds": ["report"]}},
    },
}
