"""The only module that opens a connection to where a user's address points.

No message, and no log, holds more of an address than its host: the rest may be private.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM
from weakref import WeakValueDictionary

import httpx

from summarizer.errors import FetchBlocked, FetchFailed, FetchTimedOut, InputTooLong
from summarizer.settings import FetchSettings

Resolve = Callable[[str], Awaitable[Sequence[str]]]

_MOST_REDIRECTS = 10
_MOST_AT_ONE_HOST = 2
_MOST_AT_ALL = 100
_LONGEST_HOST = 253
_ACCEPT = "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, application/feed+json, "
_ACCEPT += "application/xml;q=0.9, text/plain;q=0.8, */*;q=0.1"
_SAVE = "The site refuses programs, or wants a login: save the page in a browser and give its HTML."
_GONE = "There is no such page at this site: check the address."

_UNICAST = IPv6Network("2000::/3")  # all that has been given out of IPv6
_HOLD_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # mapped; NAT64, what DNS64 answers with
# What `is_global` holds for public, in some version of Python at least.
_NOT_PUBLIC = [
    ip_network(network)
    for network in (
        "168.63.129.16",  # where a cloud (Azure) tells its machines about themselves
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is the same of another (Oracle)
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
        "2001::/23",  # protocol assignments, Teredo
        "2002::/16",  # 6to4: an address of IPv4 inside
        "3fff::/20",  # documentation
    )
]


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet, as does what is wrapped in it.

    Of IPv6 only what has been given out counts, so that a form of wrapping need not be known to be refused.
    """
    if "%" in address:  # a zone: an address of a link, whatever it looks like
        return False
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if any(ip in network for network in _HOLD_IPV4):
            ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip not in _UNICAST:
            return False
    return ip.is_global and not any(ip in network for network in _NOT_PUBLIC)


async def system_resolve(host: str) -> list[str]:
    """The addresses of a host, best first, as the system's resolver knows them.

    Raises:
        OSError: There is none.
        ValueError: No host can have this name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gave: ``url`` after redirects, the ``body`` decompressed, and the ``Content-Type`` header."""

    url: str
    body: bytes
    content_type: str


class Fetcher:
    """Fetches pages, within the bounds of its settings. Use as an async context manager.

    No address of a private network is ever connected to, whatever a name resolves to or a redirect says: each host is
    resolved once, and the connection goes to an address that was checked. At most two connections to a host are open
    at once; the wait for one does not count as time that the page took.

    Args:
        settings: The bounds.
        resolve: Finds a host's addresses.
        transport: Sends a request to the address that stands in its URL; `None` takes one that checks certificates.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolve: Resolve = system_resolve,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        # A transport without a client: a client keeps cookies, and writes whole addresses to the log. No connection is
        # used twice, since one address may serve several names, and the certificate was checked for one of them.
        limits = httpx.Limits(max_connections=_MOST_AT_ALL, max_keepalive_connections=0)
        self._transport = transport or httpx.AsyncHTTPTransport(trust_env=False, limits=limits)
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def get(self, url: str) -> Page:
        """The page at ``url``.

        Raises:
            FetchBlocked: The address is not one of the web, or lies in a private network.
            FetchTimedOut: It took longer than ``settings.timeout_s``.
            InputTooLong: It is over ``settings.max_bytes``.
            FetchFailed: There is no such host, it refused, or its answer is no success.
        """
        target = _address(url.strip())
        now, left_s = asyncio.get_running_loop().time, self._settings.timeout_s
        for _ in range(1 + _MOST_REDIRECTS):
            host = _host(target)
            async with self._places.setdefault(host, asyncio.Semaphore(_MOST_AT_ONE_HOST)):
                started = now()
                try:
                    async with asyncio.timeout(left_s):
                        found = await self._visit(target)
                except TimeoutError:
                    raise self._timed_out(host) from None
                left_s -= now() - started
            if isinstance(found, Page):
                return found
            target = found
        raise FetchFailed(f"{host} sends on and on, more than {_MOST_REDIRECTS} times.")

    async def _visit(self, url: httpx.URL) -> Page | httpx.URL:
        """What stands at an address: a page, or the address that it sends on to."""
        host = _host(url)
        try:
            response = await self._send(url, await self._addresses(url))
            try:
                if response.status_code in (301, 302, 303, 307, 308):
                    return _target(url, response)
                _check_status(host, response.status_code)
                return Page(str(url), await self._body(host, response), response.headers.get("content-type", ""))
            finally:
                await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            raise FetchFailed(f"{host} broke off its answer, or gave one that is no HTTP.") from error

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """Where the host of an address is found, after the check."""
        host = _host(url)
        try:
            addresses = list(dict.fromkeys(await self._resolve(host)))
        except (OSError, ValueError) as error:
            raise FetchFailed(f"The host {host} cannot be found.", hint="Check the address.") from error
        if not self._settings.allow_private and not all(map(is_public, addresses)):
            raise FetchBlocked(
                f"{host} lies in a private network.",
                hint="SUMMARIZER_FETCH__ALLOW_PRIVATE=true allows it to all who may ask this service.",
            )
        return addresses

    async def _send(self, url: httpx.URL, addresses: Sequence[str]) -> httpx.Response:
        """The head of the answer, from the first address that can be connected to."""
        host = _host(url)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": self._settings.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip",
        }
        timeout = {"connect": self._settings.timeout_s / max(1, len(addresses))}  # a dead one leaves time for the next
        extensions = {"sni_hostname": host.rstrip("."), "timeout": timeout}
        failure: httpx.HTTPError | None = None
        for address in addresses:
            request = httpx.Request("GET", url.copy_with(host=address), headers=headers, extensions=extensions)
            try:
                return await self._transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        if isinstance(failure, httpx.ConnectTimeout):
            raise self._timed_out(host) from failure
        raise FetchFailed(f"{host} {_why_unreachable(failure)}.") from failure

    async def _body(self, host: str, response: httpx.Response) -> bytes:
        """The body, decompressed here: httpx's decoders inflate a whole chunk at once, by a factor of 1,000 a layer."""
        limit = self._settings.max_bytes
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise FetchFailed(f"{host} compressed the page in a way that was not asked for.")
        if int(response.headers.get("content-length", 0)) > limit:
            raise self._too_long(host)
        body, chunks = bytearray(), response.aiter_raw()
        try:
            async for chunk in chunks if encoding == "identity" else _unzipped(chunks, limit + 1):
                body += chunk
                if max(len(body), response.num_bytes_downloaded) > limit:  # much can come that unpacks to nothing
                    raise self._too_long(host)
        except zlib.error as error:
            raise FetchFailed(f"{host} gave a page whose compression is broken.") from error
        except EOFError:
            if body:
                raise FetchFailed(f"{host} broke off the page.") from None
        if not body:
            raise FetchFailed(f"{host} gave an empty page.")
        return bytes(body)

    def _too_long(self, host: str) -> InputTooLong:
        hint = "SUMMARIZER_FETCH__MAX_BYTES sets the limit."
        return InputTooLong(f"The page of {host} has over {self._settings.max_bytes:,} bytes.", hint=hint)

    def _timed_out(self, host: str) -> FetchTimedOut:
        return FetchTimedOut(
            f"The page of {host} did not come in {self._settings.timeout_s:g} s.",
            hint="Try again; SUMMARIZER_FETCH__TIMEOUT_S sets the limit.",
        )


async def _unzipped(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """What the members of gzip data hold, to be left at ``most`` bytes; what follows the last is not read."""
    unzip = zlib.decompressobj(wbits=31)
    async for chunk in chunks:
        while chunk:
            if unzip.eof:
                if not chunk.startswith(b"\x1f\x8b"[: len(chunk)]):
                    return
                unzip = zlib.decompressobj(wbits=31)
            yield (data := unzip.decompress(chunk, most))
            most, chunk = most - len(data), unzip.unused_data
    if not unzip.eof:
        raise EOFError  # the last is broken off


def _address(url: str | httpx.URL) -> httpx.URL:
    """A checked address of the web, without its fragment."""
    try:
        address = httpx.URL(url).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL()
    named = 0 < len(address.raw_host) <= _LONGEST_HOST
    port = 80 if address.port is None else address.port
    if address.scheme not in ("http", "https") or not named or address.userinfo or not 0 < port < 2**16:
        hint = "One starts with https:// or http:// and holds no user name and no password."
        raise FetchBlocked("This is no address of a page.", hint=hint) from None
    return address


def _host(url: httpx.URL) -> str:
    """The host as DNS knows it. ``url.host`` would decode an internationalised name, and fails at a broken one."""
    return url.raw_host.decode("ascii")


def _target(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where a redirect leads. From https to http as well: browsers follow there, too."""
    location = response.headers.get("location", "").strip()
    if not location:
        raise FetchFailed(f"{_host(url)} sends on, but does not say where.")
    try:
        return _address(url.join(location))
    except (httpx.InvalidURL, ValueError):
        raise FetchFailed(f"{_host(url)} sends on to what is no address.") from None


def _check_status(host: str, status: int) -> None:
    """Raises `FetchFailed` where an answer brings no page."""
    if status in (204, 205):
        raise FetchFailed(f"{host} gave an empty page.")
    if not 200 <= status < 300:
        hints = {401: _SAVE, 403: _SAVE, 429: _SAVE, 451: _SAVE, 404: _GONE, 410: _GONE}
        hint = hints.get(status, "The site has trouble: try again later." if status >= 500 else None)
        raise FetchFailed(f"{host} answered with status {status}.", hint=hint)


def _why_unreachable(failure: BaseException | None) -> str:
    """What went wrong with a connection, to be said after the host. httpx keeps the reason as a context alone."""
    if failure is None:
        return "has no address"
    while failure is not None:
        if isinstance(failure, ssl.SSLCertVerificationError):
            return "has a certificate that cannot be trusted"
        if isinstance(failure, ssl.SSLError):
            return "cannot be connected to securely"
        failure = failure.__cause__ or failure.__context__
    return "cannot be connected to"
