"""Chinese characters in pinyin. Home of pypinyin.

pypinyin is imported where it is used: it loads a large dictionary, and most questions and sentences need none.
"""

from __future__ import annotations

import functools


@functools.lru_cache(maxsize=8192)
def readings(character: str) -> frozenset[str]:
    """Return how one character may be read, without tones."""
    from pypinyin import Style, pinyin

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def romanize(name: str) -> str:
    """Return a name as one capitalized word without tones; an apostrophe parts syllables where it must (Xi'an)."""
    from pypinyin import lazy_pinyin

    first, *rest = lazy_pinyin(name, v_to_u=True)
    joined = first + "".join(f"'{syllable}" if syllable[0] in "aeo" else syllable for syllable in rest)
    return joined.replace("ü", "yu").capitalize()
