"""What is read of a feed, of a broken one, and of one that means harm."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.article.feed import Feed, FeedItem, is_feed, parse_feed
from summarizer.errors import InputTooLong, UnsupportedContent

FEED = "https://kelda.example/news/feed.xml"
NOON = datetime(2024, 5, 14, 12, 30, tzinfo=UTC)


def rss(items, *, before="<?xml version='1.0'?>", title="The Kelda Times"):
    return f"{before}<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


def atom(entries, namespace="xmlns='http://www.w3.org/2005/Atom'"):
    return f"<feed {namespace}><title>The Kelda Times</title>{entries}</feed>".encode()


RSS = rss(
    "<item><title>Ferry aground</title><link>https://kelda.example/ferry</link>"
    "<pubDate>Tue, 14 May 2024 14:30:00 +0200</pubDate><description>A &lt;b&gt;ferry&lt;/b&gt;.</description></item>"
)
ATOM = atom(
    "<entry><title>Ferry aground</title><link href='https://kelda.example/ferry'/>"
    "<published>2024-05-14T12:30:00Z</published><content type='html'>A &lt;b&gt;ferry&lt;/b&gt;.</content></entry>"
)
RDF = (
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    b"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>The Kelda Times</title></channel>"
    b"<item><title>Ferry aground</title><link>https://kelda.example/ferry</link><dc:date>2024-05-14T12:30:00Z</dc:date>"
    b"<description>A &lt;b&gt;ferry&lt;/b&gt;.</description></item></rdf:RDF>"
)
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Kelda Times",
        "items": [
            {
                "id": "1",
                "title": "Ferry aground",
                "url": "https://kelda.example/ferry",
                "date_published": "2024-05-14T14:30:00+02:00",
                "content_html": "A <b>ferry</b>.",
            }
        ],
    }
).encode()
FERRY = FeedItem("Ferry aground", "https://kelda.example/ferry", NOON, "A <b>ferry</b>.")


def titles(data, url=None):
    return [item.title for item in parse_feed(data, url).items]


@pytest.mark.parametrize("data", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda data: b"\xef\xbb\xbf \n" + data], ids=["", "gzip", "bom"]
)
def test_every_format_says_the_same(data, pack):
    assert is_feed(pack(data))
    assert parse_feed(pack(data)) == Feed("The Kelda Times", (FERRY,))


def test_a_json_feed_of_php_escapes_its_slashes():
    assert parse_feed(JSON.replace(b"/", b"\\/")).items == (FERRY,) and is_feed(JSON.replace(b"/", b"\\/"))


def test_json_items_say_only_what_they_say_rightly():
    items = [
        {"content_text": "1 < 2\n\nand so on", "external_url": "/a", "date_published": "soon", "title": 3},
        {"summary": "A teaser.", "date_modified": "2024-05-14T12:30:00", "url": "javascript:alert(1)"},
        "no item",
    ]
    data = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()
    assert parse_feed(data, FEED).items == (
        FeedItem(None, "https://kelda.example/a", None, "<p>1 &lt; 2</p><p>and so on</p>"),
        FeedItem(None, None, NOON, "<p>A teaser.</p>"),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<script>alert(1)</script>Bold <i>move</i>]]>", "Bold move"),
        ("How &amp;lt;b&amp;gt; is written", "How <b> is written"),
        ("3 &lt; 4 and 5 &gt; 4", "3 < 4 and 5 > 4"),
        ("two\n  lines", "two lines"),
        ("&lt;img src=x onerror=alert(1)&gt;", None),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_titles_are_plain_text(written, read):
    assert titles(rss(f"<item><title>{written}</title><guid>https://a.example</guid></item>")) == [read]


def test_an_atom_title_of_text_keeps_its_angles():
    entries = "<entry><title>The &lt;b&gt; element &amp;amp; you</title></entry>"
    assert titles(atom(entries)) == ["The <b> element &amp; you"]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://a.example/x?a=1&amp;b=2", "https://a.example/x?a=1&b=2"),
        ("/x", "https://kelda.example/x"),
        ("x y", "https://kelda.example/news/x%20y"),
        ("//a.example/x", "https://a.example/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@a.example", None),
        ("file:///etc/passwd", None),
        ("http://[broken", None),
        ("https://a.example/" + "x" * 3000, None),
    ],
)
def test_links_are_absolute_addresses_of_the_web(link, address):
    assert parse_feed(rss(f"<item><title>t</title><link>{link}</link></item>"), FEED).items[0].url == address


def test_a_relative_link_of_a_file_is_none_and_a_base_counts():
    entry = "<entry><title>t</title><link href='x'/></entry>"
    assert parse_feed(atom(entry)).items[0].url is None
    based = atom(entry, "xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.example/'")
    assert parse_feed(based).items[0].url == "https://b.example/x"
    greedy = based.replace(b"b.example/", b"b.example/" + b"y" * 9000 + b"/")
    assert parse_feed(greedy, FEED).items[0].url == "https://kelda.example/news/x"


def test_the_longest_content_counts_and_text_is_no_html():
    long = "<p>" + "The whole story. " * 5 + "</p>"
    both = f"<item><description>Short.</description><content:encoded><![CDATA[{long}]]></content:encoded></item>"
    data = rss(both).replace(b"<rss ", b"<rss xmlns:content='http://purl.org/rss/1.0/modules/content/' ")
    assert parse_feed(data).items[0].html == long.replace(" </p>", " </p>")
    assert parse_feed(atom("<entry><content>1 &lt; 2</content></entry>")).items[0].html == "<p>1 &lt; 2</p>"
    assert parse_feed(atom("<entry><content type='image/png'>aGVsbG8=</content></entry>")).items[0].html == ""


@pytest.mark.parametrize("date", ["yesterday", "", "Tue, 99 May 2024 14:30:00 GMT"])
def test_a_date_that_is_none_is_none(date):
    assert parse_feed(rss(f"<item><title>t</title><pubDate>{date}</pubDate></item>")).items[0].published is None


@pytest.mark.parametrize(
    "data",
    [
        RSS[:-20],
        b"\n\n" + RSS,
        b"Warning: mysql_connect() on line 3\n" + RSS,
        b"<!-- <html> --><?xml version='1.0'?>" + RSS[21:],
        RSS.replace(b"</title>", b"&nbsp;\x0b&#0;&#x110000;&#99999999999;</title>"),
        RSS.replace(b"<rss", b"<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://n.example/rss.dtd'><rss"),
        RSS + b"<script>hits()</script>",
    ],
    ids=["cut off", "blank lines", "junk", "comment first", "characters", "doctype", "junk behind"],
)
def test_a_broken_feed_gives_what_can_be_read(data):
    assert is_feed(data)
    (item,) = parse_feed(data).items
    assert item.title == "Ferry aground" and item.published == NOON and item.url == FERRY.url


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("", "utf-8"),
        ("", "cp1252"),
        ("iso-8859-1", "iso-8859-1"),
        ("utf-8", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-8"),
        ("koi8-r", "koi8-r"),
        ("punycode", "utf-8"),
        ("no-such-encoding", "utf-8"),
    ],
)
def test_encodings(declared, written):
    title = "Паром" if written == "koi8-r" else "Bäckerei Müller"
    encoding = f" encoding='{declared}'" if declared else ""
    text = rss(f"<item><title>{title}</title></item>", before=f"<?xml version='1.0'{encoding}?>").decode()
    assert titles(text.encode(written)) == [title]


def bomb(declarations):
    return declarations.encode() + rss("<item><title>x&z;</title></item>", before="")


@pytest.mark.parametrize(
    "data",
    [
        bomb("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY z '&a;&a;&a;&a;'>]>"),
        bomb("<!-- <a --><!DOCTYPE x [\n<!ENTITY a 'aaaaaaaaaa'>\n<!ENTITY z '&a;&a;&a;&a;'>\n]>"),
        bomb("<!DOCTYPE x [\n<!ENTITY z SYSTEM 'file:///etc/passwd'>\n]>"),
        bomb("<!DOCTYPE x [\n<!ENTITY y '<rss>'>\n<!ENTITY z \"aaaaaaaaaa\">\n]>"),
    ],
)
def test_no_entity_of_the_feeds_own_is_expanded(data):
    read = repr(parse_feed(data))
    assert "aaaa" not in read and "root:" not in read


def test_what_is_no_feed():
    page = b"<!doctype html><html><head><title>News</title></head><body><p>Ferry aground</p></body></html>"
    rdf = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><a/></rdf:RDF>"
    for data in (
        page,
        rdf,
        b"",
        b"Ferry aground",
        b'{"a": 1}',
        b"{",
        b"[" * 100_000,
        b"\x1f\x8b\x08 no gzip",
        b"\xff\xfe",
    ):
        assert not is_feed(data)
        with pytest.raises(UnsupportedContent):
            parse_feed(data)
    with pytest.raises(UnsupportedContent) as caught:
        parse_feed(page)
    assert caught.value.hint
    with pytest.raises(UnsupportedContent):
        parse_feed(b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000)


def test_a_feed_is_never_taken_for_the_name_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<rss>").write_bytes(RSS)
    assert parse_feed(b"<rss>").items == ()


def test_a_feed_has_a_size():
    with pytest.raises(InputTooLong):
        parse_feed(gzip.compress(rss(" " * 8_000_000)))


@given(st.binary(max_size=200), st.integers(0, len(RSS)), st.sampled_from([RSS, ATOM, RDF, JSON]))
def test_whatever_stands_in_a_feed_there_is_a_feed_or_one_error(noise, at, data):
    try:
        feed = parse_feed(data[:at] + noise + data[at:], FEED)
    except UnsupportedContent:
        return
    for item in feed.items:
        assert item.url is None or item.url.startswith(("http://", "https://"))
        assert item.published is None or item.published.tzinfo is not None
