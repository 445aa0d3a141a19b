"""Plugins for nbgrader, see ``oxboys_mlm.nbgrader``."""
