"""The file that each front end writes when a student has filled in a notebook, as far as that is documented.

What could not be confirmed stands beside each.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

Document = dict[str, Any]


def _document(notebook: NotebookNode) -> Document:
    """Return a notebook as plain JSON, its sources as lists of lines."""
    document: Document = json.loads(json.dumps(copy.deepcopy(notebook)))
    for cell in document["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return document


def _hex(text: object, length: int) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:length]


def jupyterlab(notebook: NotebookNode) -> bytes:
    """JupyterLab, and Notebook 7, which is made of the same parts."""
    document = _document(notebook)
    for number, cell in enumerate(document["cells"]):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["metadata"]["trusted"] = True
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]
    document["nbformat_minor"] = 5
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def classic(notebook: NotebookNode) -> bytes:
    """Notebook 6 and older: no ids, its own notes on what is folded."""
    document = _document(notebook)
    for cell in document["cells"]:
        cell.pop("id", None)
        cell["metadata"] |= {"collapsed": True, "scrolled": False}
    document["metadata"]["toc"] = {"base_numbering": 1, "nav_menu": {}}
    document["nbformat_minor"] = 4
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode()


def vscode(notebook: NotebookNode) -> bytes:
    """VS Code, on Windows: the language of a cell in its metadata, no line end at the file's end."""
    document = _document(notebook)
    for cell in document["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python" if cell["cell_type"] == "code" else "markdown"}
    document["metadata"]["kernelspec"] = {"display_name": ".venv (3.11.9)", "language": "python", "name": "python3"}
    return json.dumps(document, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode()


def colab(notebook: NotebookNode, *, keeps_names: bool = True) -> bytes:
    """Google Colab: ids in the metadata, its own button on top. Whether it keeps nbgrader's names was not confirmed."""
    document = _document(notebook)
    cells = []
    for number, cell in enumerate(document["cells"]):
        metadata = cell["metadata"] if keeps_names else {}
        metadata["id"] = _hex(number, 12)
        if cell["cell_type"] == "code":
            metadata |= {"colab": {"base_uri": "https://localhost:8080/", "height": 120}, "outputId": _hex(-number, 32)}
        own = {"cell_type": cell["cell_type"], "source": cell["source"], "metadata": metadata}
        cells.append(own | ({"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}))
    button = (
        '<a href="https://colab.research.google.com/x" target="_parent"><img src="badge.svg" alt="Open In Colab"/></a>'
    )
    metadata = {"id": "view-in-github", "colab_type": "text"}
    cells.insert(0, {"cell_type": "markdown", "metadata": metadata, "source": [button]})
    kept = {"colab": {"provenance": [], "include_colab_link": True}, "kernelspec": {"name": "python3"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": kept, "cells": cells}, indent=2).encode()


def deepnote(notebook: NotebookNode, *, keeps_names: bool = True) -> bytes:
    """Deepnote: its own names and times, and a last cell about itself. What it keeps was not confirmed."""
    document = _document(notebook)
    for number, cell in enumerate(document["cells"]):
        own = {"cell_id": _hex(number, 32), "deepnote_cell_type": cell["cell_type"]}
        if cell["cell_type"] == "code":
            own |= {"source_hash": _hex(cell["source"], 8), "execution_start": 1700000000000, "execution_millis": 12}
        cell["metadata"] = (cell["metadata"] if keeps_names else {}) | own
        cell.pop("id", None)
        cell["source"] = "".join(cell["source"])
    about = "<a style='text-decoration:none' href='https://deepnote.com' target=\"_blank\">Created in Deepnote</a>"
    metadata = {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"}
    document["cells"].append({"cell_type": "markdown", "metadata": metadata, "source": about})
    document["metadata"] = {"deepnote": {}, "deepnote_notebook_id": _hex(0, 32), "orig_nbformat": 2}
    document["nbformat_minor"] = 0
    return json.dumps(document).encode()


def pycharm(notebook: NotebookNode) -> bytes:
    """PyCharm: its own notes in cells, no ids in older versions."""
    document = _document(notebook)
    for cell in document["cells"]:
        cell.pop("id", None)
        cell["metadata"] |= {"pycharm": {"name": "#%%\n", "is_executing": False}, "ExecuteTime": {"end_time": "x"}}
        cell["metadata"] |= {"jupyter": {"outputs_hidden": False}, "collapsed": False}
    document["nbformat_minor"] = 0
    return json.dumps(document, indent=1).encode()


def jupyterlite(notebook: NotebookNode) -> bytes:
    """JupyterLite: sources as one text, all in one line, a kernel in the browser."""
    document: Document = json.loads(json.dumps(notebook))
    document["metadata"] |= {"kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}}
    return json.dumps(document, ensure_ascii=False).encode()


FRONT_ENDS: dict[str, Callable[[NotebookNode], bytes]] = {
    "JupyterLab": jupyterlab,
    "Notebook 6": classic,
    "VS Code": vscode,
    "Colab": colab,
    "Colab, names lost": lambda notebook: colab(notebook, keeps_names=False),
    "Deepnote": deepnote,
    "Deepnote, names lost": lambda notebook: deepnote(notebook, keeps_names=False),
    "PyCharm": pycharm,
    "JupyterLite": jupyterlite,
}
