# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's log of what was written (blklogwrites, docs/interop/... of dm-log-writes), and every state that a power cut can leave."""

import struct

MAGIC = 0x6A736677736872
SECTOR_BYTES = 512
FLUSH, DISCARD = 1, 4


def read_log(path):
    """Writes as (offset, data), in their order; flushes and discards are left out."""
    with open(path, "rb") as file:
        log = file.read()
    magic, version, _, sector_bytes = struct.unpack_from("<QQQI", log)
    # The head is written with the first flush, which a variable store never gets.
    if (magic, version, sector_bytes) not in ((MAGIC, 1, SECTOR_BYTES), (0, 0, 0)):
        raise ValueError(f"{path}: not a write log")
    writes, at = [], SECTOR_BYTES
    while at + SECTOR_BYTES <= len(log):
        sector, count, flags, _ = struct.unpack_from("<QQQQ", log, at)
        at += SECTOR_BYTES
        if flags & DISCARD:
            continue
        if count:
            writes.append((sector * SECTOR_BYTES, log[at:at + count * SECTOR_BYTES]))
        at += count * SECTOR_BYTES
    return writes


def steps(writes):
    """The same writes sector by sector, and each sector first half new: (offset, bytes) after which the power may be gone."""
    for offset, data in writes:
        for at in range(0, len(data), SECTOR_BYTES):
            yield offset + at, data[at:at + SECTOR_BYTES // 2]
            yield offset + at, data[at:at + SECTOR_BYTES]
