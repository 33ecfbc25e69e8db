"""Average linkage on a sparse graph: the two groups most alike are joined until none are alike enough.

How alike two groups are is the mean over all pairs of their members; a pair that the graph does not hold counts as
zero. So one article that resembles two stories does not weld them together, as it would with connected components.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping


def average_linkage(count: int, similarity: Mapping[tuple[int, int], float], threshold: float) -> list[list[int]]:
    """Groups ``count`` items.

    Args:
        count: Items are 0 … count - 1.
        similarity: By pair, lower item first.
        threshold: Groups whose mean similarity is lower stay apart.

    Returns:
        Every item in one group; groups and their members in ascending order.
    """
    members: dict[int, list[int]] = {item: [item] for item in range(count)}
    totals: dict[int, dict[int, float]] = {item: {} for item in range(count)}
    heap: list[tuple[float, int, int]] = []
    for (a, b), value in similarity.items():
        totals[a][b] = totals[b][a] = value
        if value >= threshold:
            heap.append((-value, a, b))
    heapq.heapify(heap)
    following = count
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in members or b not in members:  # joined with another group since
            continue
        joined = members.pop(a) + members.pop(b)
        total = _merged(totals.pop(a), totals.pop(b), a, b)
        members[following], totals[following] = joined, total
        for other, value in total.items():
            row = totals[other]
            row.pop(a, None)
            row.pop(b, None)
            row[following] = value
            mean = value / (len(joined) * len(members[other]))
            if mean >= threshold:
                heapq.heappush(heap, (-mean, other, following))
        following += 1
    return sorted(sorted(group) for group in members.values())


def _merged(first: dict[int, float], second: dict[int, float], a: int, b: int) -> dict[int, float]:
    first.pop(b, None)
    second.pop(a, None)
    if len(first) < len(second):
        first, second = second, first
    for other, value in second.items():
        first[other] = first.get(other, 0.0) + value
    return first
