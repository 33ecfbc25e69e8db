"""The shared cache on a real server: it is shared, its failure is survived, and its password is told to nobody."""

import json
import logging
import os
import re
import shutil
import socket
import socketserver
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis import Redis

from summarizer import AsyncSummarizer
from summarizer.cache.store import SummaryCache
from summarizer.settings import CacheSettings, load_settings

PASSWORD = "pass-w0rd"
ARTICLE = Path(__file__).parents[2] / "examples" / "article.txt"
BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
needs_server = pytest.mark.skipif(BINARY is None, reason="there is no redis-server here")


class Server:
    """A server without persistence that can be killed and started again at its port."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder, self.process = folder, None
        self.place = f"redis://127.0.0.1:{self.port}/0"
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self):
        command = [BINARY, "--port", str(self.port), "--bind", "127.0.0.1", "--requirepass", PASSWORD]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert any("ready to accept" in line.lower() for line in self.process.stdout)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def client(server):
    with Redis.from_url(server.url, decode_responses=True) as client:
        yield client


@pytest.fixture
def settings(server):
    return load_settings(engine="lead", cache={"url": server.url})


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def cache_at(url, **options):
    clock = Clock()
    return SummaryCache(CacheSettings(url=url, **options), clock=clock), clock


@needs_server
async def test_two_services_share_an_entry(settings, client):
    async with AsyncSummarizer(settings) as first, AsyncSummarizer(settings) as second:
        made = await first.summarize("The harbour has many boats. " + ARTICLE.read_text())
        again = await second.summarize("The harbour has many boats. " + ARTICLE.read_text())
        assert again.cached and (again.id, again.summary) == (made.id, made.summary)
        assert second.info()["inferences"] == 0 and second.lookup(made.id).id == made.id
    (key,) = client.keys()
    assert key == f"summarizer:1:{made.id}" and json.loads(client.get(key))
    assert 0 < client.pttl(key) <= settings.cache.ttl_s * 1000


@needs_server
async def test_requests_go_on_while_the_server_is_gone_and_it_is_used_again(settings, server, client, caplog):
    async with AsyncSummarizer(settings) as summarizer:
        clock = Clock()
        summarizer._cache = SummaryCache(settings.cache, clock=clock)
        text = ARTICLE.read_text()
        await summarizer.summarize(text)
        server.kill()
        with caplog.at_level(logging.WARNING):
            assert (await summarizer.summarize(text)).cached  # from memory
            for number in range(3):
                made = await summarizer.summarize(f"Boat {number} left the harbour. {text}")
                assert not made.cached
                assert (await summarizer.summarize(f"Boat {number} left the harbour. {text}")).cached
        assert not summarizer.info()["cache"]["healthy"]
        assert [record.getMessage() for record in caplog.records] == [
            f"the cache server {server.place} cannot be used (ConnectionError): going on in memory"
        ]
        server.start()
        assert not summarizer.info()["cache"]["healthy"]  # it is not asked yet
        clock.now += 60
        stats = summarizer.info()["cache"]
        assert stats["healthy"] and stats["entries"] == 0
        made = await summarizer.summarize("A new boat came. " + text)
        assert client.keys() == [f"summarizer:1:{made.id}"]


@needs_server
def test_the_password_is_told_to_nobody(settings, server, caplog):
    wrong, clock = cache_at(f"redis://me:{PASSWORD}@127.0.0.1:{server.port}/0?password={PASSWORD}x")
    with caplog.at_level(logging.DEBUG):
        shown = [repr(settings), repr(wrong.stats()), str(AsyncSummarizer(settings).info())]
        wrong.put("k", {"a": 1})
        server.kill()
        clock.now += 60
        wrong.put("k", {"a": 1})
        shown.append(repr(wrong.stats()))
    assert "AuthenticationError" in caplog.text and "ConnectionError" in caplog.text
    assert server.place in shown[1] and server.place in shown[2] and server.place in caplog.text
    assert PASSWORD not in "".join([caplog.text, *shown])


@needs_server
def test_clear_leaves_foreign_keys_alone(server, client):
    client.mset({"other": "1", "summarizer:10:other": "2", "x:summarizer:1:other": "3"})
    client.mset({f"summarizer:1:{number:064}": '{"a": 1}' for number in range(2500)})
    cache, _ = cache_at(server.url)
    stats = cache.stats()
    assert stats.entries == 2500 and stats.bytes > 2500 * 8
    assert cache.prune() == 0
    assert cache.clear() == 2500
    assert sorted(client.keys()) == ["other", "summarizer:10:other", "x:summarizer:1:other"]


@needs_server
def test_memory_serves_no_longer_than_the_server_would(server, client):
    cache, clock = cache_at(server.url)
    client.set("summarizer:1:k", '{"a": 1}', px=10_000)
    assert cache.get("k") == {"a": 1}
    server.kill()
    clock.now += 9
    assert cache.get("k") == {"a": 1}
    clock.now += 2
    assert cache.get("k") is None


@needs_server
@pytest.mark.parametrize(("ttl_s", "most"), [(1e-6, 1), (90.5, 90_500), (1e300, 10**12), (float("inf"), 10**12)])
def test_the_server_is_told_how_long_an_entry_lives(server, client, ttl_s, most):
    cache, _ = cache_at(server.url, ttl_s=ttl_s)
    cache.put("k", {"a": 1})
    assert cache.stats().healthy and client.pttl("summarizer:1:k") in (-2, *range(most - 5000, most + 1))


@needs_server
def test_a_full_server_is_read_all_the_same_and_said_once(server, client, caplog):
    cache, _ = cache_at(server.url, memory_entries=0)
    cache.put("k", {"a": 1})
    client.config_set("maxmemory", 1)
    with caplog.at_level(logging.WARNING):
        for key in "abc":
            cache.put(key, {"a": 1})
            assert cache.get(key) is None and cache.get("k") == {"a": 1}
    assert len(caplog.records) == 1
    client.config_set("maxmemory", 0)
    cache.put("a", {"a": 1})
    assert cache.get("a") and cache.stats().healthy


@needs_server
def test_the_command_line_looks_at_the_server_and_empties_it(command, server, client):
    env = {**os.environ, "SUMMARIZER_ENGINE": "lead", "SUMMARIZER_CACHE__URL": server.url}

    def run(*arguments):
        done = command(*arguments, env=env)
        assert done.returncode == 0 and PASSWORD not in done.stdout + done.stderr
        return done

    assert not json.loads(run("summarize", "--json", ARTICLE).stdout)["cached"]
    stats = run("cache", "stats").stdout
    assert "entries: 1\n" in stats and f"place: {server.place}\n" in stats and "healthy: True" in stats
    assert run("cache", "prune").stdout == "removed: 0\n"
    assert run("cache", "clear").stdout == "removed: 1\n" and not client.keys()
    server.kill()
    assert "healthy: False" in run("cache", "stats").stdout
    assert not json.loads(run("summarize", "--json", ARTICLE).stdout)["cached"]


def test_a_server_that_hangs_is_asked_once_until_it_is_time_again():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system accepts, and nobody answers
        silent.setblocking(False)
        cache, clock = cache_at(f"redis://127.0.0.1:{silent.getsockname()[1]}")

        def came():
            count = 0
            while True:
                try:
                    silent.accept()[0].close()
                except BlockingIOError:
                    return count
                count += 1

        for _ in range(3):
            cache.put("k", {"a": 1})
            assert cache.get("k") == {"a": 1} and cache.get("other") is None
        assert not cache.stats().healthy and came() == 1
        clock.now += 60
        assert cache.get("other") is None and cache.get("other") is None
        assert came() == 1


class Strange(socketserver.BaseRequestHandler):
    answer = b""

    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(self.answer * len(re.findall(rb"\*\d+\r\n", data)))


@pytest.fixture(scope="module")
def strange():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Strange) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


_ANSWERS = [
    ":5\r\n",
    "$-1\r\n",
    "*0\r\n",
    "*-1\r\n",
    "*2\r\n:0\r\n*1\r\n:1\r\n",
    "+OK\r\n",
    "-ERR what\r\n",
    "$1\r\n{\r\n",
]
_ANSWERS += ["*1\r\n" * 5000 + ":1\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "$9999999999999999999\r\n", ">1\r\n:1\r\n"]


@given(st.sampled_from([answer.encode() for answer in _ANSWERS]) | st.binary(min_size=1).map(lambda b: b + b"\r\n"))
@hypothesis_settings(max_examples=40, deadline=None)
def test_whatever_a_server_answers_no_request_fails(strange, answer):
    Strange.answer = answer
    for ask in (
        lambda cache: cache.get("k"),
        lambda cache: cache.put("k", {"a": 1}),
        lambda cache: cache.put("k", {"a": 1}) or cache.get("k"),
        SummaryCache.stats,
        SummaryCache.clear,
    ):
        cache, _ = cache_at(strange)
        ask(cache)
        cache.close()
