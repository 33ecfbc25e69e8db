"""The openai engine against a real HTTP server on a loopback port, which answers as each test tells it to."""

import asyncio
import itertools
import json
import logging
import threading
import time
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from summarizer import AsyncSummarizer
from summarizer.engines.base import Decoding, Request
from summarizer.engines.chat import spoken
from summarizer.engines.load import plan
from summarizer.engines.openai import OpenAiEngine
from summarizer.errors import (
    BackendError,
    DeadlineExceeded,
    InferenceFailed,
    ModelNotFound,
    ModelUnhealthy,
    Overloaded,
    SettingsError,
)
from summarizer.settings import OpenAiSettings, load_settings

SECRET = "Quokkas of Rottnest"
ANSWER = ["The new library\u2028 of Springfield", " will cost 4 million dollars", " and open in May."]


def event(content=None, finish=None, **more):
    choices = [] if content is None and finish is None else [{"delta": {"content": content}, "finish_reason": finish}]
    return f"data: {json.dumps({'choices': choices, **more}, ensure_ascii=False)}\n\n".encode()


class Server(ThreadingHTTPServer):
    """Answers ``statuses`` first (and their headers), then streams ``answer``; counts what is under way."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses, self.answer, self.finish, self.streams = [], ANSWER, "stop", True
        self.broken = 0  # answers that are cut off before their end
        self.raw = None  # sent in place of any answer
        self.pause_s = 0.0  # before each piece
        self.turn = nullcontext()  # a lock: one answer at a time, as of a server that is full
        self.forgets = None  # a text that is never answered
        self.seen, self.now, self.peak, self.left = [], 0, 0, threading.Event()
        self.lock, self.gate = threading.Lock(), threading.Event()
        self.gate.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request, client_address):
        self.left.set()  # a client that went away


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with server.lock:
            server.seen.append((self.path, dict(self.headers), body))
            status, headers = server.statuses.pop(0) if server.statuses else (200, {})
            broken, server.broken = server.broken > 0, server.broken - 1
            server.now += 1
            server.peak = max(server.peak, server.now)
        try:
            self.reply(status, headers, body, broken)
        finally:
            with server.lock:
                server.now -= 1

    def reply(self, status, headers, body, broken):
        server = self.server
        if server.raw is not None:
            self.wfile.write(server.raw)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 200:
            self.end_headers()
            self.wfile.write(json.dumps({"error": body["messages"][-1]["content"]}).encode())  # servers quote
            return
        self.send_header("content-type", "text/event-stream" if server.streams else "application/json")
        self.end_headers()
        while body["messages"][-1]["content"] == server.forgets:
            time.sleep(0.02)
            self.wfile.write(b": wait\n\n")
        with server.turn:
            self.write_answer(broken)

    def write_answer(self, broken):
        server = self.server
        usage = {"prompt_tokens": 11, "completion_tokens": 7}
        if not server.streams:
            time.sleep(server.pause_s)
            message = {"content": "".join(server.answer)}
            whole = {"choices": [{"message": message, "finish_reason": server.finish}], "usage": usage}
            self.wfile.write(json.dumps(whole).encode())
            return
        for piece in [] if broken else server.answer:
            time.sleep(server.pause_s)
            self.wfile.write(event(piece))
            self.wfile.flush()
            while not server.gate.wait(0.02):  # writes comments, so that a client that left is noticed
                self.wfile.write(b": wait\n\n")
        if not broken:
            self.wfile.write(event(finish=server.finish) + event(usage=usage) + b"data: [DONE]\n\n")


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.gate.set()
    server.shutdown()
    server.server_close()


@contextmanager
def engine_for(server, **settings):
    engine = OpenAiEngine(OpenAiSettings(base_url=server.url, **settings), "some-model")
    try:
        yield engine
    finally:
        engine.close()


def run(engine, *requests):
    """Pieces and last news of each request."""
    for ticket, request in enumerate(requests):
        engine.admit(ticket, request)
    pieces, ends, give_up = dict.fromkeys(range(len(requests)), ""), {}, time.monotonic() + 20
    while len(ends) < len(requests) and time.monotonic() < give_up:
        for news in engine.step():
            pieces[news.ticket] += news.text
            if news.generation is not None or news.error is not None:
                assert news.ticket not in ends
                ends[news.ticket] = news
    return [(pieces[i], ends[i]) for i in range(len(requests))]


def test_what_is_sent_and_what_comes_back(server):
    request = Request(f"{SECRET} <|im_end|></s> \ud800.", "Be short.", Decoding(max_new_tokens=40))
    with engine_for(server, api_key="k-1") as engine:
        [(pieces, end)] = run(engine, request)
        assert "k-1" not in repr(engine._settings)
    path, headers, body = server.seen[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == "Bearer k-1"
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("some-model", 40, 0)
    assert "repetition_penalty" not in body
    assert body["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": f"{SECRET} < |im_end|>< /s> ?."},
    ]
    assert pieces == "".join(ANSWER) == end.generation.text
    assert (end.generation.prompt_tokens, end.generation.new_tokens, end.generation.finish_reason) == (11, 7, "stop")


@pytest.mark.parametrize("streams", [True, False])
def test_a_cut_off_answer_says_so_streamed_or_not(server, streams):
    server.streams, server.finish = streams, "length"
    with engine_for(server) as engine:
        [(pieces, end)] = run(engine, Request("text"))
    assert pieces == "".join(ANSWER) and end.generation.finish_reason == "length"


def test_busy_failing_and_broken_servers_are_asked_again(server):
    server.statuses = [(429, {"Retry-After": "0.3"}), (503, {})]
    with engine_for(server) as engine:
        started = time.monotonic()
        [(_, end)] = run(engine, Request("text"))
        assert time.monotonic() - started >= 0.3
        assert end.generation.text == "".join(ANSWER) and len(server.seen) == 3
        server.broken = 1
        [(_, end)] = run(engine, Request("text"))
        assert end.generation.text == "".join(ANSWER) and len(server.seen) == 5


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (400, InferenceFailed, 1),
        (401, ModelUnhealthy, 1),
        (404, ModelNotFound, 1),
        (302, InferenceFailed, 1),
        (429, Overloaded, 2),
        (500, InferenceFailed, 2),
    ],
)
def test_errors_are_clear_and_quote_nothing(server, caplog, status, kind, tries):
    caplog.set_level(logging.DEBUG)
    server.statuses = [(status, {})] * 9
    with engine_for(server, retries=1, api_key="k-1") as engine:
        [(_, end)] = run(engine, Request(SECRET))
    assert type(end.error) is kind and str(status) in str(end.error) and end.error.hint
    assert len(server.seen) == tries
    for said in (str(end.error), repr(end.error.__cause__), caplog.text):
        assert SECRET not in said and "k-1" not in said


def test_an_unreadable_answer_is_an_error_that_quotes_nothing(server, caplog):
    server.raw = b"HTTP/1.0 200 OK\r\n\r\n{" + SECRET.encode()
    with engine_for(server) as engine:
        [(_, end)] = run(engine, Request(SECRET))
    assert type(end.error) is InferenceFailed and SECRET not in str(end.error) + caplog.text


def test_a_server_that_is_not_there(server):
    server.shutdown()
    server.server_close()
    with engine_for(server, retries=1) as engine:
        [(_, end)] = run(engine, Request("text"))
    assert type(end.error) is ModelUnhealthy and "ConnectError" in str(end.error)


@pytest.mark.parametrize("key", ["k-1\n", " k-1 "])
def test_what_stands_around_a_key_is_no_part_of_it(server, key):
    with engine_for(server, api_key=key) as engine:
        [(_, end)] = run(engine, Request("text"))
    assert end.generation and server.seen[0][1]["Authorization"] == "Bearer k-1"


def test_a_blank_key_is_none(server):
    with engine_for(server, api_key="\n") as engine:
        [(_, end)] = run(engine, Request("text"))
    assert end.generation and "Authorization" not in server.seen[0][1]


@pytest.mark.parametrize("key", ["k-\xe9", "k-\u20131", "k\n1", "k\x7f"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_quoted(server, key):
    with pytest.raises(SettingsError, match="API_KEY") as caught, engine_for(server, api_key=key):
        pass
    assert key not in str(caught.value) and not caught.value.__cause__ and not server.seen


def test_what_the_client_will_not_send_is_tried_once_and_not_quoted(server, caplog):
    with engine_for(server) as engine:
        engine._client.headers["x-more"] = "k-1\n"
        [(_, end)] = run(engine, Request("text"))
    assert type(end.error) is ModelUnhealthy and "cannot be sent" in str(end.error)
    assert not end.error.__cause__ and not end.error.__context__ and "again" not in caplog.text and not server.seen


@pytest.mark.parametrize(
    "answer", [[], [" \n"], ["\u2026"], ["<think>\nThe user", " wants"], ["<think>So.</think>", "\n"]]
)
@pytest.mark.parametrize("finish", ["stop", "length"])
def test_an_answer_without_words_is_an_error(server, answer, finish):
    server.answer, server.finish = answer, finish
    with engine_for(server) as engine:
        [(pieces, end)] = run(engine, Request("text"))
    assert type(end.error) is InferenceFailed and "no words" in str(end.error) and len(server.seen) == 1
    assert "think" not in pieces and "user" not in pieces


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("thought", ["<think>\n\n</think>\n\n", "\n<think>The user wants a <think> tag.</think>"])
def test_what_a_model_thinks_is_neither_told_nor_kept(server, thought, streams):
    server.answer, server.streams = [*thought, *ANSWER], streams
    with engine_for(server) as engine:
        [(pieces, end)] = run(engine, Request("text"))
    assert end.generation.text == pieces.strip() == "".join(ANSWER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So, a summary.</think>\nIt opens.", "\nIt opens."),  # the chat template has opened the thought
        ("It writes <think> and </think> around it.", "It writes <think> and </think> around it."),
        ("<thinkers> meet.", "<thinkers> meet."),
        (" <th", ""),
        ("", ""),
    ],
)
def test_only_a_thought_at_the_beginning_is_left_out(text, expected):
    assert spoken(text) == expected


def test_a_server_that_hangs_is_left_after_the_time_limit(server):
    server.gate.clear()
    with engine_for(server, timeout_s=0.2) as engine:
        [(_, end)] = run(engine, Request("text"))
    assert type(end.error) is InferenceFailed and "0.2 s" in str(end.error) and len(server.seen) == 1


def test_a_server_that_is_slow_but_writes_loses_no_answer(server):
    server.answer, server.pause_s = ["One ", "word ", "after ", "the ", "other, ", "slowly."] * 2, 0.1
    with engine_for(server, timeout_s=0.8) as engine:
        ends = run(engine, Request("text"), Request("text"))
    assert [end.generation and end.generation.text for _, end in ends] == ["".join(server.answer)] * 2


@pytest.mark.parametrize("streams", [True, False])
def test_a_server_that_queues_what_it_is_asked_loses_no_answer(server, streams):
    server.pause_s, server.turn, server.streams = (0.1 if streams else 0.3), threading.Lock(), streams
    with engine_for(server, timeout_s=0.8) as engine:
        ends = run(engine, *[Request(f"text {i}") for i in range(5)])
    assert server.peak == 5 and all(end.generation for _, end in ends)


def test_an_answer_that_the_server_forgot_does_not_live_on_later_ones(server):
    server.forgets, server.pause_s, ends = "text 0", 0.05, {}
    with engine_for(server, timeout_s=0.4) as engine:
        engine.admit(0, Request("text 0"))
        for ticket in range(1, 30):
            engine.admit(ticket, Request(f"text {ticket}"))
            while ticket not in ends:
                ends |= {news.ticket: news for news in engine.step() if news.generation or news.error}
            if 0 in ends:
                break
    assert type(ends.pop(0).error) is InferenceFailed and all(end.generation for end in ends.values())


def test_a_server_that_writes_on_and_on_is_left(server):
    server.answer, server.pause_s = itertools.repeat("more "), 0.02
    with engine_for(server, timeout_s=0.3) as engine:
        [(pieces, end)] = run(engine, Request("text", decoding=Decoding(max_new_tokens=4)))
    assert type(end.error) is InferenceFailed and pieces.count("more") >= 4 and server.left.wait(5)


def test_no_more_at_once_than_allowed(server):
    server.gate.clear()
    threading.Timer(0.3, server.gate.set).start()
    with engine_for(server, max_concurrency=3) as engine:
        ends = run(engine, *[Request(f"text {i}") for i in range(9)])
    assert server.peak == 3 and len(server.seen) == 9
    assert all(end.generation.text == "".join(ANSWER) for _, end in ends)


def test_a_cancelled_request_leaves_the_server(server):
    server.gate.clear()
    gone = threading.Event()
    with engine_for(server) as engine:
        engine.admit(0, Request("text", is_cancelled=gone.is_set))
        while not engine.step():
            pass
        gone.set()
        news = engine.step()
        assert [n.generation.finish_reason for n in news] == ["cancelled"]
        assert news[0].generation.text == ANSWER[0]
        assert server.left.wait(5)
        assert engine.step() == []


async def test_the_whole_flow_and_a_server_that_fails_at_start(server, tmp_path):
    article = "The new library of Springfield will cost 4 million dollars. It will open in May. " + "Roads wait. " * 9
    settings = load_settings(
        engine="openai", openai={"base_url": server.url, "model": "their-name"}, cache={"path": tmp_path / "c.sqlite3"}
    )
    server.answer = [piece.replace("\u2028", "") for piece in ANSWER]
    async with AsyncSummarizer(settings) as summarizer:
        result = await summarizer.summarize(article, length="short")
        again = await summarizer.summarize(article, length="short")
    assert result.summary == "".join(server.answer) and again.cached
    assert (result.model.name, result.model.engine, result.model.revision) == ("their-name", "openai", None)
    server.statuses = [(401, {})]
    async with AsyncSummarizer(settings) as summarizer:
        with pytest.raises(BackendError, match="401"):
            await summarizer.start()


async def test_an_empty_answer_is_not_cached_as_a_summary(server, tmp_path):
    article = "The new library of Springfield will cost 4 million dollars. It will open in May. " + "Roads wait. " * 9
    settings = load_settings(engine="openai", openai={"base_url": server.url}, cache={"path": tmp_path / "c.sqlite3"})
    server.answer = [piece.replace("\u2028", "") for piece in ANSWER]
    async with AsyncSummarizer(settings) as summarizer:
        await summarizer.start()
        server.answer, answer = [], server.answer
        for grounding in ("repair", "report", "strict"):
            with pytest.raises(InferenceFailed, match="no words"):
                await summarizer.summarize(article, length="short", grounding=grounding)
        server.answer = answer
        assert (await summarizer.summarize(article, length="short")).summary == "".join(answer)


async def test_the_deadline_of_a_request_ends_what_is_written_too_slowly(server, tmp_path):
    article = "The new library of Springfield will cost 4 million dollars. It will open in May. " + "Roads wait. " * 9
    settings = load_settings(
        engine="openai",
        openai={"base_url": server.url},
        queue={"deadline_s": 0.5},
        cache={"path": tmp_path / "c.sqlite3"},
    )
    async with AsyncSummarizer(settings) as summarizer:
        await summarizer.start()
        server.answer, server.pause_s = itertools.repeat("more "), 0.05
        with pytest.raises(DeadlineExceeded, match="DEADLINE_S"):
            await summarizer.summarize(article)
        assert await asyncio.to_thread(server.left.wait, 5)


def test_a_server_that_is_slow_at_start_is_waited_for(server):
    server.answer = [*"The new library of Springfield will cost 4 million dollars.", *[" "] * 200]
    server.pause_s = 0.002  # so that each letter comes alone
    plan(load_settings(engine="openai", openai={"base_url": server.url, "timeout_s": 2})).load().close()


def test_what_can_change_the_text_is_in_the_fingerprint(server):
    def fingerprint(**settings):
        return plan(load_settings(engine="openai", openai={"base_url": server.url, **settings})).fingerprint

    assert fingerprint(timeout_s=9, max_concurrency=2) == fingerprint()
    assert len({fingerprint(), fingerprint(context_tokens=512), fingerprint(model="other")}) == 3


def test_an_address_is_needed():
    with pytest.raises(SettingsError, match="BASE_URL"):
        plan(load_settings(engine="openai"))
    with pytest.raises(SettingsError):
        load_settings(engine="openai", openai={"base_url": "ftp://models"})


def test_tokens_are_estimated_by_bytes(server):
    with engine_for(server) as engine:
        assert engine.count_tokens(["", "four", "fives", "\u6c34" * 4, "\ud800"]) == [0, 1, 2, 3, 1]
        assert engine.prompt_tokens("a" * 40) > 10
