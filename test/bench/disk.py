# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark's disks: the same bytes for every loader, contiguous or in pieces, on a FAT32 volume with clusters of 4 KiB."""

import os

from boot import fat32
from boot.boot import LOADER
from vm import image

from . import payload
from .machine import FOLDER

SECTOR_BYTES = 512
CLUSTER_SECTORS = 8   # what mkfs.fat chooses for a volume of 260 MiB to 8 GiB
DISK_MIB = 2560       # of every disk: saved machines know its size; it is a file with holes


def baton_files(mib, modules=1, conf="", kernel="", cmdline="exit=qemu"):
    """What Baton needs on the disk to load `mib` MiB as so many modules, as tools/make-image lays it out; the benchmark's kernel when no
    other is named."""
    files = {"EFI/BOOT/BOOTX64.EFI": LOADER, "EFI/BENCH/LIMITS.EFI": os.path.join(FOLDER, "limits.efi"),
             "EFI/BENCH/IMAGE.EFI": os.path.join(FOLDER, "image.efi"),
             "baton/kernel.elf": kernel or os.path.join(FOLDER, "kernel.elf")}
    names = [f"baton/module{index}.bin" for index in range(modules)] if mib else []
    for name in names:
        files[name] = kept(f"payload-{mib // modules}.bin", payload.make_file, mib // modules)
    files["baton/baton.conf"] = (f"cmdline = {cmdline}\n{conf}" + "".join(f"module = {name}\n" for name in names)).encode()
    return files


def kept(name, make, *arguments):
    """A file that is made once."""
    path = os.path.join(FOLDER, "files", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    newest = max((os.path.getmtime(word) for word in arguments if isinstance(word, str)), default=0)
    if not os.path.exists(path) or os.path.getmtime(path) < newest:
        # Two benchmarks may make it at the same time.
        temporary = f"{path}.{os.getpid()}.tmp"
        make(temporary, *arguments)
        os.rename(temporary, path)
    return path


def make(name, files, fragmented=()):
    """An image with these files, those of `fragmented` in pieces of 64 KiB; returns its path."""
    path = os.path.join(FOLDER, "disks", f"{name}.img")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image.make_image(path, files, cluster_sectors=CLUSTER_SECTORS)
    for file in fragmented:
        fat32.in_pieces(path, file, payload.PIECE_BYTES)
    os.truncate(path, DISK_MIB << 20)
    return path


def extent(path, file):
    """Where a contiguous file stands on its volume: first block and bytes."""
    with fat32.Volume(path) as volume:
        entry = volume.entry(file)
        clusters = volume.chain(volume.first_cluster(entry))
        if clusters != list(range(clusters[0], clusters[0] + len(clusters))):
            raise ValueError(f"{file} is not contiguous")
        offset = volume.data_offset + (clusters[0] - 2) * volume.cluster_bytes
        return offset // SECTOR_BYTES, len(clusters) * volume.cluster_bytes
