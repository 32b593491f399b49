"""Packaging: the egg that `scrapyd-deploy` builds, the wheel, and `setup.py compile`, which turns page code into C.

The egg holds every package and its data; requirements.txt names what goes beside it.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import ClassVar

from setuptools import Command, Distribution, Extension, find_packages, setup

PACKAGE = Path("newsspider")
# Whole folders that mypyc turns into C, with the same results: what runs for every line or tag of a page.
COMPILED = ("pages", "text", "urls", "fingerprint")
# subclassed by site files, or built on classes that mypyc does not know
INTERPRETED = {"__init__.py", "page.py"}
SETS = PACKAGE / "_compiled"
SUFFIX = EXTENSION_SUFFIXES[0]


def version() -> str:
    """Return __version__ of the package, read and not imported: its dependencies may not be there."""
    found = re.search(r'^__version__ = "(.+)"$', (PACKAGE / "__init__.py").read_text("utf-8"), re.M)
    if not found:
        raise ValueError("newsspider/__init__.py has no __version__")
    return found[1]


def sources() -> list[Path]:
    """Return the modules to compile: not where mypyc would compute a cached_property anew at each access."""
    paths = [path for folder in COMPILED for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return [path for path in paths if path.name not in INTERPRETED and "cached_property" not in path.read_text("utf-8")]


def set_name() -> str:
    """Return the name of the set of compiled modules that belongs to the sources as they are, to this Python."""
    digest = hashlib.sha256(SUFFIX.encode())
    for path in (Path("setup.py"), *sources()):
        digest.update(f"{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def extensions() -> list[Extension]:
    if "build_ext" not in sys.argv:
        return []
    from mypyc.build import mypycify

    # types of other packages count as unknown: what is installed makes no difference
    options = ["--config-file=", "--ignore-missing-imports", "--no-site-packages"]
    level = os.environ.get("MYPYC_OPT_LEVEL", "2")
    return mypycify(
        [*options, *map(str, sources())],
        opt_level=level,
        debug_level="0",
        multi_file=True,  # one C file of it all takes gcc a gigabyte, and twice the time
        group_name="newsspider_compiled",
    )


class Compile(Command):
    """Compiles a copy of the sources, aside, and puts the set in its place as a whole."""

    description = "compile page code to C, into newsspider/_compiled"
    user_options: ClassVar[list[tuple[str, str, str]]] = []

    def initialize_options(self) -> None: ...

    def finalize_options(self) -> None: ...

    def run(self) -> None:
        name = set_name()
        if not (SETS / name).is_dir():
            SETS.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".", dir=SETS) as folder:
                self._compile(Path(folder)).rename(SETS / name)
        os.utime(SETS / name)
        # a running process may still go on with the one before
        for old in sorted(SETS.glob("[!.]*"), key=os.path.getmtime)[:-2]:
            shutil.rmtree(old)

    def _compile(self, folder: Path) -> Path:
        """Return a folder inside `folder` with the compiled modules and their manifest."""
        made, copy = folder / "set", folder / "copy"
        made.mkdir()
        described = {dotted(path): described_source(path) for path in sources()}
        shutil.copytree(PACKAGE, copy / PACKAGE, ignore=shutil.ignore_patterns("_compiled", "__pycache__", "*.so"))
        shutil.copy("setup.py", copy)
        command = [sys.executable, "setup.py", "--quiet", "build_ext", "--build-lib", "out", "--build-temp", "tmp"]
        subprocess.run(command, cwd=copy, check=True)
        names = []
        for path in (copy / "out").rglob(f"*{SUFFIX}"):
            relative = path.relative_to(copy / "out")
            names.append(".".join(relative.parts).removesuffix(SUFFIX))
            shutil.copy(path, made / f"{names[-1]}{SUFFIX}")
        manifest = {"suffix": SUFFIX, "names": sorted(names), "sources": described}
        (made / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return made


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def described_source(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, zlib.crc32(path.read_bytes())]


class WithCompiled(Distribution):
    """A distribution whose wheel is for one platform where it holds compiled modules."""

    def has_ext_modules(self) -> bool:
        is_wheel = bool({"bdist_wheel", "dist_info"} & set(sys.argv))
        return super().has_ext_modules() or (is_wheel and (SETS / set_name()).is_dir())


setup(
    name="newsspider",
    version=version(),
    packages=find_packages(include=["newsspider", "newsspider.*"]),
    package_data={"newsspider": ["py.typed", "**/*"]},
    exclude_package_data={
        "": ["*.pyc"],
        "newsspider": [f"_compiled/{path.name}/*" for path in SETS.glob("*") if path.name != set_name()],
    },
    ext_modules=extensions(),
    cmdclass={"compile": Compile},
    distclass=WithCompiled,
    entry_points={
        "scrapy": ["settings = newsspider.settings"],
        "console_scripts": ["newsspider = newsspider.cli.program.main:main"],
    },
    zip_safe=True,
)
