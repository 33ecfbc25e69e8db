"""The whole service under measurement: clients that keep their connections, against a server process of its own.

``speed_http.py FOLDER`` is that server; it keeps its cache in FOLDER and writes its port to ``FOLDER/port``.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import speed_systems  # beside this file

# What is written past a text's own end is no summary, and would be written again for failing the check.
GROUNDING = "repair" if speed_systems.TO_END else "report"
_START_S = 120.0
_HITS = 1000


@dataclass(frozen=True)
class Answer:
    """What a client saw: seconds to the first sentence and to the end, and the result."""

    first_s: float
    total_s: float
    result: dict[str, Any]


class Client:
    """One connection. Written on bare streams: an HTTP library would need more time than the service."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, text: str, *, stream: bool = False) -> Answer:
        """Asks for a summary, as events if ``stream``."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        body = json.dumps({"text": text, "sentences": 2, "grounding": GROUNDING}).encode()
        accept = "text/event-stream" if stream else "application/json"
        head = (
            f"POST /v1/summarize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
        )
        started = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().casefold()
        if not answer.startswith("http/1.1 200"):
            raise RuntimeError(f"the service answered {answer.splitlines()[0]}")
        if not stream:
            length = int(answer.partition("content-length:")[2].split()[0])
            result = json.loads(await reader.readexactly(length))
            total = time.perf_counter() - started
            return Answer(total, total, result)
        first, received = 0.0, b""
        while size := int(await reader.readuntil(b"\r\n"), 16):  # chunked
            received += (await reader.readexactly(size + 2))[:-2]
            first = first or time.perf_counter() - started
        await reader.readexactly(2)
        *_, last = [line for line in received.split(b"\n") if line.startswith(b"data:")]
        return Answer(first, time.perf_counter() - started, json.loads(last[5:]))


async def _ask_all(port: int, texts: list[str], clients: int, *, stream: bool = False) -> list[Answer]:
    waiting = iter(texts)
    answers: list[Answer] = []

    async def work() -> None:
        client = Client(port)
        for text in waiting:
            answers.append(await client.post(text, stream=stream))  # noqa: PERF401 - who is free takes the next one

    await asyncio.gather(*(work() for _ in range(clients)))
    return answers


def _timed(port: int, texts: list[str], clients: int, *, stream: bool = False) -> tuple[float, list[Answer]]:
    started = time.perf_counter()
    answers = asyncio.run(_ask_all(port, texts, clients, stream=stream))
    return time.perf_counter() - started, answers


@contextmanager
def _service(folder: Path) -> Iterator[tuple[int, int]]:
    """Process id and port of a service that is ready."""
    process = subprocess.Popen([sys.executable, __file__, str(folder)])
    try:
        end, port = time.monotonic() + _START_S, folder / "port"
        while not port.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the service did not start")
            time.sleep(0.1)
        yield process.pid, int(port.read_text())
    finally:
        process.terminate()
        process.wait(30)


def measure(texts: list[str], clients: int, folder: Path) -> dict[str, Any]:
    """New articles, each streamed, and then the same ones from the cache: by one client, and by ``clients``."""
    with _service(folder) as (pid, port):
        seconds, answers = _timed(port, texts, clients, stream=True)
        assert not any(answer.result["cached"] for answer in answers)
        tokens = [speed_systems.NEW_TOKENS] * len(answers)
        new = speed_systems.summarize_times(
            [answer.total_s for answer in answers], [answer.first_s for answer in answers], seconds, tokens
        )
        repeated = (texts * (_HITS // len(texts) + 1))[:_HITS]
        hits = {}
        for count in (1, clients):
            seconds, answers = _timed(port, repeated, count)
            assert all(answer.result["cached"] for answer in answers)
            latencies = [answer.total_s for answer in answers]
            hits[str(count)] = {
                "hits_s": len(answers) / seconds,
                "latency_p50_s": speed_systems.quantile(latencies, 0.5),
                "latency_p95_s": speed_systems.quantile(latencies, 0.95),
            }
        return new | {"cache_hits": hits, "peak_memory_mb": speed_systems.peak_memory_mb(pid)}


def serve(folder: Path) -> None:
    """The service as it is, with an engine that writes exactly as many tokens as it is asked for."""
    import uvicorn

    from summarizer.engines.load import plan
    from summarizer.pipeline import AsyncSummarizer
    from summarizer.server.app import create_app
    from summarizer.settings import load_settings

    engine = plan(load_settings()).engine
    settings = load_settings(engine=engine, cache={"path": folder / "cache.sqlite3"})
    summarizer = AsyncSummarizer(settings)
    summarizer._scheduler._load = lambda: speed_systems.load_exact(engine)
    app = create_app(settings, summarizer)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False, server_header=False))

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        while not summarizer.ready and not serving.done():  # noqa: ASYNC110 - benchmarks wait simply
            await asyncio.sleep(0.05)
        (folder / "port.new").write_text(str(server.servers[0].sockets[0].getsockname()[1]))
        (folder / "port.new").rename(folder / "port")
        await serving

    asyncio.run(run())


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
