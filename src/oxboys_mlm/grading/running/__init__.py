"""Run notebooks, each in a kernel of its own, fenced and within limits."""
