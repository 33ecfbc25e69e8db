"""What is packed, and what is run in a container, agrees with the rest of the project."""

import re
import tomllib
from pathlib import Path

from summarizer import __version__
from summarizer.settings import load_settings

ROOT = Path(__file__).parents[2]


def test_the_package_and_the_project_have_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_the_source_archive_has_what_the_makefile_and_ci_run():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = set(project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"])
    assert {"Makefile", ".ci", "Dockerfile", ".dockerignore", "compose.yaml", "LICENSE"} <= packed


def test_the_image_verifies_the_models_that_it_pulls():
    commands = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"summarizer models (\w+)([^;&|]*)", commands) == [
        ("pull", ' "$model" '),
        ("verify", ' "$model" '),
    ]


def test_a_container_is_given_the_time_that_the_service_takes_to_end():
    seconds = re.search(r"stop_grace_period: (\d+)s", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert seconds and int(seconds[1]) > load_settings().server.shutdown_grace_s + 3  # answers still being sent
