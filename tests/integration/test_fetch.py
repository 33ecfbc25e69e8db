"""The fetcher against a real server on a loopback port, which answers as each test tells it to."""

import asyncio
import contextlib
import gzip
import itertools
import logging
import shutil
import ssl
import subprocess
import tracemalloc
import zlib

import certifi
import httpx
import pytest

from summarizer.article.fetch import Fetcher, Page, system_resolve
from summarizer.errors import FetchBlocked, FetchFailed, FetchTimedOut, InputTooLong
from summarizer.settings import FetchSettings

HTML = "<p>Die Bücherei öffnet im Mai.</p>".encode()
PUBLIC = ["93.184.215.14", "93.184.215.15"]  # never connected to: see `Internet`


def answer(body=HTML, status=200, **headers):
    headers = {"content_type": "text/html; charset=utf-8", "content_length": len(body), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status} Status", *lines, "", ""]).encode("utf-8") + body


class Site:
    """Answers each path as ``answers`` says, with bytes or by calling; then closes the connection, or ``keeps`` it."""

    def __init__(self):
        self.answers, self.heads, self.left = {}, [], asyncio.Event()
        self.keeps, self.connections = False, 0

    async def serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            await self.reply(reader, writer)
            while self.keeps:
                await self.reply(reader, writer)
        writer.close()
        self.left.set()

    async def reply(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        answer = self.answers[head.split()[1]]
        if callable(answer):
            await answer(reader, writer)
        else:
            writer.write(answer)
        await writer.drain()

    async def is_left(self):
        async with asyncio.timeout(30):
            await self.left.wait()

    def headers(self, number=-1):
        lines = self.heads[number].strip().split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


@contextlib.asynccontextmanager
async def serving(tls=None):
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{site.port}"
    try:
        yield site
    finally:
        server.close()


@pytest.fixture
async def site():
    async with serving() as site:
        yield site


@contextlib.asynccontextmanager
async def fetching(resolve=system_resolve, transport=None, **settings):
    settings = FetchSettings(**{"allow_private": True, "timeout_s": 20.0, **settings})
    async with Fetcher(settings, resolve=resolve, transport=transport) as fetcher:
        yield fetcher


async def get(url, **settings):
    async with fetching(**settings) as fetcher:
        return await fetcher.get(url)


class Names:
    """A resolver: each name's answers in turn."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    async def __call__(self, host):
        self.asked.append(host)
        return next(self.answers[host])


def at(*addresses):
    return itertools.repeat(list(addresses))


class Internet(httpx.AsyncHTTPTransport):
    """A real transport, for which each public address is the port of a local server."""

    def __init__(self, port):
        super().__init__(trust_env=False)
        self.port, self.connected = port, []

    async def handle_async_request(self, request):
        self.connected.append(request.url.host)
        assert request.url.host in PUBLIC
        request.url = request.url.copy_with(host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


async def test_a_page_comes_with_its_address_and_type(site):
    site.answers["/news/?q=1"] = answer()
    page = await get(f" {site.url}/news/?q=1#top\n")
    assert page == Page(f"{site.url}/news/?q=1", HTML, "text/html; charset=utf-8")


async def test_a_request_says_what_it_takes_and_who_asks_and_nothing_else(site):
    site.answers["/"] = answer()
    await get(f"http://xn--bcher-kva.test:{site.port}/", resolve=Names({"xn--bcher-kva.test": at("127.0.0.1")}))
    assert set(site.headers()) == {"host", "user-agent", "accept", "accept-encoding"}
    assert site.headers()["host"] == f"xn--bcher-kva.test:{site.port}"
    assert site.headers()["user-agent"] == "summarizer"
    assert site.headers()["accept"].startswith("text/html")


async def test_no_cookie_and_no_connection_is_kept(site):
    site.keeps = True
    site.answers["/"] = answer(status=302, set_cookie="a=1", location="/page")
    site.answers["/page"] = answer(set_cookie="b=2")
    async with fetching() as fetcher:
        await fetcher.get(f"{site.url}/")
        await fetcher.get(f"{site.url}/page")
    assert len(site.heads) == site.connections == 3
    assert all("cookie" not in site.headers(number) and "referer" not in site.headers(number) for number in range(3))


async def test_an_internationalised_name_is_asked_for_in_ascii(site):
    site.answers["/%C3%BC"] = answer()
    names = Names({"xn--bcher-kva.test": at("127.0.0.1")})
    page = await get(f"http://Bücher.test:{site.port}/ü", resolve=names)
    assert page.url == f"http://xn--bcher-kva.test:{site.port}/%C3%BC"


async def test_no_log_holds_the_address(site, caplog):
    caplog.set_level(logging.DEBUG)
    site.answers["/secret?q=secret"] = answer()
    await get(f"{site.url}/secret?q=secret")
    assert "secret" not in caplog.text


# Sizes


async def test_a_compressed_page_is_decompressed(site):
    site.answers["/"] = answer(gzip.compress(HTML * 10_000), content_encoding="gzip")
    assert (await get(f"{site.url}/")).body == HTML * 10_000


@pytest.mark.parametrize("cut", [0, 1, 10, 11, 30])
async def test_a_compressed_page_may_have_several_members(site, cut):
    first, second = gzip.compress(HTML), gzip.compress(HTML * 10_000)
    body, cut = first + second, len(first) + cut

    async def in_two(reader, writer):
        writer.write(answer(body[:cut], content_length=len(body), content_encoding="gzip"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(body[cut:])

    site.answers["/"] = in_two
    assert (await get(f"{site.url}/")).body == HTML * 10_001
    site.answers["/"] = answer(first + second[:-9], content_encoding="gzip")
    with pytest.raises(FetchFailed, match=r"broke off the page\.$"):
        await get(f"{site.url}/")


@pytest.mark.parametrize("end", [b"\x00" * 1_000_000, b"x" * 1_000_000])
async def test_what_follows_a_compressed_page_is_not_read(site, end):
    async def endless(reader, writer):
        writer.write(answer(gzip.compress(HTML), content_encoding="gzip", content_length=None))
        while True:
            writer.write(end)
            await writer.drain()
            await asyncio.sleep(0)

    site.answers["/"] = endless
    async with fetching(timeout_s=5.0) as fetcher:
        assert (await fetcher.get(f"{site.url}/")).body == HTML
        await site.is_left()


@pytest.mark.parametrize("of", ["members", "blocks"])
async def test_what_unpacks_to_nothing_counts_as_well(site, of):
    head = gzip.compress(b"")[:10]
    nothing = gzip.compress(b"") if of == "members" else bytes([0, 0, 0, 255, 255])

    async def endless(reader, writer):
        writer.write(answer(b"" if of == "members" else head, content_encoding="gzip", content_length=None))
        while True:
            writer.write(nothing * 1_000)
            await writer.drain()
            await asyncio.sleep(0)

    site.answers["/"] = endless
    async with fetching(max_bytes=200_000, timeout_s=5.0) as fetcher:
        with pytest.raises(InputTooLong):
            await fetcher.get(f"{site.url}/")
        await site.is_left()


@pytest.mark.parametrize("encoding", [None, "gzip"])
@pytest.mark.parametrize(("length", "fits"), [(1000, True), (1001, False)])
async def test_the_limit_counts_bytes_after_decompression(site, encoding, length, fits):
    body = b"a" * length
    body = gzip.compress(body) if encoding else body
    site.answers["/"] = answer(body, content_encoding=encoding, content_length=None)
    if fits:
        assert len((await get(f"{site.url}/", max_bytes=1000)).body) == length
    else:
        with pytest.raises(InputTooLong, match=r"^The page of 127\.0\.0\.1 has over 1,000 bytes\."):
            await get(f"{site.url}/", max_bytes=1000)


@pytest.mark.parametrize("encoding", [None, "gzip"])
async def test_a_page_without_end_is_left_early(site, encoding):
    head, block = b"", bytes(10_000_000)
    if encoding:
        packer = zlib.compressobj(wbits=31)
        head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        block = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)  # can be repeated for ever
        assert len(block) < 10_000

    async def endless(reader, writer):
        writer.write(answer(head, content_encoding=encoding, content_length=None))
        while True:
            writer.write(block)
            await writer.drain()
            await asyncio.sleep(0)

    site.answers["/"] = endless
    tracemalloc.start()
    try:
        async with fetching(max_bytes=1_000_000) as fetcher:
            with pytest.raises(InputTooLong):
                await fetcher.get(f"{site.url}/")
            await site.is_left()
        # A chunk of 64 kB holds 64 MB. The server, in the same process, has some blocks of its own under way.
        assert tracemalloc.get_traced_memory()[1] < (16_000_000 if encoding else 64_000_000)
    finally:
        tracemalloc.stop()


async def test_a_page_that_says_it_is_too_long_is_not_read(site):
    async def only_head(reader, writer):
        writer.write(answer(b"", content_length=8_000_001))
        await reader.read()

    site.answers["/"] = only_head
    async with fetching() as fetcher:
        with pytest.raises(InputTooLong):
            await fetcher.get(f"{site.url}/")
        await site.is_left()


# Answers that are no page


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "save the page"),
        (403, "save the page"),
        (429, "save the page"),
        (404, "check the address"),
        (410, "check the address"),
        (500, "try again later"),
        (503, "try again later"),
        (304, None),
        (300, None),
        (418, None),
    ],
)
async def test_a_status_that_is_no_success_is_told(site, status, hint):
    site.answers["/secret"] = answer(b"secret" if status != 304 else b"", status)
    with pytest.raises(FetchFailed) as caught:
        await get(f"{site.url}/secret")
    assert caught.value.message == f"127.0.0.1 answered with status {status}."
    assert hint in caught.value.hint if hint else caught.value.hint is None


@pytest.mark.parametrize(
    "raw",
    [
        answer(b""),
        answer(b"", 204, content_length=None),
        answer(gzip.compress(b""), content_encoding="gzip"),
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 999999 OK\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsecret",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsec",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\n" + b"x: secret\r\n" * 20_000 + b"\r\nsecret",
        b"HTTP/1.1 200 OK\r\nx: " + b"secret" * 40_000 + b"\r\n\r\nsecret",
        answer(b"secret", content_length=7),
        answer(b"secret", content_encoding="gzip"),
        answer(gzip.compress(b"secret" * 100)[:-9], content_encoding="gzip"),
        answer(gzip.compress(b"secret")[:-8] + bytes(8), content_encoding="gzip"),
        answer(gzip.compress(gzip.compress(b"secret")), content_encoding="gzip, gzip"),
        answer(b"secret", content_encoding="br"),
    ],
)
async def test_a_malformed_answer_is_an_error_of_ours(site, raw):
    site.answers["/path"] = raw
    with pytest.raises(FetchFailed) as caught:
        await get(f"{site.url}/path")
    assert type(caught.value) is FetchFailed
    assert caught.value.message.startswith("127.0.0.1 ")
    assert not {"secret", "path"} & set(str(caught.value).replace(".", " ").split())


# Time


@pytest.mark.parametrize("head", [b"", answer(b"", content_length=None)])
async def test_a_server_that_drips_runs_out_of_time(site, head):
    async def drip(reader, writer):
        writer.write(head)
        for byte in itertools.cycle(b"HTTP/1.1 200 OK\r\n" + b"x" * 50_000):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)

    site.answers["/"] = drip
    async with fetching(timeout_s=0.3) as fetcher:
        with pytest.raises(FetchTimedOut, match=r"^The page of 127\.0\.0\.1 did not come in 0\.3 s\. Try again"):
            await fetcher.get(f"{site.url}/")
        await site.is_left()


async def test_redirects_do_not_begin_the_time_anew(site):
    async def slow(reader, writer):
        await asyncio.sleep(0.1)
        writer.write(answer(b"", 302, location=f"/{len(site.heads)}"))

    site.answers |= {f"/{number}": slow for number in range(9)} | {"/9": answer()}
    with pytest.raises(FetchTimedOut):
        await get(f"{site.url}/0", timeout_s=0.3)


async def test_a_resolver_that_does_not_answer_runs_out_of_time():
    async def resolve(host):
        await asyncio.Event().wait()

    with pytest.raises(FetchTimedOut, match=r"^The page of site\.test did not come"):
        await get("https://site.test/", resolve=resolve, timeout_s=0.01)


async def test_cancelling_closes_the_connection(site):
    asked = asyncio.Event()

    async def silent(reader, writer):
        asked.set()
        await reader.read()

    site.answers["/"] = silent
    async with fetching() as fetcher:
        task = asyncio.create_task(fetcher.get(f"{site.url}/"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await site.is_left()


async def test_two_connections_to_a_host_are_open_at_most(site):
    now = most = 0

    async def page(reader, writer):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)  # a third would come in now
        now -= 1
        writer.write(answer())

    site.answers["/"] = page
    async with fetching() as fetcher:
        pages = await asyncio.gather(*(fetcher.get(f"{site.url}/") for _ in range(6)))
    assert len(pages) == 6
    assert most == 2


async def test_waiting_for_a_place_is_not_the_page_s_time(site):
    async def silent(reader, writer):
        await reader.read()

    site.answers |= {"/silent": silent, "/": answer()}
    async with fetching(timeout_s=1.0) as fetcher:
        *silence, page = await asyncio.gather(
            *(fetcher.get(f"{site.url}/{path}") for path in ("silent", "silent", "")), return_exceptions=True
        )
    assert [type(error) for error in silence] == [FetchTimedOut, FetchTimedOut]
    assert page.body == HTML


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["../page?a=1#end", "/page?a=1", "{url}/page?a=1", "//127.0.0.1:{port}/page?a=1"])
async def test_a_redirect_is_followed(site, status, location):
    site.answers["/old/way"] = answer(status=status, location=location.format(url=site.url, port=site.port))
    site.answers["/page?a=1"] = answer()
    assert await get(f"{site.url}/old/way") == Page(f"{site.url}/page?a=1", HTML, "text/html; charset=utf-8")


async def test_a_redirect_may_hold_letters_beyond_ascii(site):
    site.answers |= {"/": answer(status=302, location="/ü"), "/%C3%BC": answer()}
    assert (await get(f"{site.url}/")).url == f"{site.url}/%C3%BC"


@pytest.mark.parametrize(("steps", "arrives"), [(10, True), (11, False)])
async def test_ten_redirects_are_followed(site, steps, arrives):
    site.answers = {f"/{n}": answer(status=302, location=f"/{n + 1}") for n in range(steps)} | {f"/{steps}": answer()}
    if arrives:
        assert (await get(f"{site.url}/0")).body == HTML
    else:
        with pytest.raises(FetchFailed, match=r"sends on and on, more than 10 times\.$"):
            await get(f"{site.url}/0")


@pytest.mark.parametrize(
    ("location", "error"),
    [
        (None, "does not say where"),
        (" ", "does not say where"),
        ("http://a:b/", "no address"),
        ("http://ann:secret@127.0.0.1/", "no address"),
        ("ftp://127.0.0.1/", "no address"),
        ("file:///etc/passwd", "no address"),
        ("javascript:secret", "no address"),
        ("http://127.0.0.1:99999/secret", "no address"),
    ],
)
async def test_a_redirect_to_nowhere_is_an_error_of_ours(site, location, error):
    site.answers["/"] = answer(status=302, location=location)
    with pytest.raises(FetchFailed, match=error) as caught:
        await get(f"{site.url}/")
    assert "secret" not in str(caught.value)


# Private addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_not_connected_to(site, host):
    with pytest.raises(FetchBlocked):
        await get(f"http://{host}:{site.port}/", allow_private=False)
    assert site.heads == []


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "http://inside.test/", "//[::1]:{port}/"])
async def test_a_redirect_into_a_private_network_is_not_followed(site, target):
    site.answers["/"] = answer(status=302, location=target.format(port=site.port))
    literal = {address: at(address) for address in ("127.0.0.1", "::1")}
    names = Names({"site.test": at(PUBLIC[0]), "inside.test": at("10.0.0.1"), **literal})
    internet = Internet(site.port)
    with pytest.raises(FetchBlocked, match="lies in a private network"):
        await get("http://site.test/", allow_private=False, resolve=names, transport=internet)
    assert internet.connected == [PUBLIC[0]]
    assert len(site.heads) == 1


async def test_a_name_is_resolved_once_and_connected_to_where_it_was_checked(site):
    site.answers |= {"/": answer(status=302, location="/again"), "/again": answer()}
    names = Names({"site.test": iter([PUBLIC[:1], ["127.0.0.1"]])})  # a public address first, then a private one
    internet = Internet(site.port)
    with pytest.raises(FetchBlocked):
        await get("http://site.test/", allow_private=False, resolve=names, transport=internet)
    assert names.asked == ["site.test", "site.test"]  # once a hop
    assert internet.connected == PUBLIC[:1]
    assert site.headers(0)["host"] == "site.test"


async def test_a_public_address_is_fetched(site):
    site.answers["/"] = answer()
    internet = Internet(site.port)
    names = Names({"site.test": at(*PUBLIC)})
    page = await get("http://site.test/", allow_private=False, resolve=names, transport=internet)
    assert page.url == "http://site.test/"
    assert internet.connected == PUBLIC[:1]


async def test_the_next_address_is_tried_where_one_cannot_be_connected_to(site):
    site.answers["/"] = answer()
    page = await get(f"http://site.test:{site.port}/", resolve=Names({"site.test": at("::1", "127.0.0.1")}))
    assert page.body == HTML


async def test_an_address_that_does_not_answer_leaves_time_for_the_next(site):
    class Silent(Internet):
        async def handle_async_request(self, request):
            if request.url.host == PUBLIC[0]:
                await asyncio.sleep(request.extensions["timeout"]["connect"])
                raise httpx.ConnectTimeout("")
            return await super().handle_async_request(request)

    site.answers["/"] = answer()
    names = Names({"site.test": at(*PUBLIC), "dead.test": at(PUBLIC[0])})
    async with fetching(resolve=names, transport=Silent(site.port), timeout_s=1.0) as fetcher:
        assert (await fetcher.get("http://site.test/")).body == HTML
        with pytest.raises(FetchTimedOut):
            await fetcher.get("http://dead.test/")


async def test_a_host_that_refuses_is_told():
    async with serving() as gone:
        pass
    with pytest.raises(FetchFailed, match=r"^127\.0\.0\.1 cannot be connected to\.$"):
        await get(f"{gone.url}/secret")


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-made certificate for site.test and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    path, key = folder / "certificate.pem", folder / "key.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=site.test -keyout {key} -out {path}"
    command += " -addext subjectAltName=DNS:site.test -addext keyUsage=critical,digitalSignature,keyCertSign"
    subprocess.run(command.split(), check=True, capture_output=True)
    return path, key


@pytest.fixture
async def secure_site(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    wanted = []
    context.sni_callback = lambda _socket, name, _context: wanted.append(name)
    async with serving(context) as site:
        site.names = wanted
        site.answers["/"] = answer()
        yield site


async def test_a_certificate_that_nobody_signed_is_refused(secure_site):
    with pytest.raises(FetchFailed, match=r"^site\.test has a certificate that cannot be trusted\.$"):
        await get(f"https://site.test:{secure_site.port}/", resolve=Names({"site.test": at("127.0.0.1")}))
    assert secure_site.heads == []


async def test_the_certificate_must_be_that_of_the_name(secure_site, certificate, monkeypatch):
    monkeypatch.setattr(certifi, "where", lambda: str(certificate[0]))
    secure_site.keeps = True
    hosts = ["site.test", "site.test.", "other.test", "127.0.0.1"]
    names = Names({host: at("127.0.0.1") for host in hosts})
    site, dotted, *others = (f"https://{host}:{secure_site.port}/" for host in hosts)
    async with fetching(resolve=names) as fetcher:
        assert (await fetcher.get(site)).body == (await fetcher.get(dotted)).body == HTML
        for other in others:  # the connection to the same address was checked for another name
            with pytest.raises(FetchFailed, match="has a certificate that cannot be trusted"):
                await fetcher.get(other)
    assert secure_site.names == ["site.test", "site.test", "other.test", None]
    assert secure_site.headers(0)["host"] == f"site.test:{secure_site.port}"


async def test_a_tampered_answer_is_an_error_of_ours(secure_site, certificate, monkeypatch):
    monkeypatch.setattr(certifi, "where", lambda: str(certificate[0]))

    async def relay(reader, writer):
        from_site, to_site = await asyncio.open_connection("127.0.0.1", secure_site.port)

        async def back():
            while data := await from_site.read(65536):
                tampered = data[:10] + bytes([data[10] ^ 1]) + data[11:]  # behind the five bytes of a record's head
                writer.write(tampered if secure_site.heads else data)
            writer.close()

        answers = asyncio.create_task(back())
        while data := await reader.read(65536):
            to_site.write(data)
        to_site.close()
        await answers

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchFailed, match=r"^site\.test broke off its answer"):
            await get(f"https://site.test:{port}/", resolve=Names({"site.test": at("127.0.0.1")}))


async def test_a_server_without_tls_cannot_be_connected_to_securely():
    async def plain(reader, writer):
        writer.write(answer(status=400))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        with pytest.raises(FetchFailed, match=r"^127\.0\.0\.1 cannot be connected to securely\.$"):
            await get(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
