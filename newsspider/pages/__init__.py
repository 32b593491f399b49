"""A response in, data out. Some modules may be there as C as well (`make compile`), never older than their Python."""

from pathlib import Path


def _refuse_stale() -> None:
    """Raise ImportError where a module was changed after it was compiled: Python would go on with the old one."""
    for folder in map(Path, __path__):
        for compiled in folder.glob("*.so"):
            source = folder / f"{compiled.name.partition('.')[0]}.py"
            if source.exists() and source.stat().st_mtime > compiled.stat().st_mtime:
                raise ImportError(f"{source} is newer than {compiled.name}: make compile, or remove {folder}/*.so")


_refuse_stale()
