"""Named configurations: what each part of the assistant is worth, told by leaving it out.

Only what the settings allow; a configuration is data, and adding one is adding an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Settings that change which texts are indexed or how they are encoded, so that an index of its own is needed.
_INDEXING = frozenset({"encoder", "query_prefix", "passage_prefix", "repair"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A name for some changed settings."""

    name: str
    meaning: str
    changes: Mapping[str, object] = field(default_factory=dict)

    def apply(self, settings: Settings) -> Settings:
        """Return the settings with the changes, checked."""
        return Settings.model_validate(settings.model_dump() | dict(self.changes))

    def writing_by(self, generator: str) -> Configuration:
        """Return the configuration with another generator (see `rag.settings.Writer`), named after it."""
        return Configuration(f"{self.name}-{generator}", self.meaning, {**self.changes, "generator": generator})

    @property
    def own_index(self) -> str:
        """The name of the index that it needs; empty where that of the default serves."""
        return self.name if _INDEXING & self.changes.keys() else ""


DEFAULT = Configuration("default", "the settings in force")
ABLATIONS = (
    DEFAULT,
    Configuration("keyword-only", "BM25 alone, no embeddings", {"dense_weight": 0.0, "keyword_weight": 1.0}),
    Configuration("dense-only", "embeddings alone, no BM25", {"dense_weight": 1.0, "keyword_weight": 0.0}),
    Configuration("no-time-match", "periods and status do not count", {"time_match": False}),
    Configuration(
        "no-repair", "lost characters are not put back, nor is the English of their sentences found", {"repair": False}
    ),
    Configuration("no-prefixes", "the encoder without its prefixes", {"query_prefix": "", "passage_prefix": ""}),
    Configuration(
        "swapped-prefixes",
        "the encoder with its two prefixes exchanged",
        {"query_prefix": "passage: ", "passage_prefix": "query: "},
    ),
)


def configuration(name: str) -> Configuration:
    """Return a configuration by name.

    Raises:
        ValueError: there is none of this name.
    """
    for one in ABLATIONS:
        if one.name == name:
            return one
    raise ValueError(f"there is no configuration {name!r}; known are {', '.join(one.name for one in ABLATIONS)}")
