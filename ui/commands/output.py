"""How commands speak: results on standard output, what happens meanwhile on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer


def print_json(value: object) -> None:
    """Print a result for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def bar_options() -> dict[str, Any]:
    """Return how progress is shown: on standard error, and where no terminal is there to redraw it, rarely."""
    return {"file": sys.stderr, "mininterval": 0.1 if sys.stderr.isatty() else 10}


def say(text: str) -> None:
    """Tell a person what is happening, if anything; standard output stays for results."""
    if text:
        print(text, file=sys.stderr, flush=True)
