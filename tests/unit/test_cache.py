import logging

import pytest

from summarizer.cache.store import SummaryCache, make_key
from summarizer.settings import CacheSettings


@pytest.fixture
def settings(tmp_path):
    return CacheSettings(path=tmp_path / "sub" / "cache.sqlite3")


def test_keys_depend_on_where_fields_end():
    assert make_key("ab", "c") != make_key("a", "bc")
    assert len(make_key("\ud800")) == 64


def test_values_survive_a_restart_and_are_shared_by_two_instances(settings):
    first, second = SummaryCache(settings), SummaryCache(settings)
    first.put("k", {"a": "ü\ud800", "n": 1.5})
    assert second.get("k") == {"a": "ü\ud800", "n": 1.5}
    first.close()
    assert SummaryCache(settings).get("k") is not None


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
    settings.path.parent.mkdir()
    settings.path.write_bytes(b"this is no database at all" * 100)
    cache = SummaryCache(settings)
    with caplog.at_level(logging.WARNING):
        assert cache.get("k") is None
        cache.put("k", {"a": 1})
    assert SummaryCache(settings).get("k") == {"a": 1}
    assert len(caplog.records) == 1
    assert settings.path.with_name("cache.sqlite3.corrupt").exists()


def test_an_unusable_folder_leaves_the_memory_and_is_said_once(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    cache = SummaryCache(CacheSettings(path=tmp_path / "file" / "cache.sqlite3"))
    with caplog.at_level(logging.WARNING):
        cache.put("k", {"a": 1})
        assert cache.get("k") == {"a": 1}
        assert cache.get("other") is None
    assert not cache.stats().healthy
    assert len(caplog.records) == 1


def test_a_row_that_is_no_json_is_dropped(settings):
    cache = SummaryCache(settings.model_copy(update={"memory_entries": 0}))
    cache.put("k", {"a": 1})
    cache._connection.execute("UPDATE summaries SET value = '{broken'")
    assert cache.get("k") is None
    assert cache.stats().entries == 0


def test_disabled_stores_nothing(settings):
    cache = SummaryCache(settings.model_copy(update={"enabled": False}))
    cache.put("k", {"a": 1})
    assert cache.get("k") is None
    assert not settings.path.exists()


def test_nothing_that_is_asked_of_it_raises(settings):
    cache = SummaryCache(settings)
    cache.put("k", {"a": float("nan")})
    cache.put("k", {"a": object()})
    assert cache.get("k") is None
    assert cache.get("\ud800") is None
    assert SummaryCache(settings.model_copy(update={"enabled": False})).clear() == 0


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


def test_what_another_process_removed_is_not_served_from_memory(settings):
    service, command = SummaryCache(settings), SummaryCache(settings)
    service.put("k", {"a": 1})
    assert service.get("k") == {"a": 1}
    assert command.clear() == 1
    assert service.get("k") is None


def test_what_could_not_be_written_is_served_from_memory(settings):
    cache, other = SummaryCache(settings), SummaryCache(settings)
    cache.put("first", {"a": 1})
    other.put("other", {"a": 1})
    cache._connection.execute("PRAGMA busy_timeout = 1")
    other._connection.execute("BEGIN IMMEDIATE")  # as while another process writes for long
    cache.put("k", {"a": 2})
    other._connection.execute("ROLLBACK")
    assert cache.get("k") == {"a": 2} and other.get("k") is None
