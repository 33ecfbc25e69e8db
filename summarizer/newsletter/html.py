"""A newsletter as an HTML document for mail: it loads nothing, and every style stands in its element."""

from __future__ import annotations

from html import escape

from summarizer.newsletter.build import Entry, Newsletter, Source

# No colors: the reader's program chooses them, light or dark.
_HEAD = """<!doctype html>
<html{language}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
</head>
<body style="margin: 0; padding: 0">
<div style="max-width: 38em; margin: 0 auto; padding: 16px; font: 17px/1.5 Georgia, 'Times New Roman', serif; \
overflow-wrap: anywhere">
<h1 style="margin: 8px 0 24px; font-size: 28px; line-height: 1.2">{title}</h1>
"""
_TAIL = "</div>\n</body>\n</html>\n"


def to_html(newsletter: Newsletter, title: str) -> str:
    """The newsletter as an HTML document. Articles' text is escaped: it brings neither links nor HTML of its own."""
    languages = {entry.summary.article.language for entry in newsletter.entries}
    language = languages.pop() if len(languages) == 1 else None
    head = _HEAD.format(title=_plain(title), language=f' lang="{_plain(language)}"' if language else "")
    return head + "".join(map(_entry, newsletter.entries)) + _TAIL


def _entry(entry: Entry) -> str:
    lines = [
        f'<h2 style="margin: 32px 0 8px; font-size: 21px; line-height: 1.3">{_plain(entry.headline)}</h2>',
        f'<p style="margin: 0 0 8px">{_plain(entry.summary.summary)}</p>',
    ]
    small = "margin: 0 0 8px; font-size: 15px"
    if entry.unsupported:
        lines.append(
            f'<p style="{small}"><em>Not supported by the article: {_plain(", ".join(entry.unsupported))}.</em></p>'
        )
    if entry.sources:
        lines.append(f'<p style="{small}">Sources: {" · ".join(map(_link, entry.sources))}</p>')
    return "\n".join(lines) + "\n"


def _link(source: Source) -> str:
    label = _plain(source.label)
    return f'<a href="{escape(source.url)}" style="color: inherit">{label}</a>' if source.url else label


def _plain(text: str) -> str:
    return escape(" ".join(text.split()))
