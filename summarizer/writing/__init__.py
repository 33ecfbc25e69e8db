"""From a text to a summary: what the model is given and asked, its drafts, and what becomes of those that fail.

`writer` tells the whole; `selection`, `chunking` and `style` are what it is given and asked, `drafting` the model's
answer, `headlines` and `judging` what it is measured against and stood in for by.
"""
