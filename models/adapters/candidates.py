"""Candidates for ``prefer.py``: a model's own summaries of the training articles, each with its worth.

    python models/adapters/candidates.py --articles articles.jsonl --summaries summaries.jsonl --out candidates.jsonl

Each article is summarised several times (greedy, and sampled at two temperatures) from the input that the service
would give the model. A candidate is worth its mean ROUGE-1/2/L F to the article's own summaries, its support score
and, of several sentences, the share of word pairs that the article does not have (without it they become copies);
one that states what the article does not or does not end is worth less than any other.
"""

from __future__ import annotations

import json
import random
import time

from material import STYLES, parser_of, read_input, read_rows
from program import run

from summarizer.engines.cards import find_card
from summarizer.engines.chat import Chat
from summarizer.engines.gguf import GGUF_FILE
from summarizer.engines.store import locate
from summarizer.evaluation.measures import Example, Meter
from summarizer.settings import load_settings
from summarizer.writing.style import Style

# What is written with each prompt is compared with all of the article's summaries of that kind.
TASKS = {"medium": ("close", "medium"), "short": ("short",), "headline": ("headline",)}
TEMPERATURES = (0.5, 0.8)
MOST_NEW = 0.2
IN_FLIGHT = 24  # requests, each of several sequences


def worth(style: Style, article: str, text: str, references: tuple[str, ...], meter: Meter, new: float) -> float:
    """The worth of a candidate, about 0 to 1; negative where it may not stand."""
    parts, finish = style.shape(text)
    if finish != "stop" or not parts[0]:
        return -1.0
    measured = meter.measure(Example("", article, references, ""), "candidate", "\n".join(parts))
    scores = measured.scores
    value = (scores.rouge_1_mean + scores.rouge_2_mean + scores.rouge_l_mean) / 300
    value += 0.2 * min(sentence.score for sentence in measured.support.sentences)
    if style.max_sentences > 1:
        value += new * min(MOST_NEW, scores.novel_bigrams)
    return value - 0.5 * scores.unsupported


def main() -> None:
    """The command line."""
    parser = parser_of(__doc__, "smollm2-135m-news", 4)
    parser.add_argument("--samples", type=int, default=3, help="Candidates at each temperature, beside the greedy one.")
    parser.add_argument("--new-pairs", type=float, default=0.8, help="What the share of new word pairs is worth.")
    options = parser.parse_args()

    import numpy
    import openvino
    import openvino_genai

    rows = read_rows(options.articles + options.summaries)
    random.Random(0).shuffle(rows)  # the order of train.py: its validation rows are left out
    rows = rows[len(rows) // 10 :][: options.limit]
    pulled = locate(find_card(options.model), load_settings().models_dir)
    chat = Chat(pulled.directory)
    scheduling = openvino_genai.SchedulerConfig()
    scheduling.cache_size, scheduling.max_num_seqs, scheduling.enable_prefix_caching = 4, 256, True
    pipeline = openvino_genai.ContinuousBatchingPipeline(str(pulled.directory / GGUF_FILE), scheduling, "CPU", {})
    meter = Meter()

    jobs = []
    for row in rows:
        text = row["text"]
        for task, kinds in TASKS.items():
            references = tuple(row[kind] for kind in kinds if row.get(kind))
            if references:
                jobs.append((row["id"], task, read_input(text, options.sentences), text, references))
    started, done = time.monotonic(), 0
    with options.out.open("w", encoding="utf-8") as out:
        for first in range(0, len(jobs), IN_FLIGHT):
            group = jobs[first : first + IN_FLIGHT]
            prompts, configs = [], []
            for _, task, read, _, _ in group:
                ids = numpy.array([chat.prompt(STYLES[task].system, read)], dtype=numpy.int64)
                for temperature in (0.0, *TEMPERATURES):
                    config = openvino_genai.GenerationConfig()
                    config.max_new_tokens = STYLES[task].max_new_tokens
                    config.stop_token_ids = set(chat.end_ids)
                    config.set_eos_token_id(min(chat.end_ids))
                    config.do_sample = temperature > 0
                    if temperature:
                        config.temperature, config.top_p = temperature, 0.9
                        config.num_return_sequences, config.rng_seed = options.samples, first
                    prompts.append(openvino.Tensor(ids))
                    configs.append(config)
            results = pipeline.generate(prompts, configs)
            per_job = 1 + len(TEMPERATURES)
            for i, (row_id, task, read, article, references) in enumerate(group):
                answers = [
                    chat.decode([t for t in ids if t not in chat.end_ids]).strip()
                    for result in results[i * per_job : (i + 1) * per_job]
                    for ids in result.m_generation_ids
                ]
                values = {
                    a: worth(STYLES[task], article, a, references, meter, options.new_pairs)
                    for a in dict.fromkeys(answers)
                }
                listed = sorted(([text, round(value, 3)] for text, value in values.items()), key=lambda c: -c[1])
                row = {"id": row_id, "task": task, "input": read, "greedy": answers[0], "candidates": listed}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
            done += len(group)
            out.flush()
            left = (time.monotonic() - started) / done * (len(jobs) - done)
            print(f"{done}/{len(jobs)} inputs, {left / 60:.1f} min left", flush=True)


if __name__ == "__main__":
    run(main)
