"""The peers' programs, built from `peers/`, and what their libraries were built with."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness.failure import CannotRun
from engine import program

SOURCES = Path(__file__).with_name("peers")
SHARED_SOURCES = ["main.cc", "workloads.cc", "process.cc"]

# The release build of RocksDB that PyPI has: its C library is taken out of the wheel, whatever Python runs here.
WHEEL = "aimrocks==0.5.2"
WHEEL_PLATFORM = ["--python-version", "311", "--implementation", "cp", "--platform", "manylinux_2_24_x86_64"]
WHEEL_SHA256 = "762f7b41793165717a9e0589658cd81bffb54161295ec7403534d40692ac9281"

FLAGS = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-pthread"]

# An assertion keeps the name of the function it stands in as text; without assertions there is next to none.
FUNCTION_NAME = re.compile(rb"[\w>] rocksdb::[\w:~<>]+\([^\x00]*\)")
FUNCTION_NAMES_OF_ASSERTIONS = 100


@dataclass(frozen=True)
class Peer:
    """A program with the arguments of `peers/main.cc`."""

    name: str
    program: Path
    has_direct: bool = False
    about: str = ""

    @property
    def is_rocksdb(self) -> bool:
        return self.name.startswith("RocksDB")


def build(directory: Path, cache: Path) -> list[Peer]:
    """Builds all peers in `directory`. `cache` keeps the wheel from run to run."""
    wheel = _unpacked_wheel(cache)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shared = list(pool.map(lambda source: _compile(directory, Path(source).stem, source, []), SHARED_SOURCES))

        def linked(name: str, source: str, defines: list[str], libraries: list[str]) -> Path:
            own = _compile(directory, name, source, defines)
            return _link(directory / name, [*shared, own], libraries)

        release = pool.submit(
            linked, "rocksdb-release", "rocksdb_peer.cc",
            ['-DBENCH_BUILD="of the aimrocks wheel, Snappy"', "-DBENCH_COMPRESSION=rocksdb_snappy_compression",
             "-isystem", str(wheel / "include")], [str(wheel / "librocksdb.so"), f"-Wl,-rpath,{wheel}"])
        debian = pool.submit(
            linked, "rocksdb-debian", "rocksdb_peer.cc",
            ['-DBENCH_BUILD="of Debian, LZ4"', "-DBENCH_COMPRESSION=rocksdb_lz4_compression"], ["-lrocksdb"])
        level = pool.submit(linked, "leveldb", "leveldb_peer.cc", [], ["-lleveldb"])
        lightning = pool.submit(linked, "lmdb", "lmdb_peer.cc", [], ["-llmdb"])
        programs = [future.result() for future in (release, debian, level, lightning)]
    return [
        _known("RocksDB wheel", programs[0], has_direct=True), _known("RocksDB Debian", programs[1], has_direct=True),
        _known("LevelDB", programs[2]), _known("LMDB", programs[3])]


def _compile(directory: Path, name: str, source: str, options: list[str]) -> Path:
    made = directory / f"{name}.o"
    _run_compiler(source, [*FLAGS, *options, "-c", str(SOURCES / source), "-o", str(made)])
    return made


def _link(made: Path, objects: list[Path], libraries: list[str]) -> Path:
    _run_compiler(made.name, ["-pthread", *map(str, objects), *libraries, "-o", str(made)])
    return made


def _run_compiler(what: str, arguments: list[str]) -> None:
    done = subprocess.run(["g++", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"{what} could not be compiled: {done.stderr[-800:]}")


def _known(name: str, path: Path, has_direct: bool = False) -> Peer:
    """Runs the program once to hear what it is; what slows a build stands behind its name."""
    store = path.with_name(path.name + "-probe")
    about = program.run(path, store, ["--keys", "10"], ["settle"])["open"]["about"]
    marks = []
    if name.startswith("RocksDB"):
        said = (store / "LOG").read_text(errors="replace")
        if _has_assertions(path):
            marks.append("assertions")
        if "Fast CRC32 supported: Supported" not in said:
            marks.append("software CRC")
        if not re.search(r"checksum: 4\n", said):
            raise CannotRun(f"{name} did not take the checksum that was chosen for it")
    return Peer(name + (f" ({', '.join(marks)})" if marks else ""), path, has_direct, about)


def _has_assertions(path: Path) -> bool:
    linked = subprocess.run(["ldd", str(path)], capture_output=True, text=True).stdout
    found = re.search(r"librocksdb\S* => (\S+)|(/\S*librocksdb\S*) \(", linked)
    if not found:
        raise CannotRun(f"{path.name} does not say where its library lies")
    library = Path(found[1] or found[2]).read_bytes()
    return len(FUNCTION_NAME.findall(library)) >= FUNCTION_NAMES_OF_ASSERTIONS


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
