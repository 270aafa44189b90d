# SPDX-License-Identifier: BSD-2-Clause
"""A partition table with one partition, for disks with sectors of any size: protective MBR and GPT, UEFI 2.10 section 5.

Written here because sgdisk and its like know no sectors but those of 512 bytes when the disk is a file.
"""

import struct
import uuid
import zlib

ESP_TYPE = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"  # EFI system partition
ENTRIES, ENTRY_BYTES = 128, 128  # the least that the specification allows for
HEADER_BYTES = 92
SIGNATURE, REVISION = b"EFI PART", 0x00010000


def protective_mbr(sectors):
    """Sector 0, UEFI 2.10 table 5.3: one partition of type 0xEE over everything, for who does not know GPT."""
    record = struct.pack("<B3sB3sII", 0, b"\x00\x02\x00", 0xEE, b"\xff\xff\xff", 1, min(sectors - 1, 0xFFFFFFFF))
    return bytes(446) + record + bytes(48) + b"\x55\xaa"


def entry(name, first, last, partition_guid):
    return struct.pack("<16s16sQQQ72s", uuid.UUID(ESP_TYPE).bytes_le, uuid.UUID(partition_guid).bytes_le, first, last, 0,
                       name.encode("utf-16-le"))


def header(here, other, entries_at, usable, disk_guid, entries):
    """One of the two headers, UEFI 2.10 table 5.5; usable: first and last sector that partitions may take."""
    def packed(checksum):
        return struct.pack("<8sIIIIQQQQ16sQIII", SIGNATURE, REVISION, HEADER_BYTES, checksum, 0, here, other, *usable,
                           uuid.UUID(disk_guid).bytes_le, entries_at, ENTRIES, ENTRY_BYTES, zlib.crc32(entries))
    return packed(zlib.crc32(packed(0)))


def write(file, disk_bytes, sector_bytes, partition, disk_guid, partition_guid, name):
    """Writes the tables to an open file that is empty where they go.  partition: first and last sector."""
    sectors, entry_sectors = disk_bytes // sector_bytes, ENTRIES * ENTRY_BYTES // sector_bytes
    entries = entry(name, *partition, partition_guid).ljust(ENTRIES * ENTRY_BYTES, b"\0")
    last, usable = sectors - 1, (2 + entry_sectors, sectors - 2 - entry_sectors)
    for sector, data in (
            (0, protective_mbr(sectors)),
            (1, header(1, last, 2, usable, disk_guid, entries)), (2, entries),
            (last - entry_sectors, entries), (last, header(last, 1, last - entry_sectors, usable, disk_guid, entries))):
        file.seek(sector * sector_bytes)
        file.write(data)
