"""The rules of the design, as tests."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import summarizer
from summarizer.cli.common import exit_code
from summarizer.errors import SummarizerError

PACKAGE = Path(summarizer.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HOMES = {
    "torch": "engines",
    "transformers": "engines",
    "gguf": "engines",
    "httpx": "engines article",
    "trafilatura": "article",
    "lxml": "article",
    "webencodings": "article",
    "feedparser": "article",
    "redis": "cache",
    "safetensors": "engines",
    "fastapi": "server",
    "starlette": "server",
    "uvicorn": "server",
    "sqlite3": "cache",
    "sentencex": "text",
    "pydantic_settings": "settings.py",
    "typer": "cli",
    "rouge_score": "evaluation",
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_each_library_has_one_home_and_modules_stay_small(path):
    home = path.relative_to(PACKAGE).parts[0]
    strangers = {name for name in imported(path) if home not in HOMES.get(name, home).split()}
    assert not strangers
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_only_settings_read_the_environment_and_pip_is_handed_it():
    readers = {p.name for p in MODULES if "os.environ" in p.read_text(encoding="utf-8")}
    assert readers <= {"settings.py", "fetching.py"}


def test_the_public_names_exist_and_are_few():
    assert len(summarizer.__all__) <= 10
    assert all(getattr(summarizer, name) is not None for name in summarizer.__all__)


def test_importing_the_package_or_asking_for_help_loads_no_model_library():
    program = (
        "import sys, json, summarizer, summarizer.cli;"
        "print(json.dumps([m for m in ('torch', 'transformers', 'fastapi', 'pydantic') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def subclasses(kind):
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


@pytest.mark.parametrize("kind", list(subclasses(SummarizerError)), ids=lambda k: k.__name__)
def test_every_error_has_an_exit_code_and_a_code_of_its_own(kind):
    assert exit_code(kind("message")) in (2, 3, 4, 5)
    assert [k.code for k in subclasses(SummarizerError)].count(kind.code) == 1
