"""The shelf of several machines: a Redis or Valkey server. Needs the extra ``redis``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from summarizer.cache.shelf import Kept, ShelfFault, Size
from summarizer.errors import SettingsError

_T = TypeVar("_T")

_PREFIX = "summarizer:1:"  # the number goes up when what is kept takes another form
_TIMEOUT_S = 0.25  # to connect, and for each answer; a request finds out at most twice that the server hangs
_BACK_OFF_S = 5.0
_LONGEST_S = 10**9  # Redis refuses an expiry that is much longer
_BATCH = 1000


class RedisShelf:
    """A :class:`~summarizer.cache.shelf.Shelf`. Age and size are the server's to bound; only our own keys are touched.

    A server that is down is not asked for some seconds; then the first who comes asks for all.

    Raises:
        SettingsError: The URL cannot be used.
    """

    def __init__(self, url: SecretStr, ttl_s: float, clock: Callable[[], float]) -> None:
        self._ttl_s, self._clock = ttl_s, clock
        try:
            self._place = _without_password(url.get_secret_value())
            self._client = _client(url.get_secret_value())
        except (ValueError, TypeError, AttributeError, RedisError):
            raise SettingsError(
                "The URL of the cache cannot be used.",
                hint="It has the form redis://user:password@host:6379/0, or rediss:, valkey:, valkeys: or unix:; "
                "the characters / ? # @ in a password are written %2F %3F %23 %40.",
            ) from None  # the cause quotes the password
        self._down_since: float | None = None
        self._fault = ""

    @property
    def place(self) -> str:
        """The server's URL without user, password and options."""
        return self._place

    def read(self, key: str) -> Kept | None:
        """The text of ``key``, with what is left of its life at the server."""
        name = _PREFIX + key

        def read(client: Redis) -> Kept | None:
            pipeline = client.pipeline(transaction=False)
            pipeline.get(name)
            pipeline.pttl(name)
            text, left_ms = pipeline.execute()
            return None if text is None else Kept(text.decode(errors="replace"), self._clock() + left_ms / 1000)

        return self._run(read)

    def write(self, key: str, text: str) -> None:
        """Keeps a text from now on."""
        life_ms = max(1, int(min(self._ttl_s, _LONGEST_S) * 1000))
        self._run(lambda client: client.set(_PREFIX + key, text, px=life_ms))

    def touch(self, key: str) -> bool:
        """Notes that ``key`` was used, for a server that evicts what is least used."""
        return self._run(lambda client: client.touch(_PREFIX + key)) != 0

    def remove(self, key: str) -> None:
        """Takes one text out."""
        self._run(lambda client: client.unlink(_PREFIX + key))

    def size(self) -> Size:
        """Counts our keys; the memory that they take is estimated from the first of them."""

        def count(client: Redis) -> Size:
            entries, sample = 0, []
            for keys in _batches(client):
                if not entries:
                    pipeline = client.pipeline(transaction=False)
                    for key in keys:
                        pipeline.memory_usage(key)  # STRLEN would count as a use of the key
                    sample = [taken for taken in pipeline.execute(raise_on_error=False) if isinstance(taken, int)]
                entries += len(keys)
            return Size(entries, entries * sum(sample) // max(1, len(sample)))

        return self._run(count)

    def clear(self) -> int:
        """Takes all of our texts out; returns how many."""
        return self._run(lambda client: sum(client.unlink(*keys) for keys in _batches(client)))

    def prune(self) -> int:
        """Nothing: the server sees to it."""
        return 0

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _run(self, work: Callable[[Redis], _T]) -> _T:
        now = self._clock()
        if self._down_since is not None:
            if 0 <= now - self._down_since < _BACK_OFF_S:  # a clock that was set back ends it
                raise ShelfFault(self._fault)
            self._down_since = now
        try:
            result = work(self._client)
        except Exception as error:  # whatever the client makes of a strange answer: no request fails of it
            # Of the error its name alone: a server may quote what it was sent, be it the password or the text.
            self._fault = f"the cache server {self._place} cannot be used ({type(error).__name__})"
            answered = isinstance(error, (ResponseError, ValueError))  # ValueError: a key that is no UTF-8
            self._down_since = None if answered else self._clock()
            raise ShelfFault(self._fault) from error
        self._down_since = None
        return result


def _client(url: str) -> Redis:
    """A client that connects at its first use. What is wrong with the URL raises all sorts of errors."""
    client = Redis.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    client.connection_pool.make_connection()  # opens nothing, but finds options that there are not
    return client


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.path + parts.query + parts.fragment:
        raise ValueError  # a password with one of / ? #, which would stand in what is returned
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _batches(client: Redis) -> Iterator[list[bytes | str]]:
    cursor = 0
    while True:
        cursor, keys = client.scan(cursor, match=f"{_PREFIX}*", count=_BATCH)
        if keys:
            yield keys
        if not cursor:
            return
