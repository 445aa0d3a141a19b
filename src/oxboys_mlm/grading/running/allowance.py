"""What a run may still send, and what of its outputs may still be kept."""

from __future__ import annotations

#: A message counts as this much at least (bytes), because reading it takes time however short it is.
_LEAST = 2048


#: What may be left out of what a run sends before it is ended: this many times what may be kept.
_FLOOD = 5


class Allowance:
    """What a run may still send, and what of its outputs may still be kept (bytes).

    Parameters
    ----------
    most
        What may be kept of a notebook.

    Attributes
    ----------
    left
        What may still be kept of the cell that runs.
    cut
        Whether something of its output was left out.
    """

    def __init__(self, most: int) -> None:
        self.share = most // 4
        self._sent, self._kept = _FLOOD * most, most
        self.begin(reserved=False)

    def begin(self, *, reserved: bool) -> None:
        """Begin a cell; one with a share reserved for it has that whatever was shown before."""
        self.left = self._begun = self.share if reserved else min(self.share, self._kept)
        self.cut = False

    def end(self) -> None:
        """End a cell."""
        self._kept = max(0, self._kept - (self._begun - self.left))

    def send(self, size: int) -> bool:
        """Return whether the run may send a message of a size."""
        self._sent -= max(size, _LEAST)
        return self._sent >= 0

    def keep(self, price: int) -> bool:
        """Return whether an output is kept; after one that was not, none of the cell is."""
        if price > self.left:
            self.use_up()
        else:
            self.left -= price
        return not self.cut

    def use_up(self) -> None:
        """Keep no more of this cell."""
        self.left, self.cut = 0, True
