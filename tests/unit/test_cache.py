from __future__ import annotations

import json
import logging
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from summarizer.cache.store import SummaryCache, make_key
from summarizer.settings import CacheSettings

SECRET = "The mayor of Springfield resigned."
WRITER = """
import sys
from pathlib import Path
from summarizer.cache.store import SummaryCache
from summarizer.settings import CacheSettings
cache = SummaryCache(CacheSettings(path=Path(sys.argv[1])))
name, count, n = sys.argv[2], int(sys.argv[3]), 0
while count == 0 or n < count:
    cache.put(f"{name}{n}", {"n": n, "pad": "x" * 2000})
    n += 1
    if n == 20:
        print("ready", flush=True)
healthy = cache.stats().healthy
cache.close()
sys.exit(0 if healthy else 1)
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "summaries.sqlite3"


def cache_at(path: Path, clock: Clock | None = None, **values: Any) -> SummaryCache:
    return SummaryCache(CacheSettings(path=path, **values), clock=clock or Clock())


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "summarizer.cache" and r.levelno >= logging.WARNING]


def test_key_depends_on_where_fields_end() -> None:
    assert make_key("ab", "c") != make_key("a", "bc") != make_key("abc")
    assert make_key("a", "") != make_key("a")
    assert make_key("a", "b") == make_key("a", "b")
    assert len(make_key("\ud800é")) == 64


def test_nothing_on_disk_before_use(path: Path) -> None:
    cache = cache_at(path)
    stats = cache.stats()
    assert (stats.entries, stats.bytes, stats.path, stats.healthy) == (0, 0, path, True)
    assert (cache.clear(), cache.prune()) == (0, 0)
    cache.close()
    assert not path.parent.exists()


def test_disabled_stores_nothing(path: Path) -> None:
    cache = cache_at(path, enabled=False)
    cache.put("k", {"a": 1})
    assert cache.get("k") is None
    assert cache.stats().path is None
    assert not path.parent.exists()


@pytest.mark.parametrize("memory_entries", [0, 1, 100])
def test_round_trip_is_a_fresh_copy(path: Path, memory_entries: int) -> None:
    cache = cache_at(path, memory_entries=memory_entries)
    value = {"text": "é\ud800\x00", "list": [1, 2.5, None, True]}
    cache.put("k", value)
    first = cache.get("k")
    assert first == value
    first["list"].append("changed")
    assert cache.get("k") == value
    assert cache.get("other") is None
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses) == (1, 2, 1)


def test_survives_a_restart(path: Path) -> None:
    cache = cache_at(path)
    cache.put("k", {"a": 1})
    cache.close()
    cache.close()
    assert cache.get("k") is None
    assert cache_at(path).get("k") == {"a": 1}


def test_survives_kill_while_it_writes(path: Path) -> None:
    process = writer(path, "w", 0)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    cache = cache_at(path)
    # Written with the writer's clock, later than this one: not too old.
    assert cache.get("w0") == {"n": 0, "pad": "x" * 2000}
    cache.put("k", {"a": 1})
    stats = cache.stats()
    assert stats.healthy
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*), sum(size) FROM summaries_v1").fetchone() == (stats.entries, stats.bytes)
    db.close()


@pytest.mark.parametrize("garbage", [False, True])
def test_two_processes_at_once(path: Path, garbage: bool) -> None:
    if garbage:
        path.parent.mkdir()
        path.write_bytes(b"no database" * 1000)
    processes = [writer(path, name, 50) for name in "ab"]
    for process in processes:
        process.communicate(timeout=60)
    assert [p.returncode for p in processes] == [0, 0]
    cache = cache_at(path)
    assert cache.stats().entries == 100 or garbage  # what was written before the other's rebuild may be gone
    assert cache.get("a49") and cache.get("b49")


def test_two_instances_share_and_clear(path: Path) -> None:
    clock = Clock()
    one, two = cache_at(path, clock), cache_at(path, clock)
    one.put("k", {"a": 1})
    assert two.get("k") == {"a": 1}
    assert one.clear() == 1
    clock.now += 2
    assert two.get("k") is None
    assert two.stats().entries == two.stats().bytes == 0


def test_threads(path: Path) -> None:
    cache = cache_at(path, memory_entries=5)

    def work(name: str) -> None:
        for n in range(40):
            cache.put(f"{name}{n}", {"n": n})
            assert cache.get(f"{name}{n}") == {"n": n}

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (cache.stats().entries, cache.stats().hits) == (160, 160)


@pytest.mark.parametrize("memory_entries", [0, 10])
def test_ttl(path: Path, memory_entries: int) -> None:
    clock = Clock()
    cache = cache_at(path, clock, ttl_s=100, memory_entries=memory_entries)
    cache.put("old", {"a": 1})
    clock.now += 60
    cache.put("new", {"a": 2})
    assert cache.get("old") == {"a": 1}
    clock.now += 40
    assert cache.get("old") is None
    assert cache.get("new") == {"a": 2}
    assert cache.prune() == 1
    assert cache.stats().entries == 1


@pytest.mark.parametrize("memory_entries", [0, 2, 100])
def test_size_bound_removes_the_least_recently_used(path: Path, memory_entries: int) -> None:
    cache = cache_at(path, max_bytes=2**16, memory_entries=memory_entries)
    for n in range(6):
        cache.put(f"k{n}", {"pad": "x" * 10_000})
    assert cache.get("k0")
    cache.put("k6", {"pad": "x" * 10_000})
    assert cache.get("k0") and cache.get("k6")
    assert cache.get("k1") is None
    assert cache.stats().entries == 6
    assert cache.stats().bytes <= 2**16
    cache.put("big", {"pad": "x" * 2**17})
    assert cache.get("big") is None
    assert cache.stats().entries == 6
    cache.close()
    assert cache_at(path, max_bytes=2**16).get("k0")


def test_prune_applies_a_smaller_bound_and_gives_space_back(path: Path) -> None:
    cache = cache_at(path)
    for n in range(50):
        cache.put(f"k{n}", {"pad": "x" * 10_000})
    cache.close()
    smaller = cache_at(path, max_bytes=2**16)
    assert smaller.prune() == 44
    assert smaller.get("k49") and smaller.get("k0") is None
    smaller.close()
    assert path.stat().st_size < 150_000


@pytest.mark.parametrize("content", [b"not a database at all " * 500, b"SQLite format 3\0" + b"\xff" * 8192])
def test_corrupt_file_is_moved_aside(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    cache = cache_at(path, memory_entries=0)
    assert cache.get("k") is None
    cache.put("k", {"text": SECRET})
    assert cache.get("k") == {"text": SECRET}
    assert cache.stats().healthy
    assert path.with_name(path.name + ".corrupt").read_bytes()[:16] == content[:16]
    assert len(warnings_of(caplog)) == 1
    assert SECRET not in caplog.text


def test_file_corrupted_while_open(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = cache_at(path)
    for n in range(50):
        cache.put(f"k{n}", {"pad": "x" * 3000})
    cache.close()
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    again = cache_at(path, memory_entries=0)
    for n in range(50):
        assert again.get(f"k{n}") is None
        again.put(f"k{n}", {"n": n})
        assert again.get(f"k{n}") == {"n": n}
    assert again.stats().healthy
    assert len(warnings_of(caplog)) == 1


@pytest.mark.parametrize("kind", ["parent is a file", "path is a folder"])
def test_unusable_path_goes_on_in_memory(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "cache.sqlite3" if kind == "parent is a file" else tmp_path
    clock = Clock()
    cache = cache_at(path, clock)
    for _ in range(3):
        clock.now += 100
        cache.put("k", {"text": SECRET})
        assert cache.get("k") == {"text": SECRET}
        assert cache.get("other") is None
    assert not cache.stats().healthy
    assert cache.stats().entries == 1
    assert cache.clear() == 1
    assert cache.prune() == 0
    cache.close()
    assert len(warnings_of(caplog)) == 1
    assert SECRET not in caplog.text


def test_full_disk(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = cache_at(path)
    cache.put("first", {"a": 1})
    assert cache._db is not None
    cache._db.execute("PRAGMA max_page_count = 1")  # SQLite raises it to what there is: not a page more
    for n in range(5):
        cache.put(f"k{n}", {"text": SECRET, "pad": "x" * 20_000})
        assert cache.get(f"k{n}") is not None
    assert cache.get("first") == {"a": 1}
    assert len(warnings_of(caplog)) == 1
    assert SECRET not in caplog.text
    cache._db.execute("PRAGMA max_page_count = 100000")
    cache.put("later", {"a": 2})
    cache.close()
    assert cache_at(path).get("later") == {"a": 2}


def test_rows_that_are_no_json_object_are_dropped(path: Path) -> None:
    cache = cache_at(path, memory_entries=0)
    bad = [b"{", b"\xff\xfe", json.dumps([1]).encode(), b"", 5, "text"]
    for n in range(len(bad)):
        cache.put(f"k{n}", {"a": 1})
    with sqlite3.connect(path) as db:
        db.executemany("UPDATE summaries_v1 SET value = ? WHERE key = ?", [(v, f"k{n}") for n, v in enumerate(bad)])
    db.close()
    assert [cache.get(f"k{n}") for n in range(len(bad))] == [None] * len(bad)
    assert cache.stats().entries == 0
    assert cache.stats().healthy


def test_what_is_no_json_or_no_key_does_no_harm(path: Path) -> None:
    cache = cache_at(path)
    cache.put("k", {"a": object()})
    cache.put("k", {"a": float("nan")})
    assert cache.get("k") is None
    assert cache.get("\ud800") is None
    cache.put("k", {"a": 1})
    assert cache.stats().healthy
    assert cache.get("k") == {"a": 1}
