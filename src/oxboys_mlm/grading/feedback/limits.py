"""What one page of a student's notebook may cost. Said for people in docs/security.md, under "Pages"."""

from __future__ import annotations

# ---- one text: a cell's source, or what a cell shows as HTML or Markdown ----

#: Characters that a text may have to be laid out at all; pictures within it are not counted.
TEXT = 100_000
#: Characters of HTML that it may become.
HTML = 500_000
#: Processor time to lay it out (seconds).
TEXT_SECONDS = 2.0
#: Characters of it that are shown, as they were typed, if it costs more.
PLAIN = 20_000

# ---- one page ----

#: Processor time to lay out all texts of a page (seconds).
PAGE_SECONDS = 10.0
#: Characters of all texts of a page, and of all that its cells print.
PAGE_TEXT = 500_000
#: Characters of HTML that all texts of a page may become.
PAGE_HTML = 3_000_000
#: Memory of the process that lays out a page (megabytes).
MEMORY_MB = 1024

# ---- formulas ----

#: Characters that a formula may have: longer ones take the converter long.
FORMULA = 1_000
#: Characters of all formulas of a text.
FORMULAS = 10_000

# ---- pictures ----

#: Size of a picture, and of all pictures of a page, as they are in the page (bytes).
PICTURE = 15_000_000
PICTURES = 40_000_000
#: Points of a picture; a browser needs four bytes of memory for each.
PIXELS = 50_000_000
