# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: who loads how much, from which device, in how many pieces; and how the cost grows."""

import time
from dataclasses import dataclass

from . import disk, growth, peers
from .machine import Bench, BenchError
from .measure import measure
from .payload import PIECE_BYTES

BATON = r"image=\EFI\BOOT\BOOTX64.EFI"
LIMITS = r"image=\EFI\BENCH\LIMITS.EFI"
IMAGE = r"image=\EFI\BENCH\IMAGE.EFI"
PAYLOAD = "baton/module0.bin"
LARGE_MIB, LARGE_MEMORY_MIB = 256, 4096  # payloads from there on need a larger machine
LARGE_RUNS, LARGE_PEER_RUNS, WHOLE_BOOT_RUNS = 3, 1, 2  # minutes each: fewer of them
DEVICES = {"virtio": "virtio-blk", "AHCI": "ahci", "USB": "usb", "NVMe": "nvme"}


@dataclass(frozen=True)
class Load:
    """So many MiB from a device, as one piece or as many."""
    device: str = "virtio"
    mib: int = 0
    fragmented: bool = False

    def __str__(self):
        return f"{self.device} {self.mib} MiB{' fragmented' if self.fragmented else ''}"

    def bench(self):
        return Bench(DEVICES[self.device], *((LARGE_MEMORY_MIB,) if self.mib >= LARGE_MIB else ()))

    def runs(self, wanted):
        """A machine that cannot be saved starts the whole firmware each time."""
        most = wanted if self.bench().migratable() else WHOLE_BOOT_RUNS
        return min(wanted, most, LARGE_RUNS if self.mib >= LARGE_MIB and self.device != "virtio" else wanted)

    def limit_runs(self, wanted):
        return self.runs(wanted) if self.bench().migratable() else 1

    def image(self, files=None, name=""):
        pieces = "-fragmented" if self.fragmented else ""
        return disk.make(f"{name or 'baton'}-{self.mib}{pieces}", files or disk.baton_files(self.mib),
                         [PAYLOAD] if pieces else [])


def subjects(load):
    """(name, orders, disk) of Baton and of what no loader can do for less."""
    path = load.image()
    yield "Baton", BATON, path
    if load.mib == 0:
        yield "map and exit alone", f"{LIMITS} how=exit", path
        yield "PE image by the firmware", IMAGE, path
        return
    yield "FAT driver in one read", f"{LIMITS} how=read file=\\" + PAYLOAD.replace("/", "\\"), path
    # For a file in pieces as many requests of that size, where a file stands in one.
    whole = Load(load.device, load.mib).image() if load.fragmented else path
    lba, size = disk.extent(whole, PAYLOAD)
    if load.fragmented:
        yield "ReadBlocks, 64 KiB a call", f"{LIMITS} how=blocks lba={lba} bytes={size} chunk={PIECE_BYTES}", whole
    else:
        yield "ReadBlocks in one call", f"{LIMITS} how=blocks lba={lba} bytes={size}", whole


def checked(load, name, run):
    """Who loads the wrong bytes is not measured."""
    wanted, found = load.mib * 16, sum(run.all("pieces"))
    if name != "map and exit alone" and found != wanted:
        raise ValueError(f"{name}, {load}: {found} of {wanted} pieces are right")


def row(load, name, bench, path, orders, runs):
    """One subject: {"who", "load", "runs", "seconds", "figures": {stage: Figure}, "last": Run}, or instead why not: "failed"."""
    began = time.monotonic()
    try:
        figures, last = measure(bench, path, orders, runs)
        checked(load, name, last)
    except (BenchError, ValueError) as error:
        return {"who": name, "load": load, "failed": str(error)}
    return {"who": name, "load": load, "runs": runs, "seconds": time.monotonic() - began, "figures": figures, "last": last}


def measured(load, runs):
    """A row for Baton and for each limit of a load; Baton must not fail."""
    for name, orders, path in subjects(load):
        found = row(load, name, load.bench(), path, orders, load.runs(runs) if name == "Baton" else load.limit_runs(runs))
        if "failed" in found:
            raise BenchError(found["failed"])
        yield found


def measured_peers(load, runs):
    """The same for other loaders, each from a disk of its own."""
    for peer in peers.available():
        if load.mib >= LARGE_MIB and peer.no_gib:
            yield {"who": peer.name, "load": load, "failed": peer.no_gib}
            continue
        yield row(load, peer.name, load.bench(), load.image(peer.files(load.mib), peer.name), peer.orders,
                  min(runs, LARGE_PEER_RUNS) if load.mib >= LARGE_MIB else load.runs(runs))


QUICK = (Load(), Load(mib=128))
FULL = tuple(Load(device, mib, fragmented) for device in DEVICES for mib in (0, 16, 128, 1024) for fragmented in (False, True)
             if not fragmented or mib == 128 or mib == 16 and device == "virtio" or mib == 1024 and device == "virtio")
PEERS = (Load(), Load(mib=16), Load(mib=128), Load(mib=1024), Load("AHCI", 128), Load("USB", 128))
GROWTH = growth.SERIES
