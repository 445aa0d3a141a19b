"""The built site, for tests: made once per session."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from classroom import ROOT

DOCS = ROOT / "docs"

#: Every page that has a source, by its address within the site.
PAGES = sorted(
    path.relative_to(DOCS).with_suffix("").as_posix()
    for suffix in ("rst", "md", "ipynb")
    for path in DOCS.rglob(f"*.{suffix}")
)


@cache
def build(folder: Path) -> Path:
    """Build the site with warnings as errors, and give the folder of its pages."""
    pages = folder / "site" / "html"
    result = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(DOCS), str(pages)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, (
        "\n".join(re.findall(".*(?:WARNING:|ERROR:|Error).*", result.stderr)) or result.stderr
    )
    return pages
