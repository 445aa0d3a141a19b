"""Describe answers as evidence: what runs in a kernel.

An answer may be any object, and its author's code may do anything. Nothing in here judges.
"""

from oxboys_mlm.assessment.collecting.answers import describe

__all__ = ["describe"]
