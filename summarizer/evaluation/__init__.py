"""How good summaries are: measures against references and the article, and intervals of the difference to lead-3.

See ``docs/evaluation.md``. Needs the extra ``evaluate`` (rouge-score).
"""
