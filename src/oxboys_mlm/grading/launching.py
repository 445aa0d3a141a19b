"""Where the course opens without an installation: all that follows from the repository's address."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit


def repository(folder: Path) -> str | None:
    """Return the repository's address, as ``[project.urls]`` of the `pyproject.toml` in a folder has it.

    None if it names none, or if that file is another project's.
    """
    try:
        settings = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except FileNotFoundError:
        return None
    project = settings.get("project", {})
    return project.get("urls", {}).get("Repository") if project.get("name") == "oxboys-mlm" else None


def links(address: str, path: str) -> dict[str, str]:
    """Return the links that open a file of the repository elsewhere, by the name of the place.

    Colab opens what is on GitHub, Binder what is in any public repository.

    >>> for place, link in links("https://github.com/someone/course", "notebooks/n.ipynb").items():
    ...     print(place, link)
    Colab https://colab.research.google.com/github/someone/course/blob/HEAD/notebooks/n.ipynb
    Binder https://mybinder.org/v2/gh/someone/course/HEAD?labpath=notebooks%2Fn.ipynb
    >>> links("https://git.example.org/course", "n.ipynb")
    {'Binder': 'https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fcourse/HEAD?labpath=n.ipynb'}
    """
    parts = urlsplit(address)
    file = quote(path, safe="")
    if parts.hostname not in ("github.com", "www.github.com"):
        return {"Binder": f"https://mybinder.org/v2/git/{quote(address, safe='')}/HEAD?labpath={file}"}
    name = parts.path.strip("/").removesuffix(".git")
    return {
        "Colab": f"https://colab.research.google.com/github/{name}/blob/HEAD/{path}",
        "Binder": f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={file}",
    }
