"""What an English answer says of a sentence that nobody has translated.

Figures of indicators were read from the sentence as records, and a record can be told in correct English. Of the rest
only names, terms, amounts and dates are given, as what they are: no sentence is made of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.english_figures import english_quantity
from corpus.gloss import key_terms, rendering
from corpus.indicators import AVERAGE, Indicator, read_indicators
from corpus.periods import Frame
from corpus.quantities import Unit, quantities
from corpus.types import Status
from rag.cues import CHANGE
from rag.gate import Source, unsupported
from rag.types import Language
from rag.wording import BASIS, SCOPE, change_words, period_label, untranslated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from corpus.glossary import Glossary
    from corpus.quantities import Quantity

#: How the names of figures end. Others name things; the figure behind them counts what was done to them (治理草原).
_MEASURED = re.compile(
    r"(?:[额量率值数比费]|收入|支出|投资|投入|增长|增速|人次|游客|就业|里程|余额|人口|[出进]口|外资|GDP|CPI|PPI|营收|利润|面积|强度|指数"
    r"|企业|公司|机构|学位|床位|医师|规模|寿命|浓度|资金|订单|税收|装机|基站|充电桩|泊位|停车位)$"
)
#: Where a level came from, right before it: 从2020年的53.2%提高到.
_BEGAN = re.compile(
    r"(?:由|从)(?P<figures>[^，,；;。]{2,20}?)(?:提[高升]|增[加长]|上升|升|扩大|下降|减少|降|缩小)(?:到|至|为|达)*$"
)
#: Key terms beyond these are left out: nobody reads more.
_MOST = 16


def tell(sentence: str, own: Frame, delivered: date | None, glossary: Glossary, *, is_first: bool) -> str:
    """Return in English what is known of a sentence with the frame `own`; `is_first`: none was told before it."""
    facts: list[str] = []
    told: list[tuple[int, int]] = []
    for indicator in read_indicators(sentence, own, delivered, glossary):
        fact = _fact(sentence, indicator, own, glossary)
        if fact and not unsupported(fact, Source(sentence, period=own.period)):
            facts.append(fact)
            told += _spans(sentence, indicator)
    terms = key_terms(sentence, glossary, told)[:_MOST]
    return untranslated(tuple(dict.fromkeys(facts)), terms, is_first=is_first)


def _fact(sentence: str, indicator: Indicator, own: Frame, glossary: Glossary) -> str:
    """Return a statement about an indicator in English; empty where a part of it is not known in English."""
    if indicator.status is Status.NONE:
        return ""  # a condition or a description reports nothing
    scope, basis = indicator.scope, indicator.basis
    wording = indicator.wording if indicator.change is None else CHANGE.sub("", indicator.wording)
    name = rendering(wording, glossary) if _MEASURED.search(wording) else ""
    limits = [SCOPE.get(scope) or rendering(scope, glossary)] if scope else []
    limits += [BASIS.get(basis, "")] if basis else []
    limits = [limit for limit in limits if limit != SCOPE[AVERAGE] or "average" not in name]
    if not name or not all(limits):
        return ""
    frame = Frame(indicator.period, indicator.status)
    if frame != own:
        limits.append(period_label(Language.EN, str(frame.period) if frame.period else None, frame.status))
    figures = ", ".join(_figures(sentence, indicator))
    return f"{name} ({', '.join(filter(None, limits))}): {figures}" if any(limits) else f"{name}: {figures}"


def _figures(sentence: str, indicator: Indicator) -> Iterator[str]:
    """Yield the level, with where it came from as far as that is told, and the change."""
    value, change = indicator.value, indicator.change
    if value is not None:
        began = _BEGAN.search(sentence[: value.start])
        before = quantities(began["figures"]) if began else ()
        years = [english_quantity(q) for q in before if q.unit is Unit.YEAR]
        levels = [english_quantity(q) for q in before if q.unit is value.unit and q.measure == value.measure]
        came = (
            f"from {levels[0]} {f'in {years[0]} ' if years else ''}to " if len(levels) == 1 and len(years) < 2 else ""
        )
        yield came + english_quantity(value)
    if change is not None:
        upper = None if change.upper is None else abs(change.upper)
        size = replace(change, value=abs(change.value), upper=upper)  # the words around it tell a fall
        yield change_words(Language.EN, fell=change.value < 0).format(english_quantity(size))


def _spans(sentence: str, indicator: Indicator) -> list[tuple[int, int]]:
    """Return where a statement stands in its sentence: its name with what limits it, its figures and their verbs."""
    figures: list[Quantity] = [figure for figure in (indicator.value, indicator.change) if figure is not None]
    first = min(figure.start for figure in figures)
    name = sentence.rfind(indicator.wording, 0, first)
    if name < 0:  # counted before it is named: 新增300个公共充电桩
        name = sentence.find(indicator.wording, first)
    scope = sentence.rfind(indicator.scope, 0, name) if indicator.scope else name
    last = max(figure.end for figure in figures)
    return [
        (scope if scope >= 0 else name, name + len(indicator.wording)),
        (min(name + len(indicator.wording), first), last),
    ]
