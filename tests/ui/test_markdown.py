from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.corpus.conftest import STEADY
from ui.markdown import escape

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_MARKUP = st.text(alphabet=" \n\t`*_{}[]()#+-.!|~$^:@<>&;\\/=\"'1ab中", max_size=60)


@STEADY
@given(_MARKUP | st.text(max_size=60))
def test_any_text_is_shown_letter_by_letter(text: str) -> None:
    # A reader of Markdown shows U+0000 as U+FFFD.
    shown = " ".join(text.split()).replace("\0", "\ufffd")
    (start, inline, end) = _READER.parse("x " + escape(text))
    assert (start.type, end.type) == ("paragraph_open", "paragraph_close")
    assert {token.type for token in inline.children or ()} <= {"text", "text_special"}
    assert "".join(token.content for token in inline.children or ()) == ("x " + shown).rstrip()


@STEADY
@given(_MARKUP)
def test_no_text_begins_a_block(text: str) -> None:
    kinds = {token.type for token in _READER.parse(escape(text))}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}


@pytest.mark.parametrize("text", ["see www.example.com", "https://example.com", "a@example.com", "javascript:alert(1)"])
def test_addresses_do_not_become_links(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"www\.|(?<!\\)://|[^\\]@|javascript:", escaped), (
        "what an automatic link begins with is broken up"
    )
    assert escaped.replace("\\", "") == text


def test_figures_stay_legible() -> None:
    assert escape("2019-01-16 (6.3%)") == "2019-01-16 (6.3%)"
    assert escape("1. 一") == "1\\. 一"
    assert escape("- 一") == "\\- 一"
