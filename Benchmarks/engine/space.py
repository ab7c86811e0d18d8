"""What a store takes on disk."""

from pathlib import Path

# So are logs called by all of them that have one.
LOG_SUFFIX = ".log"


def measure(store: Path) -> dict[str, int]:
    """Allocated bytes of the store's files: `log_bytes` of its log, laid out or written, `data_bytes` of the rest."""
    found = {"data_bytes": 0, "log_bytes": 0}
    for file in store.rglob("*"):
        if file.is_file():
            found["log_bytes" if file.suffix == LOG_SUFFIX else "data_bytes"] += file.stat().st_blocks * 512
    return found
