"""Imports go one way, heavy libraries have one home, and light parts load without them."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rag.settings import Settings

ROOT = Path(__file__).parents[1]
#: Each folder and those it may import from.
ALLOWED = {
    "corpus": {"corpus"},
    "index": {"corpus", "index"},
    "rag": {"corpus", "index", "rag"},
    "ui": {"corpus", "index", "rag", "ui"},
    "eval": {"corpus", "index", "rag", "eval"},
}
HOMES = {
    "faiss": {"index/vectors.py"},
    "jieba": {"index/tokenize.py"},
    "sentence_transformers": {"index/encoder.py", "rag/rerank.py"},
    "tantivy": {"index/keyword.py"},
    "pymilvus": {"index/milvus_server.py", "index/milvus_writer.py", "index/milvus_reader.py"},
    "ray": {"index/spread.py"},
    "torch": set(),  # it comes with sentence-transformers
    "onnx": {"index/e5_graph.py"},
    "onnxruntime": {"index/onnx_encoder.py"},
    "sentencepiece": {"index/pieces.py"},
    "gradio": {"ui/chat/page.py", "ui/chat/theme.py"},
    "matplotlib": {"ui/chat/plot.py"},
    "pdfplumber": {"corpus/readers/pdf.py"},
    "openpyxl": {"corpus/readers/workbook.py"},
    "trafilatura": {"corpus/readers/html.py"},
    "boto3": {"corpus/originals.py"},
    "pypinyin": {"corpus/pinyin.py"},
    "Stemmer": {"corpus/english.py"},
    "spellchecker": {"rag/spelling.py"},
    "opencc": {"rag/spelling.py"},
    "openai": {"rag/remote_model.py"},
    "transformers": {"index/encoder.py", "rag/rerank.py", "rag/local_model.py"},
    "sqlalchemy": {"ui/question_log.py", "ui/log_table.py", "ui/postgres.py"},
    "prometheus_client": {"ui/metrics.py"},
    "structlog": {"ui/logs.py"},
    "locust": {"eval/load.py"},
    "gevent": {"eval/load.py"},  # it comes with locust, and changes a process that imports it
    "psutil": {"eval/served.py"},
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def _files() -> list[Path]:
    return [path for folder in ALLOWED for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    assert (_imports(path) & ALLOWED.keys()) <= ALLOWED[folder]


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_has_one_home(library: str) -> None:
    users = {str(path.relative_to(ROOT)) for path in _files() if library in _imports(path)}
    assert users == HOMES[library]


def _loaded_after(code: str) -> list[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()


def test_reading_the_library_loads_no_model_code() -> None:
    loaded = _loaded_after(
        "from rag import assemble; from rag.settings import Settings; assemble.make_library(Settings())"
    )
    assert not {"torch", "transformers", "gradio", "sentence_transformers"} & set(loaded)


def test_a_command_line_without_a_question_loads_no_model_and_no_web_code() -> None:
    loaded = _loaded_after("import ui.cli")
    unwanted = {
        "torch",
        "transformers",
        "onnxruntime",
        "gradio",
        "fastapi",
        "uvicorn",
        "sqlalchemy",
        "pymilvus",
        "boto3",
    }
    assert not unwanted & set(loaded)


@pytest.mark.slow
def test_answering_with_the_embedded_model_loads_no_torch(real_settings: Settings) -> None:
    loaded = _loaded_after(
        "from pathlib import Path; from rag import assemble; from rag.settings import Settings\n"
        f"settings = Settings(data_dir=Path({str(real_settings.data_dir)!r}))\n"
        "assemble.make_pipeline(settings, assemble.make_encoder(settings)).ask('2019年新增多少公共停车位?')"
    )
    assert not {"torch", "transformers", "sentence_transformers", "onnx", "gradio"} & set(loaded)


def test_faiss_is_loaded_before_torch() -> None:
    loaded = _loaded_after("import index.encoder; import sentence_transformers")
    assert loaded.index("faiss") < loaded.index("torch")


def _modules_imported(path: Path) -> set[Path]:
    """Return the files of this project that a file imports, also for types only."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    places = (ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in named)
    return {place for place in places if place.exists()}


def test_no_file_imports_itself_through_others() -> None:
    graph = {path: _modules_imported(path) for path in _files()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
