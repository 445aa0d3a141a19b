"""The report on a graded class: its figures and its page."""
