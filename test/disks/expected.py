# SPDX-License-Identifier: BSD-2-Clause
"""What a right boot has in memory, worked out from the sound files alone: the number of test/disks/efi/signature.h."""

import struct
import zlib

PAGE = 4096
PT_LOAD = 1


def segments(elf):
    """(virtual address of the first page, permissions, content of the pages) for each segment of a kernel at fixed addresses."""
    entry, headers = struct.unpack_from("<QQ", elf, 24)
    count, = struct.unpack_from("<H", elf, 56)
    found = []
    for index in range(count):
        kind, flags, offset, virt, _, file_bytes, memory_bytes, _ = struct.unpack_from("<IIQQQQQQ", elf, headers + 56 * index)
        if kind == PT_LOAD and memory_bytes:
            head = virt % PAGE
            content = bytes(head) + elf[offset:offset + file_bytes]
            pages = -(-(head + memory_bytes) // PAGE)
            found.append((virt - head, flags & 7, content.ljust(pages * PAGE, b"\0")))
    return entry, found


def signature(elf, modules, cmdline):
    """modules: pairs of name and content; cmdline: text."""
    entry, loaded = segments(elf)
    crc = 0
    for virt, permissions, content in loaded:
        crc = zlib.crc32(struct.pack("<QQQ", virt, len(content), permissions) + content, crc)
    crc = zlib.crc32(struct.pack("<Q", entry), crc)
    for name, content in modules:
        crc = zlib.crc32(struct.pack("<Q", len(content)) + content + name.encode(), crc)
    return zlib.crc32(cmdline.encode(), crc)
