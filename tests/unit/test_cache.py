"""The cache on both of its shelves: a file, and a real Redis or Valkey server on a socket of its own."""

import logging
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis import Redis

from summarizer.cache.sqlite import SqliteShelf
from summarizer.cache.store import SummaryCache, make_key
from summarizer.errors import SettingsError
from summarizer.settings import CacheSettings


@dataclass
class Place:
    settings: CacheSettings
    write: Callable[[str, str], object]  # past the cache


@pytest.fixture
def settings(tmp_path):
    return CacheSettings(path=tmp_path / "sub" / "cache.sqlite3")


@pytest.fixture(scope="module")
def socket(tmp_path_factory):
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        pytest.skip("there is no redis-server here")
    folder = tmp_path_factory.mktemp("redis")
    command = [binary, "--port", "0", "--unixsocket", "s", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            assert any("ready to accept" in line.lower() for line in process.stdout)
            yield folder / "s"
        finally:
            process.kill()


@pytest.fixture(params=["file", "server"])
def place(request, settings):
    if request.param == "file":

        def write(key, text):
            with sqlite3.connect(settings.path, isolation_level=None) as db:
                db.execute("UPDATE summaries SET value = ? WHERE key = ?", (text, key))

        return Place(settings, write)
    url = f"unix://{request.getfixturevalue('socket')}"
    client = Redis.from_url(url)
    client.flushall()
    return Place(CacheSettings(url=url), lambda key, text: client.set(f"summarizer:1:{key}", text))


def test_keys_depend_on_where_fields_end():
    assert make_key("ab", "c") != make_key("a", "bc")
    assert len(make_key("\ud800")) == 64


def test_values_survive_a_restart_and_are_shared_by_two_instances(place):
    first, second = SummaryCache(place.settings), SummaryCache(place.settings)
    first.put("k", {"a": "ü\ud800", "n": 1.5})
    assert second.get("k") == {"a": "ü\ud800", "n": 1.5}
    first.close()
    assert SummaryCache(place.settings).get("k") is not None


_VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.dictionaries(st.text(), st.lists(_VALUES, max_size=3), max_size=3))
@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_json_object_comes_back_as_it_was(place, value):
    cache, other = SummaryCache(place.settings), SummaryCache(place.settings)
    cache.put("k", value)
    assert cache.get("k") == other.get("k") == value
    cache.close()
    other.close()


def test_what_is_held_is_counted_and_cleared(place):
    cache = SummaryCache(place.settings)
    for key in "abc":
        cache.put(key, {"text": "x" * 80})
    assert cache.get("a") and not cache.get("other")
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses, stats.healthy) == (3, 1, 1, True)
    assert 240 < stats.bytes < 4000
    assert stats.place in (str(place.settings.path), place.settings.url and place.settings.url.get_secret_value())
    assert cache.clear() == 3 and cache.stats().entries == 0 and cache.get("a") is None


def test_what_another_process_removed_is_not_served_from_memory(place):
    service, command = SummaryCache(place.settings), SummaryCache(place.settings)
    service.put("k", {"a": 1})
    assert service.get("k") == {"a": 1}
    assert command.clear() == 1
    assert service.get("k") is None


@pytest.mark.parametrize("text", ["{broken", "", "[1]", "null", '"a"', '{"a":' * 100_000], ids=lambda text: text[:7])
def test_a_text_that_is_no_json_object_is_dropped(place, text):
    cache = SummaryCache(place.settings.model_copy(update={"memory_entries": 0}))
    cache.put("k", {"a": 1})
    place.write("k", text)
    assert cache.get("k") is None
    assert cache.stats().entries == 0


def test_nothing_that_is_asked_of_it_raises(place):
    cache = SummaryCache(place.settings)
    cache.put("k", {"a": float("nan")})
    cache.put("k", {"a": object()})
    assert cache.get("k") is None
    assert cache.get("\ud800") is None
    cache.put("k", {"a": 1})
    assert cache.get("k") and cache.stats().healthy
    assert SummaryCache(place.settings.model_copy(update={"enabled": False})).clear() == 0


def test_threads_share_it(place):
    cache, wrong = SummaryCache(place.settings.model_copy(update={"memory_entries": 4})), []

    def use(number):
        for i in range(50):
            key = str((number + i) % 8)
            cache.put(key, {"key": key})
            if cache.get(key) != {"key": key}:
                wrong.append(key)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = cache.stats()
    assert not wrong and (stats.entries, stats.hits, stats.misses) == (8, 200, 0)


def test_disabled_stores_nothing(place):
    cache = SummaryCache(place.settings.model_copy(update={"enabled": False}))
    cache.put("k", {"a": 1})
    assert cache.get("k") is None
    assert SummaryCache(place.settings).stats().entries == 0


def test_old_entries_are_not_served(settings):
    now = [1000.0]
    cache = SummaryCache(settings.model_copy(update={"ttl_s": 10.0}), clock=lambda: now[0])
    cache.put("k", {"a": 1})
    now[0] = 1011.0
    assert cache.get("k") is None
    assert cache.prune() == 1


def test_the_least_recently_used_go_first(settings):
    now = [0.0]
    cache = SummaryCache(settings.model_copy(update={"max_bytes": 250, "memory_entries": 0}), clock=lambda: now[0])
    for key in "abc":
        now[0] += 1
        cache.put(key, {"text": "x" * 80})
    now[0] += 1
    assert cache.get("a")
    cache.prune()
    assert cache.get("a") and cache.get("c") and not cache.get("b")


def test_a_corrupt_file_is_set_aside_and_said_once(settings, caplog):
    aside = settings.path.with_name("cache.sqlite3.corrupt")
    settings.path.parent.mkdir()
    settings.path.write_bytes(b"SQLite format 3\x00" + b"and no database after it" * 100)
    aside.write_text("an earlier one")
    cache = SummaryCache(settings)
    with caplog.at_level(logging.WARNING):
        assert cache.get("k") is None
        cache.put("k", {"a": 1})
    assert SummaryCache(settings).get("k") == {"a": 1}
    assert len(caplog.records) == 1
    assert aside.read_text() == "an earlier one" and len(list(settings.path.parent.glob("*.corrupt*"))) == 2


def test_a_cache_that_another_process_has_mended_is_not_set_aside_again(settings):
    settings = settings.model_copy(update={"memory_entries": 0})
    settings.path.parent.mkdir()
    settings.path.write_bytes(b"SQLite format 3\x00" + b"and no database after it" * 100)
    one, other = (SqliteShelf(settings, time.time) for _ in range(2))
    other._inode = settings.path.stat().st_ino  # it has met the corrupt file, and is about to set it aside
    one.write("k", "1")
    assert other._set_aside() and other.read("k").text == "1"
    assert len(list(settings.path.parent.glob("*.corrupt*"))) == 1


def test_what_is_no_cache_is_left_as_it_is(settings):
    settings.path.parent.mkdir()
    for other in (b"notes of a user\n" * 100, None):
        if other:
            settings.path.write_bytes(other)
        else:
            settings.path.unlink()
            with closing(sqlite3.connect(settings.path)) as db:
                db.execute("CREATE TABLE songs (name TEXT)")
        before = settings.path.read_bytes()
        cache = SummaryCache(settings)
        cache.put("k", {"a": 1})
        assert cache.get("k") == {"a": 1} and not cache.stats().healthy
        cache.close()
        assert settings.path.read_bytes() == before and list(settings.path.parent.iterdir()) == [settings.path]


def test_an_unusable_folder_leaves_the_memory_and_is_said_once(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    cache = SummaryCache(CacheSettings(path=tmp_path / "file" / "cache.sqlite3"))
    with caplog.at_level(logging.WARNING):
        cache.put("k", {"a": 1})
        assert cache.get("k") == {"a": 1}
        assert cache.get("other") is None
    assert not cache.stats().healthy
    assert len(caplog.records) == 1


@pytest.mark.parametrize("ttl_s", [None, 0.001])
def test_what_was_removed_is_in_no_file_while_another_process_has_it_open(settings, ttl_s):
    service = SummaryCache(settings)
    service.put("k", {"text": "Zanzibar"})
    if ttl_s is None:
        assert SummaryCache(settings).clear() == 1
    else:
        later = settings.model_copy(update={"ttl_s": ttl_s})
        assert SummaryCache(later, clock=lambda: time.time() + 1).prune() == 1
    files = list(settings.path.parent.iterdir())
    assert len(files) == 3 and not any(b"Zanzibar" in file.read_bytes() for file in files)
    service.close()


def test_an_entry_served_from_memory_counts_as_used(settings):
    now = [0.0]
    cache = SummaryCache(settings.model_copy(update={"max_bytes": 250}), clock=lambda: now[0])
    for key in "abc":
        now[0] += 1
        cache.put(key, {"text": "x" * 80})
    now[0] += 1
    assert cache.get("a")
    cache.prune()
    other = SummaryCache(settings, clock=lambda: now[0])
    assert other.get("a") and not other.get("b")


def test_what_could_not_be_written_is_served_from_memory(settings):
    cache = SummaryCache(settings)
    cache.put("first", {"a": 1})
    cache._shelf._connection.execute("PRAGMA busy_timeout = 1")
    with sqlite3.connect(settings.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # as while another process writes for long
        cache.put("k", {"a": 2})
        other.execute("ROLLBACK")
    assert cache.get("k") == {"a": 2} and SummaryCache(settings).get("k") is None


def test_the_extra_is_asked_for_at_the_start(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)  # as where it is not installed
    monkeypatch.delitem(sys.modules, "summarizer.cache.shared", raising=False)
    with pytest.raises(SettingsError) as caught:
        SummaryCache(CacheSettings(url="redis://127.0.0.1"))
    assert "[redis]" in (caught.value.hint or "")
    SummaryCache(CacheSettings(url="redis://127.0.0.1", enabled=False))


@pytest.mark.parametrize(
    "url",
    [
        "http://:word@127.0.0.1:6379",
        "127.0.0.1:6379",
        "redis://:12/word@127.0.0.1:6379",
        "redis://me:12?word@127.0.0.1:6379",
        "redis://me:12#word@127.0.0.1:6379",
        "redis://:word@127.0.0.1:port",
        "redis://127.0.0.1?password=word&nonsense=1",
        "redis://127.0.0.1?password=word&credential_provider=nonsense",
        "redis://[word",
    ],
)
def test_a_url_that_cannot_be_used_is_an_error_at_the_start_that_does_not_quote_it(url):
    with pytest.raises(SettingsError, match="URL of the cache") as caught:
        SummaryCache(CacheSettings(url=url))
    assert "word@1" not in str(caught.value) and caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://me:pass@127.0.0.1:1/2?password=pass", "redis://127.0.0.1:1/2"),
        ("rediss://:p@ss@127.0.0.1:1/2?password=pass", "rediss://127.0.0.1:1/2"),
        ("valkey://me:pass@127.0.0.1:1", "valkey://127.0.0.1:1"),
        ("valkeys://me:pass@127.0.0.1:1", "valkeys://127.0.0.1:1"),
        ("unix://me:pass@/nowhere/s.sock?db=1&password=pass", "unix:///nowhere/s.sock"),
    ],
)
def test_stats_show_the_server_without_its_password(url, shown):
    stats = SummaryCache(CacheSettings(url=url)).stats()
    assert stats.place == shown and not stats.healthy
