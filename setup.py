"""The egg that `scrapyd-deploy` builds, Python alone; and, for `make compile`, the busiest page modules as C.

The egg holds every package and its data; requirements.txt names what goes beside it.
"""

import sys

from setuptools import Extension, find_packages, setup

# What runs for every line or tag of a page. mypyc makes C of it as it stands: the same results in less time.
COMPILED = (
    "tag", "nesting", "hints", "readings", "line", "walk", "lines", "line_weights", "headings", "body", "title",
    "names", "date_forms", "dates", "credits", "byline_lines", "signed", "published", "byline", "related_rows",
    "related_region", "related", "images", "markup", "rendering", "tags", "section", "verdict",
)  # fmt: skip


def extensions() -> list[Extension]:
    if "build_ext" not in sys.argv:
        return []
    from mypyc.build import mypycify

    paths = [f"newsspider/pages/{name}.py" for name in COMPILED]
    return mypycify(["--ignore-missing-imports", *paths], opt_level="2", group_name="newsspider.pages.compiled")


setup(
    name="newsspider",
    version="1.0",
    packages=find_packages(include=["newsspider", "newsspider.*"]),
    package_data={"newsspider": ["**/*"]},
    exclude_package_data={"": ["*.pyc", "*.so", ".compiled-*"]},
    ext_modules=extensions(),
    entry_points={"scrapy": ["settings = newsspider.settings"]},
    zip_safe=True,
)
