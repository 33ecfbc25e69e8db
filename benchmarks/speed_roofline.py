"""What this machine could do at most: measured memory bandwidth and matrix throughput, and the model's demand of both.

The roofline of a summary (Williams et al. 2009): its prompt is read at the speed of the matrix unit; each new token
takes the longer of its arithmetic and of its memory traffic (all weights once for everything in flight, and its own
keys and values). Nothing else is counted, so no program reaches it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.engines.cpu import cpu_quota, multiplies_bf16


@dataclass(frozen=True)
class Demand:
    """What a Llama-type model asks of a machine, in operations and bytes, with two bytes a weight."""

    body: int  # weights of the layers
    head: int  # weights of the output layer
    layers: int
    hidden: int
    kv_bytes: int  # keys and values of one token

    @classmethod
    def of(cls, directory: Path) -> Demand:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        hidden, layers, heads = config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"]
        size = config.get("head_dim") or hidden // heads
        kv = size * (config.get("num_key_value_heads") or heads)
        attention = 2 * hidden * heads * size + 2 * hidden * kv
        layer = attention + 3 * hidden * config["intermediate_size"]
        return cls(layers * layer, hidden * config["vocab_size"], layers, heads * size, 2 * 2 * layers * kv)

    def seconds(self, prompt: float, new: float, in_flight: int, flops_s: float, bytes_s: float) -> float:
        """Seconds of the machine that one summary takes, where ``in_flight`` of them are written together."""
        context = prompt + new / 2
        reading = 2 * self.body * prompt + 2 * self.layers * self.hidden * prompt**2  # causal: half of 4·n²·d
        token = 2 * (self.body + self.head) + 4 * self.layers * self.hidden * context
        traffic = 2 * (self.body + self.head) / in_flight + self.kv_bytes * context
        return reading / flops_s + new * max(token / flops_s, traffic / bytes_s)


def measure_machine() -> dict[str, Any]:
    """Best of a few: bytes a second of a sum over 512 MB, operations a second of square products."""
    import torch

    threads = cpu_quota()
    torch.set_num_threads(threads)
    numbers = torch.ones(2**27)
    bytes_s = 2**29 / _best(numbers.sum, 7)
    result: dict[str, Any] = {"threads": threads, "cpu": _cpu_name(), "memory_gb_s": bytes_s / 1e9}
    bf16 = multiplies_bf16()
    result["bf16_tflop_s"] = 0.0
    types = [("fp32", torch.float32)]
    if bf16:  # emulated, these products took seven minutes
        types.append(("bf16", torch.bfloat16))
    for name, dtype in types:
        size = 2048
        a, b = torch.ones(size, size, dtype=dtype), torch.ones(size, size, dtype=dtype)
        result[f"{name}_tflop_s"] = 2 * size**3 / _best(lambda a=a, b=b: a @ b, 7) / 1e12
    result["dtype"] = "bf16" if bf16 else "fp32"
    result["tflop_s"] = max(result["bf16_tflop_s"], result["fp32_tflop_s"])
    return result


def _best(action: Any, times: int) -> float:
    action()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    print(json.dumps(measure_machine()))
