"""Draw every figure once for its picture, which looks as it does in a notebook.

Between a cell and its picture, pyplot draws a figure for a window that is not there, and matplotlib twice more: to find
the edges of what is drawn, and to draw what lies within them. Drawing takes most of the time of many a notebook. Here
the edges are cut from the first drawing.
"""

from __future__ import annotations

import binascii
import io
import math
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.core.pylabtools import print_figure
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from PIL import Image


def draw_once(shell: Any) -> None:
    """Have a shell draw figures once, as long as it shows them in the usual format."""
    shell.display_formatter.formatters["image/png"].for_type(Figure, picture)
    # What is shown at the end of a cell is closed then, and pyplot finds nothing left to draw.
    plt.uninstall_repl_displayhook()
    plt.install_repl_displayhook()


def picture(figure: Figure) -> str | None:
    """Return a figure as PNG, in base 64; None if there is nothing in it.

    Something that reaches beyond the figure, such as a legend beside it, is not on the first drawing. Such a figure is
    left to IPython.
    """
    data = _cut(figure) if isinstance(figure.canvas, FigureCanvasAgg) and (figure.axes or figure.lines) else None
    if data is None:
        printed: str | None = print_figure(figure, base64=True)  # type: ignore[no-untyped-call]
        return printed
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _cut(figure: Figure) -> bytes | None:
    """Draw a figure and cut off its empty edges; None if something reaches beyond it."""
    canvas, dpi = figure.canvas, figure.dpi
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    width, height = int(renderer.width), int(renderer.height)
    box = figure.get_tightbbox(renderer)
    if not all(map(math.isfinite, box.extents)):
        return None
    left, right = math.floor(box.x0 * dpi), math.ceil(box.x1 * dpi)
    top, bottom = math.floor(height - box.y1 * dpi), math.ceil(height - box.y0 * dpi)
    if left < 0 or top < 0 or right > width or bottom > height:
        return None
    pad = round(mpl.rcParams["savefig.pad_inches"] * dpi)
    ground = tuple(round(255 * part) for part in to_rgba(figure.get_facecolor()))
    image = Image.new("RGBA", (right - left + 2 * pad, bottom - top + 2 * pad), ground)
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    drawn = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1)
    image.paste(drawn, (pad - left, pad - top))
    written = io.BytesIO()
    image.save(written, format="png", dpi=(dpi, dpi))
    return written.getvalue()
