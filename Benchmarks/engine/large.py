"""Large values beside what fio gets from the disk."""

from harness.report import Row, Target
from harness.rounds import Samples, settle
from engine import fio, program
from engine.load import Load
from engine.setting import Setting
from engine.sizes import MIB

VALUE_BYTES = 4 * MIB
OF_THE_DISK = Target(0.8, at_least=True)
NOTE = (
    "values of 4 MiB, each durable before it is acknowledged, the first of each writer read back and compared; fio "
    "writes as many bytes directly, in blocks of 1 MiB, into files that were written before, with as many syncs")


def run(setting: Setting) -> list[Row]:
    return [
        _row(setting, writers=16, compressible=False, target=OF_THE_DISK),
        _row(setting, writers=1, compressible=False, target=None),
        _row(setting, writers=16, compressible=True, target=None),
    ]


def _row(setting: Setting, writers: int, compressible: bool, target: Target | None) -> Row:
    count = setting.size.large_bytes // VALUE_BYTES
    load = Load(keys=1000, value_bytes=100, synced=True)
    workload = f"large:threads={writers}:ops={count}:bytes={VALUE_BYTES}" + (":compressible" if compressible else "")
    ours, disk, syncs, fio_syncs, cpu = Samples(), Samples(), Samples(), Samples(), Samples()
    with setting.place("fio") as files:
        fio.lay_out(files, writers, count * VALUE_BYTES)
        for number in range(setting.size.rounds):
            with setting.place("varve") as place:
                settle()
                done = program.run(
                    setting.ours.program, place / "store", load.arguments(seed=number + 1), [workload])["large"]
            ours.add(done["operations_per_second"] * VALUE_BYTES / 1e6)
            syncs.add(done["syncs"])
            cpu.add(done["cpu_us"] * count / (count * VALUE_BYTES / 1e9) / 1e6)
            settle()
            floor = fio.write(files, writers, count * VALUE_BYTES, done["syncs"])
            disk.add(floor["bytes_per_second"] / 1e6)
            fio_syncs.add(floor["syncs"])
    kind = "compressible to half" if compressible else "incompressible"
    return Row(
        name=f"large-{writers}" + ("-compressible" if compressible else ""),
        what=f"{writers} writer{'s' if writers > 1 else ''} of values, {kind}", unit="MB/s", ours=ours, peer=disk,
        peer_name="fio", target=target, note=NOTE,
        details={
            "syncs": (syncs.median, fio_syncs.median), "p99, ms": (done["p99_us"] / 1000, None),
            "CPU a GB, s": (cpu.median, None), "peak resident, MB": (done["peak_resident_bytes"] / 1e6, None)})
