"""Speed, side by side in one run: the tutorial's way, our engines, the service over HTTP (docs/adr/0004-speed.md).

    python benchmarks/speed.py [--data FILE] [--quick] [--server URL#MODEL]

Same model, same articles, same prompt, greedy, exactly 96 new tokens each (SPEED_TO_END=1: to the text's own end).
Each system runs in a process of its own, one after the other. What takes one article at a time is given a quarter of
them. Writes JSON, a table and (with matplotlib) a plot.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import speed_roofline  # beside this file
import speed_systems

from summarizer.cli.common import json_lines
from summarizer.engines.cards import find_card
from summarizer.engines.openvino import is_installed
from summarizer.engines.store import locate
from summarizer.errors import EmptyInput, SummarizerError
from summarizer.reading import read_article
from summarizer.settings import load_settings

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "examples" / "article.txt"
IN_FLIGHT = (1, 4, 16, 64)
CLIENTS = 16
# The service summarizes a longer text in chunks, which would not be the same work for all.
MIN_CHARACTERS, MAX_CHARACTERS = 500, 7000


def read_articles(source: Path | None, count: int) -> list[str]:
    """What a model is given of each article; from the sample article, varied, where there is no file.

    Raises:
        InputError: A file cannot be read, or holds no article of a length to measure.
    """
    if source is None:
        body = SAMPLE.read_text(encoding="utf-8")
        texts = [f"{i + 1} reports were filed in the week of {1900 + i}. {body}" for i in range(count)]
    else:
        files = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
        rows = [row for file in files for _, row in json_lines(str(file))]
        texts = [row.get("article") or row.get("text") or "" for row in rows]
    read = dict.fromkeys(read_article(text).text.text for text in texts if isinstance(text, str) and text)
    found = [text for text in read if MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS][:count]
    if not found:
        lengths = f"{MIN_CHARACTERS:,} to {MAX_CHARACTERS:,} characters"
        raise EmptyInput(f"{source or SAMPLE}: there is no article of {lengths}.")
    return found


def quarter(texts: list[str]) -> list[str]:
    """Every fourth by length, so that their mean is near that of all; all of them where they are few."""
    step = max(1, min(4, len(texts) // 4))
    return sorted(texts, key=len)[step // 2 :: step]


def systems(count: int, servers: list[str]) -> list[tuple[str, int]]:
    """What is measured, and how many articles are in flight; more than there are would be the same again."""
    engines = ["transformers", *(["openvino"] if is_installed() else []), *servers]
    flights = [n for n in IN_FLIGHT if n <= count]
    return [("tutorial", 1), *((engine, n) for engine in engines for n in flights), ("http", CLIENTS)]


def run(system: str, in_flight: int, texts: list[str]) -> dict[str, Any]:
    """One system, in a process of its own; its failure is its result."""
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.json"
        articles.write_text(json.dumps(texts), encoding="utf-8")
        command = [sys.executable, str(HERE / "speed_systems.py"), system, str(in_flight), str(articles)]
        before, started = _busy_elsewhere_s(), time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        others = (_busy_elsewhere_s() - before) / (time.monotonic() - started)
    name = system.rpartition("#")[2] + " (server)" if "#" in system else system
    row: dict[str, Any] = {"system": name, "in_flight": in_flight, "cpus_of_others": round(others, 2)}
    return row | (json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.returncode})


def _busy_elsewhere_s() -> float:
    """CPU seconds that the machine has spent on anything but this benchmark's finished processes."""
    ticks = [int(value) for value in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:8]]
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK") - own.ru_utime - own.ru_stime


def compare(rows: list[dict[str, Any]], machine: dict[str, Any], demand: speed_roofline.Demand) -> None:
    """Adds to each row its share of the tutorial's throughput and of the roofline for as many in flight.

    They are not there where the tutorial failed, or where nothing told the length of the prompts.
    """
    done = [row for row in rows if "failed" not in row]
    tutorial = next((row for row in done if row["system"] == "tutorial"), None)
    for row in done if tutorial else ():
        speed = "articles_s" if speed_systems.TO_END else "tokens_s"
        row["times_tutorial"] = row[speed] / tutorial[speed]
    told = [(row["articles"], row["prompt_tokens"]) for row in done if "prompt_tokens" in row]
    for row in done if told else ():
        prompt = row.setdefault("prompt_tokens", max(told)[1])  # HTTP does not tell
        limit = 1 / demand.seconds(
            prompt, row["new_tokens"], row["in_flight"], machine["tflop_s"] * 1e12, machine["memory_gb_s"] * 1e9
        )
        row["roofline_articles_s"] = limit
        row["of_roofline"] = row["articles_s"] / limit


def targets(rows: list[dict[str, Any]]) -> dict[str, tuple[float, str]]:
    """The project's targets: what was measured, and what was asked for."""
    at = {(row["system"], row["in_flight"]): row for row in rows if "failed" not in row}
    best = "openvino" if ("openvino", 1) in at else "transformers"
    tutorial, alone, many, http = (at.get(k) for k in (("tutorial", 1), (best, 1), (best, 16), ("http", CLIENTS)))
    found: dict[str, tuple[float, str]] = {}
    if tutorial and alone and many:
        found["throughput at 16, of the tutorial's"] = (many["times_tutorial"], ">= 12")
        found["throughput at 16, of the roofline"] = (many["of_roofline"], ">= 0.35")
        found["one article alone, of the tutorial's latency"] = (
            alone["latency_p50_s"] / tutorial["latency_p50_s"],
            "<= 0.35",
        )
    if http and many:
        found["HTTP throughput, of the engine's own"] = (http["articles_s"] / many["articles_s"], ">= 0.9")
    if http:
        one, all_clients = http["cache_hits"]["1"], http["cache_hits"][str(CLIENTS)]
        found["a cache hit at one client, ms"] = (one["latency_p50_s"] * 1000, "<= 5")
        found["cache hits a second at 16 clients"] = (all_clients["hits_s"], ">= 1500")
        found["memory of the service, MB"] = (http["peak_memory_mb"], "<= 1500")
    return found


COLUMNS = {
    "prompt_tokens": ("prompt", ".0f"),
    "articles_s": ("articles/s", ".2f"),
    "tokens_s": ("tokens/s", ".0f"),
    "times_tutorial": ("× tutorial", ".1f"),
    "of_roofline": ("roofline", ".0%"),
    "latency_p50_s": ("p50 s", ".2f"),
    "latency_p95_s": ("p95 s", ".2f"),
    "first_sentence_p50_s": ("1st sentence s", ".2f"),
    "peak_memory_mb": ("MB", ".0f"),
    "cpus_of_others": ("others", ".1f"),
}


def table(rows: list[dict[str, Any]]) -> str:
    """All rows in Markdown."""
    heads = ["system", "in flight", *(head for head, _ in COLUMNS.values())]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['system']} | {row['in_flight']} | {outcome(row)} |")
            continue
        cells = [f"{row[name]:{form}}" if name in row else "" for name, (_, form) in COLUMNS.items()]
        lines.append(f"| {' | '.join([row['system'], str(row['in_flight']), *cells])} |")
    return "\n".join(lines)


def report(result: dict[str, Any]) -> str:
    """Machine, table and targets, in Markdown."""
    machine = result["machine"]
    lines = [
        f"{machine['cpu']}, {machine['threads']} threads: {machine['memory_gb_s']:.1f} GB/s, bf16 "
        f"{machine['bf16_tflop_s']:.2f} Tflop/s, fp32 {machine['fp32_tflop_s']:.2f} Tflop/s. "
        f"{result['articles']} articles, "
        f"{'up to' if speed_systems.TO_END else 'exactly'} {speed_systems.NEW_TOKENS} new tokens each. "
        "p50, p95, first sentence: seconds. MB: peak memory. "
        "Others: CPUs that other programs kept busy meanwhile.",
        "",
        table(result["rows"]),
        "",
        "| target | measured | asked for |",
        "|---|---|---|",
        *(f"| {name} | {value:.3g} | {asked} |" for name, (value, asked) in result["targets"].items()),
    ]
    return "\n".join(lines) + "\n"


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Throughput by articles in flight, beside the roofline."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    figure, axes = pyplot.subplots(figsize=(6, 4))
    done = [row for row in rows if "failed" not in row]
    for system in dict.fromkeys(row["system"] for row in done):
        own = [row for row in done if row["system"] == system]
        axes.plot([r["in_flight"] for r in own], [r["articles_s"] for r in own], marker="o", label=system)
    limits = sorted({row["in_flight"]: row["roofline_articles_s"] for row in done if "of_roofline" in row}.items())
    axes.plot([n for n, _ in limits], [limit for _, limit in limits], linestyle=":", color="gray", label="roofline")
    axes.set(xscale="log", yscale="log", xlabel="articles in flight", ylabel="articles a second")
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def write(result: dict[str, Any], demand: speed_roofline.Demand, folder: Path) -> None:
    """JSON, table and plot; after every system, so that a run that is broken off leaves what it has."""
    rows = result["rows"]
    compare(rows, result["machine"], demand)
    result |= {
        "targets": targets(rows),
        "prompt_tokens": next((r["prompt_tokens"] for r in rows if "prompt_tokens" in r), None),
    }
    (folder / "speed.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (folder / "speed.md").write_text(report(result), encoding="utf-8")
    plot(rows, folder / "speed.png")


def outcome(row: dict[str, Any]) -> str:
    """How a system fared, in a word; why it failed it has said itself, on standard error."""
    return f"failed, exit code {row['failed']}" if "failed" in row else f"{row['articles_s']:.2f} articles/s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a .jsonl file with articles, or a folder of them")
    parser.add_argument("--quick", action="store_true", help="16 articles in place of 64")
    parser.add_argument("--articles", type=int, help="or as many as this")
    parser.add_argument("--server", action="append", default=[], help="also an OpenAI-compatible server: URL#MODEL")
    parser.add_argument("--only", help="only these systems, separated by commas (the tutorial always runs)")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for the results")
    options = parser.parse_args()
    texts = read_articles(options.data, options.articles or (16 if options.quick else 64))
    settings = load_settings()
    demand = speed_roofline.Demand.of(locate(find_card(settings.model), settings.models_dir).directory)
    measured = subprocess.run([sys.executable, speed_roofline.__file__], stdout=subprocess.PIPE, text=True, check=True)
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for system, in_flight in systems(len(texts), options.server):
        if options.only and system not in ["tutorial", *options.only.split(",")]:
            continue
        rows.append(run(system, in_flight, texts if in_flight > 1 else quarter(texts)))
        print(f"{system} at {in_flight}: {outcome(rows[-1])}", file=sys.stderr, flush=True)
        result = {"machine": json.loads(measured.stdout), "articles": len(texts), "rows": rows}
        write(result, demand, options.out)
    print(report(result))
    print(f"written to {options.out}")
    if any("failed" in row for row in rows):
        sys.exit("error: not all systems ran to their end; what they said of it stands above.")


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        sys.exit(f"error: {failure}")
