# SPDX-License-Identifier: BSD-2-Clause
"""How Baton's cost grows: one machine or disk after the other that differs in one thing, and the line through the figures."""

from dataclasses import dataclass

from . import disk, fit
from .machine import Bench, BenchError
from .measure import measure

ORDERS = r"image=\EFI\BOOT\BOOTX64.EFI"


@dataclass(frozen=True)
class Series:
    """What is varied, in which unit, by which steps; point(step) gives (Bench, disk image, further orders)."""
    name: str
    unit: str
    steps: tuple
    point: object


def modules(count):
    return Bench(), disk.make(f"modules-{count}", disk.baton_files(max(count // 16, 0), 0 if count == 0 else count)), ""


def entries(count):
    files = disk.baton_files(0)
    files.update({f"baton/a{index:05}": b"" for index in range(count)})
    return Bench(), disk.make(f"entries-{count}", files), ""


def memory(gib):
    """More than the host has: the guest touches little of it."""
    mib = int(gib * 1024)
    lazy = ("-object", f"memory-backend-ram,id=ram,size={mib}M,reserve=off", "-machine", "memory-backend=ram")
    return Bench(memory_mib=mib, more=lazy), disk.make("baton-0", disk.baton_files(0)), ""


def descriptors(count):
    return Bench(), disk.make("baton-0", disk.baton_files(0)), f"holes={count // 2}"


SERIES = (
    Series("memory of the machine", "GiB", (0.25, 1, 4, 16, 64), memory),
    Series("descriptors more in the map", "descriptor", (0, 500, 1000, 2000), descriptors),
    Series("modules of 64 KiB", "module", (0, 16, 32, 64), modules),
    Series("directory entries before the kernel", "entry", (0, 50, 100, 200), entries),
)


def measured(series, runs, say):
    """What fit.lines() makes of a series, with its unit."""
    points = {}
    for step in series.steps:
        bench, path, words = series.point(step)
        try:
            figures, _ = measure(bench, path, f"{ORDERS} {words}", runs)
        except BenchError as error:
            # A host may be too small for a machine.
            print(f"{series.name}, {step}: {error}", flush=True)
            continue
        say(series.name, step, figures)
        for stage, figure in figures.items():
            points.setdefault(stage, []).append((step, figure.median))
    return {"unit": series.unit, **fit.lines(points)}


def of_payload(rows, device, fragmented, sizes):
    """The same for the payload's size, from rows that were measured anyway; None when there are not enough of them."""
    points = {}
    for mib in sizes:
        stages = rows.get(f"Baton, {device} {mib} MiB{' fragmented' if fragmented and mib else ''}", {})
        for stage, figure in stages.items():
            points.setdefault(stage, []).append((mib, figure["median"]))
    return {"unit": "MiB", **fit.lines(points)} if len(points.get("total", ())) > 2 else None
