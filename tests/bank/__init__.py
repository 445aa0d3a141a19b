"""Answers to the questions, right and wrong, as students write them: one module per notebook."""

from __future__ import annotations

import importlib
import pkgutil

from bank.case import Case


def all_cases() -> dict[str, list[Case]]:
    """Return every answer of the bank, by the key of its question."""
    found: dict[str, list[Case]] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for case in [*getattr(module, "CASES", ()), *getattr(module, "CHOICES", ())]:
            found.setdefault(case.key, []).append(case)
    return found
