"""The egg that `scrapyd-deploy` builds: every package and its data; what to install beside it is in requirements.txt."""

from setuptools import find_packages, setup

setup(
    name="newsspider",
    version="1.0",
    packages=find_packages(include=["newsspider", "newsspider.*"]),
    package_data={"newsspider": ["templates/spiders/*.tmpl", "**/*.json", "**/*.txt"]},
    entry_points={"scrapy": ["settings = newsspider.settings"]},
    zip_safe=True,
)
