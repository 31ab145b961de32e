"""Characters as PDFs spell them: radicals, ligatures and glyphs without a name, put back as characters of the text."""

from __future__ import annotations

import re
import unicodedata

#: Fonts draw a radical and the character that it is with one glyph, and PDF writers then name the radical.
_RADICALS = dict(
    zip(
        "⺁⺎⺝⺟⺠⺩⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳⼾",
        "厂兀月母民王虎西见角贝车長长门青韦页风飞食首马骨鬼鱼鸟卤麦黄黾齐齿龙龟户",
        strict=True,
    )
)
_KANGXI_AND_LIGATURES = re.compile("[\u2f00-\u2fd5\ufb00-\ufb06]")
_TABLE = str.maketrans(_RADICALS | {"⸺": "——", "\0": "", "\u00ad": "", "\u200b": "", "\ufeff": "", "\u00a0": " "})
#: How pdfminer writes a glyph for which the font names no character.
NAMELESS = re.compile(r"\(cid:\d+\)")


def as_characters(text: str) -> str:
    """Return text with radicals and ligatures as ordinary characters; nothing else is changed."""
    return _KANGXI_AND_LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text.translate(_TABLE))
