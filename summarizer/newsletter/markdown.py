"""A newsletter as Markdown."""

from __future__ import annotations

import re

from summarizer.newsletter.build import Newsletter, Source

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LINE_MARK = re.compile(r"^(\d*)([-+.)])(?=\s)")
_REFERENCE = re.compile(r"&(?=#?\w+;)")  # not each &: Markdown is read as it is, too


def to_markdown(newsletter: Newsletter, title: str) -> str:
    """The newsletter as Markdown. Articles' text is escaped: it brings neither links nor HTML of its own."""
    lines = [f"# {_plain(title)}"]
    for entry in newsletter.entries:
        lines += ["", f"## {_plain(entry.headline)}", "", _plain(entry.summary.summary)]
        if entry.unsupported:
            lines += ["", f"*Not supported by the article: {_plain(', '.join(entry.unsupported))}.*"]
        if entry.sources:
            lines += ["", "Sources: " + " · ".join(map(_link, entry.sources))]
    return "\n".join(lines) + "\n"


def _link(source: Source) -> str:
    label = _plain(source.label)
    return f"[{label}](<{_REFERENCE.sub('&amp;', source.url)}>)" if source.url else label


def _plain(text: str) -> str:
    flat = _MARKS.sub(r"\\\1", _REFERENCE.sub("&amp;", " ".join(text.split())))
    return _LINE_MARK.sub(r"\1\\\2", flat)
