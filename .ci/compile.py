"""Compiles the page code, run by the project's Python: .ci/compile.py [--background]

Needs a C compiler and Python's headers; mypyc is installed beside the project's packages, into build/, where it is
missing. In the background it runs when the machine is idle, writes to build/compile.log and begins nothing that cannot
work; what it makes is used by the processes that begin after it has ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOG = BUILD / "compile.log"
REQUIREMENTS = ROOT / "requirements-compile.txt"
NOTICE = "not compiled: it needs {what} (on Debian: gcc, python3-dev). All works without."


def missing() -> str:
    """Return what is missing on this machine, "" if nothing is."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if not shutil.which(os.environ.get("CC", compiler)):
        return "a C compiler"
    return "" if (Path(sysconfig.get_paths()["include"]) / "Python.h").exists() else "the headers of Python"


def tools() -> Path | str:
    """Return a folder with mypyc, installed there on first use; "" where the project's packages have it."""
    if all(map(is_installed, REQUIREMENTS.read_text("utf-8").split("\n"))):
        return ""
    folder = BUILD / f"compiler-{zlib.crc32(REQUIREMENTS.read_bytes()):08x}-{sys.version_info[0]}{sys.version_info[1]}"
    if not folder.is_dir():
        begun = folder.with_suffix(f".{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(begun), "-r", str(REQUIREMENTS)], check=True)
        begun.rename(folder)
    return folder


def is_installed(requirement: str) -> bool:
    """Return True if a line of the requirements (`name==version  # ...`) is met, or asks for nothing."""
    name, _, wanted = requirement.partition("#")[0].strip().partition("==")
    try:
        return not name or version(name) == wanted
    except PackageNotFoundError:
        return False


def compile_pages(*commands: str) -> int:
    """Run commands of setup.py with the compiler's packages; return the exit code."""
    environment = (
        os.environ | {"PYTHONWARNINGS": "ignore"} | ({"PYTHONPATH": str(folder)} if (folder := tools()) else {})
    )
    return subprocess.run([sys.executable, "setup.py", "--quiet", *commands], cwd=ROOT, env=environment).returncode


def be_idle() -> None:
    """Take CPU and disk only where nothing else wants them."""
    os.nice(19)
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> int:
    arguments = sys.argv[1:]
    if what := missing():
        if "--background" not in arguments:
            print(NOTICE.format(what=what), file=sys.stderr)
        return 0 if "--background" in arguments else 1
    BUILD.mkdir(exist_ok=True)
    if "--background" in arguments:
        with LOG.open("wb") as log:
            command = [sys.executable, __file__, "--idle"]
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        return 0
    if "--idle" in arguments:
        be_idle()
    with (BUILD / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run finds what the first has made
        try:
            return compile_pages("compile", *(["bdist_wheel"] if "--wheel" in arguments else []))
        except subprocess.CalledProcessError as error:
            print(f"not compiled: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
