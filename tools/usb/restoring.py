# SPDX-License-Identifier: BSD-2-Clause
"""Makes a stick what it was when it was bought: an MBR with one FAT partition over all of it, empty."""

import os
import struct
import tempfile

from vm import image

from . import copying

MIB = 1 << 20
FIRST_BYTES = MIB  # in front of the partition; as much behind it stays free, where a backup GPT may have been
SECTORS_MAX = 0xFFFFFFFF  # that an MBR and FAT32 can count
# Smaller sticks get FAT16, or mformat would refuse.
FAT32_BYTES_MIN = 512 * MIB
FAT16_TYPE, FAT32_TYPE = 0x0E, 0x0C  # both with addresses by LBA


class RestoreError(Exception):
    """This disk cannot be restored; the text says why."""


def geometry(disk):
    """First sector, count of sectors, and whether it is to be FAT32."""
    first, end = FIRST_BYTES // disk.sector_bytes, (disk.size_bytes - MIB) // disk.sector_bytes
    if end <= first:
        raise RestoreError(f"{disk.path} has only {disk.size_bytes} bytes")
    if end > SECTORS_MAX:
        raise RestoreError(f"{disk.path} is too large for an MBR and FAT32")
    return first, end - first, (end - first) * disk.sector_bytes >= FAT32_BYTES_MIN


def mbr(disk):
    """The partition table; CHS addresses say "beyond what CHS can say"."""
    first, count, fat32 = geometry(disk)
    record = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", FAT32_TYPE if fat32 else FAT16_TYPE, b"\xfe\xff\xff", first, count)
    return bytes(446) + record + bytes(48) + b"\x55\xaa"


def restore(disk, descriptor, is_block, label):
    """Clears the tables at both ends, writes the new one, compares, and formats the partition."""
    first, count, fat32 = geometry(disk)
    with tempfile.NamedTemporaryFile() as file:
        file.write(mbr(disk).ljust(FIRST_BYTES, b"\0"))
        file.flush()
        regions = [copying.Region(disk.size_bytes - MIB, MIB), copying.Region(0, FIRST_BYTES, file.name)]
        copying.write(descriptor, regions)
        copying.compare(descriptor, regions, is_block)
    image.run("mformat", "-i", f"{disk.path}@@{FIRST_BYTES}", *(["-F"] if fat32 else []),
              "-S", str(disk.sector_bytes.bit_length() - 8), "-T", str(count), "-h", "255", "-s", "63", "-H", str(first),
              "-v", label, "::")
    os.fsync(descriptor)
