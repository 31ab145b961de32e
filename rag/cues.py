"""How questions are worded: the data of `cues.toml`, compiled."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from corpus.english import stem

CUES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))

#: Words of asking, which name nothing to look for; English ones as stems.
ASKING = frozenset(CUES["asking"]["zh"].split()) | {stem(word) for word in CUES["asking"]["en"].split()}


def compile_cue(cue: dict[str, list[str]]) -> re.Pattern[str]:
    """Return one pattern for the expressions of both languages; English ones match whole words, in any case."""
    english = [rf"\b(?:{expression})\b" for expression in cue["en"]]
    return re.compile("|".join([*cue["zh"], *english]), re.IGNORECASE)


def compile_told(cue: dict[str, list[str]]) -> re.Pattern[str]:
    """Return one pattern for how a Chinese text tells what a cue asks for: by the Chinese expressions alone."""
    return re.compile("|".join(cue["zh"]))


#: What makes the name of a change out of the name of an indicator, at its end.
CHANGE = compile_cue(CUES["change"])
