"""Describe answers as evidence, judge evidence, give verdicts.

Nothing in here knows a course and its data, nbgrader or a sandbox: `evidence` says what an answer may
state, the collectors describe objects in a kernel, the question kinds judge the description.
"""
