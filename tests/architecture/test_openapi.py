"""`docs/openapi.json` is generated from the application: `make openapi` writes it."""

import json
from pathlib import Path

from summarizer.server.app import create_app
from summarizer.settings import Settings

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


def schema() -> str:
    """Sorted, so that a diff shows what changed; without the version, so that a release changes nothing here."""
    made = create_app(Settings()).openapi()
    made["info"]["version"] = "current"
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_openapi_document_is_current():
    assert FILE.read_text(encoding="utf-8") == schema(), "run `make openapi`"


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
