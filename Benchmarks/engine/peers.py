"""The peers' programs, built from `peers/`."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from harness.failure import CannotRun

SOURCES = Path(__file__).with_name("peers")

# The release build of RocksDB that PyPI has: its C library is taken out of the wheel, whatever Python runs here.
WHEEL = "aimrocks==0.5.2"
WHEEL_PLATFORM = ["--python-version", "311", "--implementation", "cp", "--platform", "manylinux_2_24_x86_64"]
WHEEL_SHA256 = "762f7b41793165717a9e0589658cd81bffb54161295ec7403534d40692ac9281"

FLAGS = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-pthread"]


@dataclass(frozen=True)
class Peer:
    """A program with the arguments of `peers/main.cc`."""

    name: str
    program: Path
    has_direct: bool = False


def build(directory: Path, cache: Path) -> list[Peer]:
    """Builds all peers in `directory`. `cache` keeps the wheel from run to run."""
    wheel = _unpacked_wheel(cache)
    return [
        Peer("RocksDB release", _compile(
            directory, "rocksdb-release", "rocksdb_peer.cc", '"aimrocks wheel, release build, Snappy"',
            "rocksdb_snappy_compression",
            ["-isystem", str(wheel / "include"), str(wheel / "librocksdb.so"), f"-Wl,-rpath,{wheel}"]), True),
        Peer("RocksDB Debian", _compile(
            directory, "rocksdb-debian", "rocksdb_peer.cc", '"Debian, with assertions and software CRC, LZ4"',
            "rocksdb_lz4_compression", ["-lrocksdb"]), True),
        Peer("LevelDB", _compile(directory, "leveldb", "leveldb_peer.cc", '""', "0", ["-lleveldb"])),
        Peer("LMDB", _compile(directory, "lmdb", "lmdb_peer.cc", '""', "0", ["-llmdb"])),
    ]


def _compile(directory: Path, name: str, source: str, build_text: str, compression: str, libraries: list[str]) -> Path:
    program = directory / name
    shared = [SOURCES / "main.cc", SOURCES / "workloads.cc", SOURCES / "process.cc"]
    done = subprocess.run(
        ["g++", *FLAGS, f"-DBENCH_BUILD={build_text}", f"-DBENCH_COMPRESSION={compression}",
         *map(str, shared), str(SOURCES / source), *libraries, "-o", str(program)],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"{source} could not be compiled: {done.stderr[-800:]}")
    return program


def _unpacked_wheel(cache: Path) -> Path:
    """The directory of the wheel's package, with `librocksdb.so` and `include/`."""
    package = cache / "aimrocks"
    if (package / "librocksdb.so").exists():
        return package
    cache.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary", ":all:", *WHEEL_PLATFORM, "--dest", str(cache), WHEEL],
        capture_output=True, text=True)
    wheels = list(cache.glob("aimrocks-*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise CannotRun(f"{WHEEL} could not be downloaded: {done.stderr[-400:]}")
    if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != WHEEL_SHA256:
        raise CannotRun(f"{wheels[0].name} is not the file that was pinned")
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(cache)
    return package
