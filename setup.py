"""The egg that `scrapyd-deploy` builds: every package and its data; requirements.txt names what goes beside it."""

from setuptools import find_packages, setup

setup(
    name="newsspider",
    version="1.0",
    packages=find_packages(include=["newsspider", "newsspider.*"]),
    package_data={"newsspider": ["**/*"]},
    exclude_package_data={"": ["*.pyc"]},
    entry_points={"scrapy": ["settings = newsspider.settings"]},
    zip_safe=True,
)
