"""What the load run looks for; in a process of its own, since locust changes the one that imports it."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
from eval import load
watch = load.WATCH
watch.removed["gone"] = 10.0
watch.look(9.0, ["gone", "held"], "an answer asked for before the removal")
assert watch.wrong == []
watch.look(11.0, ["held"], "an answer of what is held")
assert watch.wrong == []
watch.look(11.0, ["gone"], "a late answer")
assert watch.wrong == ["a late answer named gone, removed before"]
answer = {"passages": [{"document_id": "a"}], "citations": [{"document_id": "b"}], "refusal": None}
assert load._named(answer) == ["a", "b"]
refusal = {"passages": [], "citations": [], "refusal": {"nearest": [{"document_id": "c"}]}}
assert load._named(refusal) == ["c"]
watch.memory = [(0, 100.0), (10, 150.0), (20, 200.0), (100, 210.0)]
assert load.growth() == (200.0, 210.0)
"""


def test_the_load_run_notices_what_names_a_removed_document_and_measures_memory_when_warm() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
