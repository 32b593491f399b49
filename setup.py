"""The egg that `scrapyd-deploy` builds, Python alone; and, for `make compile`, the busiest page modules as C.

The egg holds every package and its data; requirements.txt names what goes beside it.
"""

import os
import re
import sys
from pathlib import Path

from setuptools import Extension, find_packages, setup

# Whole folders that mypyc turns into C, with the same results: what runs for every line or tag of a page.
COMPILED = ("pages/markup", "pages/article", "pages/byline", "pages/related", "pages/body", "pages/learned", "text")
# subclassed by site files, or built on classes that mypyc does not know
INTERPRETED = {"__init__.py", "page.py"}


def version() -> str:
    """Return __version__ of the package, read and not imported: its dependencies may not be there."""
    found = re.search(r'^__version__ = "(.+)"$', Path("newsspider/__init__.py").read_text("utf-8"), re.M)
    if not found:
        raise ValueError("newsspider/__init__.py has no __version__")
    return found[1]


def is_compiled(path: Path) -> bool:
    """Return False also where mypyc would change the result: it computes a cached_property anew at each access."""
    return path.name not in INTERPRETED and "cached_property" not in path.read_text("utf-8")


def extensions() -> list[Extension]:
    if "build_ext" not in sys.argv:
        return []
    from mypyc.build import mypycify

    folders = [Path("newsspider", *folder.split("/")) for folder in COMPILED]
    paths = [str(path) for folder in folders for path in sorted(folder.glob("*.py")) if is_compiled(path)]
    return mypycify(
        ["--ignore-missing-imports", *paths],
        opt_level=os.environ.get("MYPYC_OPT_LEVEL", "2"),
        group_name="newsspider.compiled",
    )


setup(
    name="newsspider",
    version=version(),
    packages=find_packages(include=["newsspider", "newsspider.*"]),
    package_data={"newsspider": ["py.typed", "**/*"]},
    exclude_package_data={"": ["*.pyc", "*.so", ".compiled-*"]},
    ext_modules=extensions(),
    entry_points={
        "scrapy": ["settings = newsspider.settings"],
        "console_scripts": ["newsspider = newsspider.cli.program.main:main"],
    },
    zip_safe=True,
)
