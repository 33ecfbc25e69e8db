"""The two pages, whole in themselves: nothing is loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

HTML_HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}td,th{border:1px solid #8886;"
    "padding:.3rem .6rem;text-align:left;vertical-align:top}code{background:#8882;padding:0 .2em}"
    "@media(max-width:40rem){body{font-size:14px}td,th{padding:.2rem .3rem}}"
)


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
        f"<title>{escape(info['title'])} reference</title><style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>",
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
    lines = [
        f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>",
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    body = operation.get("requestBody")
    if body:
        lines.append(f"<p>Body: {_content(body)}</p>")
    rows = (
        f"<tr><td>{escape(status)}<td>{escape(answer.get('description', ''))}<td>{_content(answer)}"
        for status, answer in sorted(operation["responses"].items())
    )
    return "\n".join([*lines, "<table><tr><th>Status<th>Meaning<th>Body", *rows, "</table>"])


def _model(name: str, model: dict[str, Any]) -> str:
    required = model.get("required", [])
    rows = []
    for field, value in model.get("properties", {}).items():
        default = "required" if field in required else f"default {value.get('default')}"
        rows.append(
            f"<tr><td><code>{escape(field)}</code><td>{_kind(value)}<td>{escape(default)}"
            f"<td>{escape(value.get('description', ''))}"
        )
    head = f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(model.get("description", ""))}</p>'
    return "\n".join([head, "<table><tr><th>Field<th>Type<th>Default<th>Meaning", *rows, "</table>"])


def _content(holder: dict[str, Any]) -> str:
    return ", ".join(_kind(media.get("schema", {})) for media in holder.get("content", {}).values())


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = escape(value["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"])
    if "enum" in value:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value.get('items', {}))}"
    bounds = [f" {word} {value[key]:g}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in value]
    return escape(str(value.get("type", "any")) + "".join(bounds))
