"""The README's settings table is generated: `python tests/architecture/test_readme.py` writes it."""

from pathlib import Path

from pydantic import BaseModel

from summarizer.settings import Settings

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- settings -->\n", "<!-- /settings -->"


def rows(model: type[BaseModel], prefix: str) -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += rows(kind, f"{prefix}{name.upper()}__")
            continue
        default = "per user" if field.default_factory else f"`{field.default}`"
        found.append(f"| `{prefix}{name.upper()}` | {default} | {field.description} |")
    return found


def table() -> str:
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows(Settings, "SUMMARIZER_")]) + "\n"


def test_the_settings_table_is_current():
    text = README.read_text(encoding="utf-8")
    assert text[text.index(START) + len(START) : text.index(END)] == table()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(text[: text.index(START) + len(START)] + table() + text[text.index(END) :], encoding="utf-8")
