"""Settings of the site: ``sphinx-build -W docs build/site``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import oxboys_mlm

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "oxboys-mlm"
author = "The oxboys-mlm authors"
release = version = oxboys_mlm.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinxarg.ext",
    "mathml",
    "accessible",
]

# Warnings are errors, links included. What other projects document cannot be looked up without a network.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!oxboys_mlm\.).*")]

# The pages of course/ are the solution notebooks themselves; `exercises` decides what they show, before they run.
nb_custom_formats = {".ipynb": "exercises.read"}
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
# A solution that writes to stderr is not what students should see.
nb_output_stderr = "warn"
suppress_warnings = [
    # Each check also carries its evidence, which only graders read.
    "mystnb.unknown_mime_type"
]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

# Docstrings name things in single backticks.
default_role = "py:obj"
highlight_language = "none"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"Evidence": "Evidence"}  # rather than the nine kinds that it can be
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
numpydoc_show_class_members = False
add_module_names = False

templates_path = ["_templates"]
html_theme = "furo"
html_title = "Multilevel models with 26 boys"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_copyright = False
html_use_index = False
html_domain_indices = False
# No page ships its source, which for the course would be its solutions.
html_copy_source = False
html_show_sourcelink = False


def _stay_on_the_site(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Lead links to the README, which the site does not have, to its home page."""
    source[0] = source[0].replace("](../README.md#for-students)", "](index.rst#start)")
    source[0] = re.sub(r"\]\(\.\./README\.md(#[\w-]*)?\)", "](index.rst)", source[0])


def _say_evidence(*event: Any) -> tuple[str | None, str | None]:
    """Write an alias within a union by its name; autodoc writes down its own stand-in for it."""
    *_, signature, returned = event
    return re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", signature or "") or signature, returned


def setup(app: Sphinx) -> None:
    """Connect the above."""
    app.connect("source-read", _stay_on_the_site)
    app.connect("autodoc-process-signature", _say_evidence)
