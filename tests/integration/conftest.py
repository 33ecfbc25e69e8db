"""What tests of the command line share."""

import subprocess
import sys

import pytest


@pytest.fixture
def command(tmp_path):
    """Runs ``summarizer`` in a folder of its own; text in and out, or bytes where ``stdin`` is bytes."""

    def call(*arguments, stdin="", cwd=tmp_path, env=None):
        return subprocess.run(
            [sys.executable, "-m", "summarizer", *map(str, arguments)],
            input=stdin,
            text=isinstance(stdin, str),
            capture_output=True,
            timeout=100,
            check=False,
            cwd=cwd,
            env=env,
        )

    return call
