# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: who loads how much, from which device, in how many pieces; and how the cost grows."""

from dataclasses import dataclass

from . import disk, growth, peers
from .machine import Bench
from .measure import measure
from .payload import PIECE_BYTES

BATON = r"image=\EFI\BOOT\BOOTX64.EFI"
LIMITS = r"image=\EFI\BENCH\LIMITS.EFI"
IMAGE = r"image=\EFI\BENCH\IMAGE.EFI"
PAYLOAD = "baton/module0.bin"
LARGE_MIB, LARGE_MEMORY_MIB = 256, 4096  # payloads from there on need a larger machine
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


def measured(loads, runs, say):
    """A row for each subject of each load: {"who", "load", "figures": {stage: Figure}}."""
    for load in loads:
        bench = load.bench()
        for name, orders, path in subjects(load):
            figures, last = measure(bench, path, orders, runs if bench.migratable() else 1)
            checked(load, name, last)
            say(name, load, figures)
            yield {"who": name, "load": load, "figures": figures, "last": last}


def measured_peers(loads, runs, say):
    """The same for other loaders, each from a disk of its own."""
    for peer in peers.available():
        for load in loads:
            path = load.image(peer.files(load.mib), peer.name)
            figures, last = measure(load.bench(), path, peer.orders, runs)
            checked(load, peer.name, last)
            say(peer.name, load, figures)
            yield {"who": peer.name, "load": load, "figures": figures, "last": last}


QUICK = (Load(), Load(mib=128))
FULL = (*(Load(device, mib, fragmented) for device in ("virtio", "AHCI", "USB") for mib in (0, 16, 128, 1024)
          for fragmented in (False, True)[:1 + (mib > 0)] if device == "virtio" or mib != 16), Load("NVMe"), Load("NVMe", 128))
PEERS = (Load(), Load(mib=128))
GROWTH = growth.SERIES
