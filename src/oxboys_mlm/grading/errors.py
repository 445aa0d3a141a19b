"""What can go wrong without being anybody's mark."""


class GradingError(Exception):
    """The run itself failed. Its message is one line for the person who started it."""


class SetAside(Exception):
    """A submitted file that cannot be graded, and why. Never stops the others."""
