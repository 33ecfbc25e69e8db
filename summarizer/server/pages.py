"""The two pages, whole in themselves: nothing is loaded from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

HTML_HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline'; img-src 'self' data:",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;overflow-wrap:break-word}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "td:nth-child(4):not(:empty){min-width:14rem}code{background:#8882;padding:0 .2em}"
    "@media(max-width:40rem){body{font-size:14px}td,th{padding:.2rem .3rem}}"
)
_ICON = '<link rel=icon href="data:,">'  # none, or browsers ask for /favicon.ico
_CODE = re.compile(r"(?::\w+:)?(`+)(.+?)\1")
_BOUNDS = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"))


@cache
def home_page() -> str:
    """The page at ``/``."""
    return Path(__file__).with_name("page.html").read_text(encoding="utf-8")


def reference_page(schema: dict[str, Any]) -> str:
    """The OpenAPI schema, as one page to read."""
    info = schema["info"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])} reference</title>{_ICON}<style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>{_prose(info.get('description', ''))}",
        '<p><a href="/">Try it</a> · <a href="/openapi.json">openapi.json</a></p>',
    ]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(method, path, operation))
    parts.append("<h2>Values</h2>")
    for name, model in schema.get("components", {}).get("schemas", {}).items():
        parts.append(_model(name, model))
    return "\n".join([*parts, "</html>"])


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    lines = [f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>", _prose(operation.get("description", ""))]
    if parameters := operation.get("parameters"):
        fields = (
            _field(
                each["name"], each["schema"], each["required"], f"In the {each['in']}. {each.get('description', '')}"
            )
            for each in parameters
        )
        lines.append(_table("Parameter Type Default Meaning", fields))
    if body := operation.get("requestBody"):
        lines.append(f"<p>Body: {_content(body)}</p>")
    answers = (
        f"<tr><td>{escape(status)}<td>{escape(answer.get('description', ''))}<td>{_content(answer)}"
        for status, answer in sorted(operation["responses"].items())
    )
    return "\n".join([*lines, _table("Status Meaning Body", answers)])


def _model(name: str, model: dict[str, Any]) -> str:
    required = model.get("required", [])
    fields = (
        _field(field, value, field in required, value.get("description", ""))
        for field, value in model.get("properties", {}).items()
    )
    head = f'<h3 id="{escape(name)}">{escape(name)}</h3>{_prose(model.get("description", ""))}'
    return f"{head}\n{_table('Field Type Default Meaning', fields)}"


def _table(heads: str, rows: Iterable[str]) -> str:
    """A table that is scrolled where it is too wide for the screen."""
    return "\n".join([f"<div class=wide><table><tr><th>{'<th>'.join(heads.split())}", *rows, "</table></div>"])


def _field(name: str, value: dict[str, Any], required: bool, meaning: str) -> str:
    default = "required" if required else "optional"
    if "default" in value:
        default = f"<code>{escape(json.dumps(value['default'], ensure_ascii=False))}</code>"
    return f"<tr><td><code>{escape(name)}</code><td>{_kind(value)}<td>{default}<td>{_line(meaning)}</tr>"


def _prose(text: str) -> str:
    """The paragraphs of a docstring."""
    return "".join(f"<p>{_line(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def _line(text: str) -> str:
    """Text with its `code`, ``code`` and :role:`code` as such."""
    return _CODE.sub(r"<code>\2</code>", escape(text))


def _content(holder: dict[str, Any]) -> str:
    return ", ".join(
        _kind(media.get("schema", {})) + ("" if form == "application/json" else f" as {escape(form)}")
        for form, media in holder.get("content", {}).items()
    )


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = escape(value["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"])
    if "enum" in value:
        return " | ".join(f"<code>{escape(json.dumps(one))}</code>" for one in value["enum"])
    own = escape(str(value.get("type", "any")))
    if own == "array":
        own = f"list of {_kind(value.get('items', {}))}"
    return own + "".join(_bounds(value, *bound) for bound in _BOUNDS)


def _bounds(value: dict[str, Any], least: str, most: str, unit: str) -> str:
    words = ((" from", least), (" to" if least in value else " up to", most))
    said = "".join(f"{word} {value[key]:.15g}" for word, key in words if key in value)
    return said and said + unit
