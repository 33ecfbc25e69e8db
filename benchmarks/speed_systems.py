"""One system under measurement, in a process of its own: ``speed_systems.py SYSTEM IN_FLIGHT ARTICLES.json``.

Prints one JSON object. Every system but a foreign server writes exactly ``NEW_TOKENS`` tokens for each article: what
ends a text early (end tokens, loops) is switched off here, on the engines' private parts, since no user wants that.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from summarizer.engines.base import Decoding, Engine, Request
from summarizer.engines.load import plan
from summarizer.engines.process import ProcessEngine
from summarizer.settings import load_settings
from summarizer.text.sentences import sentences
from summarizer.writing.style import Style

NEW_TOKENS = 96
STYLE = Style.of(sentence_count=2)  # for which the service asks for NEW_TOKENS tokens
# Or each text to its own end, as users get it: what a model writes after its end is easier to guess.
TO_END = bool(os.environ.get("SPEED_TO_END"))
_NEVER = 10**9  # no token has this number


def peak_memory_mb(pid: int | str = "self") -> float:
    """Peak resident memory of a process since it was started, with that of its children, as if they peaked at once."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    children = [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024 + sum(map(peak_memory_mb, children))


def summarize_times(latencies: list[float], first: list[float], seconds: float, tokens: list[int]) -> dict[str, Any]:
    """The figures of one run: latencies and seconds to the first sentence of each article, seconds in all."""
    return {
        "articles": len(latencies),
        "seconds": seconds,
        "new_tokens": sum(tokens) / len(tokens),
        "articles_s": len(latencies) / seconds,
        "tokens_s": sum(tokens) / seconds,
        "latency_p50_s": quantile(latencies, 0.5),
        "latency_p95_s": quantile(latencies, 0.95),
        "first_sentence_p50_s": quantile(first, 0.5),
    }


def quantile(values: list[float], share: float) -> float:
    """The nearest of the values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def tutorial(texts: list[str]) -> dict[str, Any]:
    """What the tutorials show: ``generate``, one article after the other, in the type that the files or CPU like."""
    import torch
    import transformers

    from summarizer.engines.cards import find_card
    from summarizer.engines.cpu import arithmetic
    from summarizer.engines.store import locate

    transformers.logging.disable_progress_bar()
    settings = load_settings()
    directory = locate(find_card(settings.model), settings.models_dir).directory
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(directory)
    dtype = getattr(torch, arithmetic())
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=dtype).eval()
    prompts: list[int] = []
    written: list[int] = []

    def write(text: str, tokens: int) -> None:
        messages = [{"role": "system", "content": STYLE.system}, {"role": "user", "content": text}]
        inputs = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        prompts.append(inputs["input_ids"].shape[1])
        least = 1 if TO_END else tokens
        output = model.generate(**inputs, max_new_tokens=tokens, min_new_tokens=least, do_sample=False)
        written.append(output.shape[1] - prompts[-1])

    write(texts[0], 8)
    prompts.clear()
    written.clear()
    latencies = []
    for text in texts:
        started = time.perf_counter()
        write(text, NEW_TOKENS)
        latencies.append(time.perf_counter() - started)
    result = summarize_times(latencies, latencies, sum(latencies), written)
    return result | {"prompt_tokens": sum(prompts) / len(prompts), "dtype": str(dtype).removeprefix("torch.")}


def load_exact(name: str) -> Engine:
    """The engine, self-tested, and then made to write on to the last token that it is asked for.

    ``name`` may be the address of an OpenAI-compatible server, ``http://host:port/v1#model``: it stops where it likes.
    """
    if name.startswith("http"):
        base_url, _, model = name.partition("#")
        server = {"base_url": base_url, "model": model, "max_concurrency": 64, "timeout_s": 600.0}
        return plan(load_settings(engine="openai", openai=server)).load()
    engine: Any = plan(load_settings(engine=name)).load()
    if TO_END:
        return engine  # type: ignore[no-any-return]
    if name == "transformers":
        engine._model.generation_config.eos_token_id = _NEVER
    elif name == "openvino":
        import speed_systems  # under this name the engine's process finds it, though here it may be the main module

        engine.close()
        return ProcessEngine(partial(speed_systems.endless, engine._load), engine._chat)
    return engine  # type: ignore[no-any-return]


def endless(load: Callable[[], Any]) -> Engine:
    """In its process: the engine of OpenVINO, for which no token ends a text and no phrase returns."""
    from summarizer.engines import openvino

    engine = load()
    engine._chat.end_ids = frozenset({_NEVER})
    openvino._LOOP_TOKENS = 10**6
    return engine  # type: ignore[no-any-return]


def engine(name: str, texts: list[str], in_flight: int) -> dict[str, Any]:
    """An engine alone: a new article is admitted for each that is done (a static engine runs batch after batch)."""
    engine = load_exact(name)
    decoding = Decoding(max_new_tokens=NEW_TOKENS)
    _drain(engine, [Request("A text to warm up.", STYLE.system, Decoding(max_new_tokens=8))], in_flight)
    started = time.perf_counter()
    result = _drain(engine, [Request(text, STYLE.system, decoding) for text in texts], in_flight)
    seconds = time.perf_counter() - started
    prompts = result.pop("prompts")
    measured = summarize_times(**result, seconds=seconds) | {"peak_memory_mb": peak_memory_mb()}
    engine.close()
    return measured | {"prompt_tokens": sum(prompts) / len(prompts), "dtype": engine.info.dtype}


def _drain(engine: Engine, requests: list[Request], in_flight: int) -> dict[str, Any]:
    waiting = list(enumerate(requests))
    started: dict[int, float] = {}
    written: dict[int, str] = {}
    first: dict[int, float] = {}
    latencies, tokens, prompts = [], [], []
    sizes = [size + NEW_TOKENS for size in engine.count_tokens([request.text for request in requests])]
    while waiting or started:
        while waiting and len(started) < in_flight:
            if started and sum(sizes[i] for i in [*started, waiting[0][0]]) > engine.max_batch_tokens:
                break  # as the scheduler does it
            ticket, request = waiting.pop(0)
            engine.admit(ticket, request)
            started[ticket] = time.perf_counter()
        for news in engine.step():
            if news.error is not None:
                raise news.error
            now = time.perf_counter() - started[news.ticket]
            written[news.ticket] = written.get(news.ticket, "") + news.text
            if news.ticket not in first and (news.generation or len(sentences(written[news.ticket])) > 1):
                first[news.ticket] = now
            if news.generation is not None:
                latencies.append(now)
                tokens.append(news.generation.new_tokens)
                prompts.append(news.generation.prompt_tokens)
                del started[news.ticket], written[news.ticket]
    return {"latencies": latencies, "first": list(first.values()), "tokens": tokens, "prompts": prompts}


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    system, in_flight, articles = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    texts = json.loads(articles.read_text(encoding="utf-8"))
    if system == "http":
        import speed_http  # beside this file

        result = speed_http.measure(texts, in_flight, articles.parent)
    elif system == "tutorial":
        result = tutorial(texts)
    else:
        result = engine(system, texts, in_flight)
    print(json.dumps({"peak_memory_mb": peak_memory_mb()} | result))


if __name__ == "__main__":
    main()
