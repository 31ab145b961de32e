"""The look of Gradio's own parts: system fonts that have Chinese, calm colours; the rest is `static/page.css`."""

from __future__ import annotations

import gradio as gr

#: Fonts that are on visitors' devices, so that none is sent.
_FONTS = (
    "system-ui",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)


def make_theme() -> gr.themes.Base:
    """Return the theme, for light and dark."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_sm,
        font=list(_FONTS),
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#10161d",
        body_text_color="#1c2733",
        body_text_color_dark="#e6ebf1",
        button_primary_background_fill="#1d4e89",
        button_primary_background_fill_hover="#163d6c",
        button_primary_background_fill_dark="#2a63a8",
        button_primary_background_fill_hover_dark="#3673bd",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
    )
