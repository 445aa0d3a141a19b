"""Limits on the cost of one page of a student's notebook, documented in docs/security.md under "Pages"."""

from __future__ import annotations

# ---- one text: a cell's source, or what a cell shows as HTML or Markdown ----

#: Longest text that is rendered (characters); pictures in it are not counted.
TEXT = 100_000
#: Longest HTML that it may become (characters).
HTML = 500_000
#: Processor time to render it (seconds).
TEXT_SECONDS = 2.0
#: Number of its characters that are shown as they were typed, if it costs more.
PLAIN = 20_000

# ---- one page ----

#: Processor time to render all texts of a page (seconds).
PAGE_SECONDS = 10.0
#: Characters of all texts of a page, and of all that its cells print.
PAGE_TEXT = 500_000
#: Characters of HTML that all texts of a page may become.
PAGE_HTML = 3_000_000
#: Memory of the process that renders a page (megabytes).
MEMORY_MB = 1024

# ---- formulas ----

#: Longest formula (characters): the converter is slow for longer ones.
FORMULA = 1_000
#: Characters of all formulas of a text.
FORMULAS = 10_000

# ---- pictures ----

#: Size of a picture, and of all pictures of a page, as they are in the page (bytes).
PICTURE = 15_000_000
PICTURES = 40_000_000
#: Pixels of a picture; a browser needs four bytes of memory for each.
PIXELS = 50_000_000
