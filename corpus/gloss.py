"""What a Chinese sentence speaks about, in English, where nobody has translated it: its known words and figures.

A gloss is no translation. It gives in reading order what the glossary, a list of common words and the reading of
quantities know, names in pinyin where the words around them show that they are names, and … for the rest:
`常住人口由上年729万人增加到732万人` is `resident population from the previous year 7.29 million people increased to
7.32 million people`.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.english_figures import english_quantity
from corpus.glossary import Glossary, Term
from corpus.pinyin import romanize
from corpus.quantities import Quantity, quantities
from corpus.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.translations import TranslationKind

WORDS = Path(__file__).with_name("gloss_words.tsv")

_WORD = "word"
#: Kinds whose further Chinese names are names of the same thing; those of other terms are only near it.
_NAMED_ALIKE = frozenset({"region", "place", "company"})
#: Characters that may be left out without a word: they join, and say nothing themselves.
_JOINING = frozenset("的了和与及在等达为至到将对以从于并是把被使之其所各上中下来前后年“”\"'‘’（）()《》〈〉 \u3000")
#: English of common words that act or join: what is done, how, and how much; others name things.
_ACTS = re.compile(
    r"\w+(?:ing|ed|ly)\b|(?:up|down|more|less|at|by|in|to|of|from|for|with|on|and|the|this|these|last|each|both|again|about|nearly|set|put"
    r"|built|begun|made|held|kept|higher|lower|support|support for|further|main|important|new|all|overall)\b"
)
#: What may stand between the parts of one key term: no mark, and nothing that lists.
_JOINED = re.compile(r"[的在等达为至到将对以于被之其所各上中下“”\"'‘’《》〈〉 \u3000]*")
_MARK = re.compile(r"[，,；;。！!？?：:、\n]+|——?")
_VERSION = re.compile(r"\d+\.\d+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
#: Before one of these, two to four characters that are no known word are a name (京唐城际铁路, 雅江集团).
_NAMED = re.compile(
    "(?:自治)?县|镇|乡|街道|集团|公司|大学|学院|城际铁路|高速铁路|高铁|铁路|高速公路|高速|国际机场|机场|大桥|水电站|水库"
)
#: The name of an area where a title or clause begins with it (临溪市2025年…, 滨江新区制定…), and what kind it is.
_AREA_KINDS = {
    "市": "City",
    "区": "District",
    "县": "County",
    "州": "Prefecture",
    "新区": "New Area",
    "片区": "Area",
    "开发区": "Development Zone",
    "经开区": "Economic Development Zone",
    "高新区": "High-tech Zone",
}
_AREA = re.compile(
    r"(?:^|(?<=[，。；：《“])|(?<=20\d\d年))(?P<name>[\u4e00-\u9fff]{2,3}?)"
    r"(?P<kind>(?:新|片|开发|经开|高新)区|[市区县州](?=\d{4}年|人民政府|政府|统计局|国民经济|委员会))"
)
#: Behind the name of a place these make another one of it: 滨江 is not 滨江新区.
_OTHER_AREA = re.compile(r"新区|[市县镇乡]|区(?!域|间|位)")
#: No name has one of these: 省直管县 is a kind of county.
_NO_NAME = re.compile("[省市区县州镇乡村各全新老直管建设改造升级本我]|示范|试验|保税|工业|商务|主城")
#: Behind one of these stands the name of a person.
_TITLE = re.compile(
    r"(?:省长|主席|市长|区长|县长|州长|镇长|书记|主任|部长|厅长|局长|院长|校长|董事长|总经理|总裁|运动员|选手|教授|院士)[\s;；]*"
    r"(?P<name>(?:欧阳|司马|上官|诸葛|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢"
    r"蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文殷])"
    r"[\u4e00-\u9fff]{1,2}?)"
    r"(?=[^\u4e00-\u9fff]|\Z|[在作说表示致出主宣指获夺摘率赴的为、等与和]|各位)"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span of the sentence with its English; `is_figure` sets it off by a dash from the term before it.

    `is_word` is true for a common word that names nothing by itself.
    """

    start: int
    end: int
    english: str
    is_term: bool = False
    is_figure: bool = False
    is_word: bool = False


def gloss(sentence: str, glossary: Glossary) -> str:
    """Return the known words, names and figures of a Chinese sentence in English; empty where nothing is known."""
    pieces = _known(sentence, glossary)
    if not pieces:
        return ""
    text = _joined(sentence, 0, pieces)
    return text.strip(" ,;") + ("" if _is_joining(sentence[pieces[-1].end :]) else " …")


def rendering(phrase: str, glossary: Glossary) -> str:
    """Return the English of a phrase of which every part is known, such as a name; empty where some part is not."""
    english = gloss(phrase, glossary)
    return "" if "…" in english else english


def key_terms(sentence: str, glossary: Glossary, told: Sequence[tuple[int, int]] = ()) -> tuple[str, ...]:
    """Return what a Chinese sentence names, in English and in its order: terms, names, amounts and dates.

    Neighbours without a mark between them stand together, common words only beside one of these; what stands in the
    spans `told` is left out. Not a translation: who does what to whom is not among it.
    """
    pieces = [p for p in _known(sentence, glossary) if not any(p.start < end and start < p.end for start, end in told)]
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if groups and _JOINED.fullmatch(sentence, groups[-1][-1].end, piece.start):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    ends = [0, *(group[-1].end for group in groups)]
    named = [
        (_without_last_words(group), sentence[end : group[0].start])
        for group, end in zip(groups, ends, strict=False)
        if not all(piece.is_word for piece in group)
    ]
    return tuple(
        dict.fromkeys(_cut_off(group, before) + _joined(sentence, group[0].start, group) for group, before in named)
    )


def _without_last_words(group: Sequence[_Piece]) -> Sequence[_Piece]:
    """Return a key term without the common words behind its last name: they begin what is not known."""
    last = max(i for i, piece in enumerate(group) if not piece.is_word)
    return group[: last + 1]


def _cut_off(group: Sequence[_Piece], before: str) -> str:
    """Return … where a figure would be told without unknown words that stand right before its name or itself."""
    return "… " if _HAN.search(before[-1:]) and any(piece.is_figure for piece in group) else ""


def _known(sentence: str, glossary: Glossary) -> list[_Piece]:
    """Return all pieces of a sentence whose English is known, in order."""
    pieces = sorted(_pieces(sentence, glossary), key=lambda piece: piece.start)
    return sorted([*pieces, *_names_in_gaps(sentence, pieces)], key=lambda piece: piece.start)


def _joined(sentence: str, start: int, pieces: Sequence[_Piece]) -> str:
    """Return the English of pieces with what stands between them, from `start` on."""
    text = ""
    for before, piece in zip([None, *pieces], pieces, strict=False):
        at = before.end if before else start
        text += _between(sentence[at : piece.start], before, piece) + piece.english
    return text


class GlossedTranslations(Translations):
    """Translations whose lookup falls back to the gloss: English to find and weigh sentences by, never to show."""

    def __init__(self, translations: Translations, glossary: Glossary) -> None:
        super().__init__({})
        self._translations, self._glossary = translations, glossary
        self._gloss = functools.lru_cache(maxsize=20_000)(lambda sentence: gloss(sentence, glossary))

    @functools.cached_property
    def identity(self) -> str:
        """A hash of the translations and of all that a gloss is made from."""
        made_from = (self._translations.identity, WORDS.read_text(encoding="utf-8"), repr(self._glossary.terms))
        return hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:12]

    def lookup(self, sentence: str) -> str | None:
        """Return the English of a sentence, else its gloss; None where nothing in it is known."""
        return self._translations.lookup(sentence) or self._gloss(sentence) or None

    def kind(self, sentence: str) -> TranslationKind | None:
        """Return where the English of a sentence comes from; None where it is a gloss, or there is none."""
        return self._translations.kind(sentence)


@functools.lru_cache(maxsize=8)
def _lexicon(glossary: Glossary) -> Glossary:
    """Return a glossary of what can be rendered as it stands: words, first names of terms, all names of places."""
    words = load_words()
    terms = [Term((zh,), (english,), _WORD) for zh, english in words.items()]
    for term in glossary.terms:
        names = term.zh if term.kind in _NAMED_ALIKE else term.zh[:1]
        left = tuple(name for name in names if name not in words)
        if left and term.kind != "unit":
            terms.append(Term(left, term.en[:1], term.kind))
    return Glossary(terms)


@functools.cache
def load_words(path: Path = WORDS) -> dict[str, str]:
    """Read the list of common words, `zh` and `en` with a tab between.

    Raises:
        ValueError: a line has not two columns.
    """
    words: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip() or line.startswith("#") or cells == ["zh", "en"]:
            continue
        if len(cells) != 2 or not all(cells):
            raise ValueError(f"{path}, line {number}: wanted a Chinese word, a tab and its English, got {line!r}")
        words[cells[0]] = cells[1]
    return words


def _figure(sentence: str, quantity: Quantity) -> str:
    """Return a quantity in English; a bare number with a point as it is written, since it may be a version (3.0)."""
    written = sentence[quantity.start : quantity.end]
    return written if _VERSION.fullmatch(written) else english_quantity(quantity)


def _pieces(sentence: str, glossary: Glossary) -> Iterator[_Piece]:
    """Yield figures, persons and known words, none overlapping another; the longer rules."""
    taken = [_Piece(q.start, q.end, _figure(sentence, q), is_figure=True) for q in quantities(sentence)]
    taken += [_Piece(*match.span("name"), _person(match["name"])) for match in _TITLE.finditer(sentence)]
    areas = [match for match in _AREA.finditer(sentence) if not _NO_NAME.search(match["name"])]
    known = _lexicon(glossary).find_chinese(sentence)
    for area in areas:
        if not any(m.start <= area.start() and area.end() <= m.end for m in known):
            english = f"{romanize(area['name'])} {_AREA_KINDS[area['kind']]}"
            taken.append(_Piece(*area.span(), english))
    for mention in known:
        if mention.terms[0].kind in _NAMED_ALIKE and _OTHER_AREA.match(sentence, mention.end):
            continue
        crossing = [piece for piece in taken if piece.start < mention.end and mention.start < piece.end]
        # A name may hold a figure (世界500强企业); a figure may hold a word (万公里).
        if all(mention.start <= piece.start and piece.end <= mention.end for piece in crossing):
            taken = [piece for piece in taken if piece not in crossing]
            term = mention.terms[0]
            yield _Piece(mention.start, mention.end, term.en[0], is_term=term.kind != _WORD, is_word=_is_bare(term))
    yield from taken


def _is_bare(term: Term) -> bool:
    """Return whether a term is a common word that only acts or joins, and names nothing by itself."""
    return term.kind == _WORD and bool(_ACTS.match(term.en[0]))


def _names_in_gaps(sentence: str, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Yield the names that stand between known pieces, told by what follows them."""
    at = 0
    for piece in pieces:
        gap = sentence[at : piece.start]
        if _NAMED.match(sentence, piece.start) and (found := re.search(r"[\u4e00-\u9fff]+\Z", gap)):
            name = found[0].lstrip("".join(_JOINING))
            if 2 <= len(name) <= 4 and not _NO_NAME.search(name):
                yield _Piece(piece.start - len(name), piece.start, romanize(name))
        at = piece.end


def _between(gap: str, before: _Piece | None, piece: _Piece) -> str:
    """Return what stands between two pieces: a mark for each mark, … for what is not known."""
    unknown = not _is_joining(_MARK.sub("", gap))
    mark = _MARK.search(gap)
    joint = ("; " if mark[0][0] in "；;。！!？?\n" else ", ") if mark else " "
    if unknown:
        return f"{joint}… " if before else "… "
    if before and piece.is_figure and not mark:
        return " – " if before.is_term else ", " if before.is_figure else " "
    return joint if before else ""


def _is_joining(gap: str) -> bool:
    """Return whether nothing is lost where a stretch is left out."""
    return all(character in _JOINING or not _HAN.match(character) for character in gap)


def _person(name: str) -> str:
    surname = 2 if name[:2] in ("欧阳", "司马", "上官", "诸葛") else 1
    return f"{romanize(name[:surname])} {romanize(name[surname:])}"
