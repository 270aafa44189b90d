# SPDX-License-Identifier: BSD-2-Clause
"""Damages, by kind.  Each is a function of a random.Random and a Layout that returns changes: {offset on the disk: bytes}.

What comes out depends on the seed alone: the same number is the same damage, wherever it is tried.
"""

import random
import struct
import zlib

from boot.fat32 import BAD_CLUSTER, END_OF_CHAIN

from .layout import SECTOR

# By their short names.  The loader's own file is damaged by damages of the FAT and of whole sectors like any other.
LOADER, KERNEL = "EFI/BOOT/BOOTX64.EFI", "KERNEL.ELF"
CONF = "BATON/BATON~1.CON"
GPT_HEADER_BYTES, GPT_ENTRY_BYTES = 92, 128
ELF_HEADERS_BYTES = 64 + 3 * 56
BPB_BYTES = 90
# What programmers forget.
ODD = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1)


def flip(rng, layout, start, count):
    """One bit of the bytes [start, start + count)."""
    offset = start + rng.randrange(count)
    return {offset: bytes([layout.data[offset] ^ 1 << rng.randrange(8)])}


def number(rng, layout, start, count):
    """A field of 1 to 8 bytes becomes a number that is odd, or a little wrong, or any."""
    size = rng.choice((1, 2, 4, 8))
    offset = start + rng.randrange(max(1, count // size)) * size
    old = int.from_bytes(layout.data[offset:offset + size], "little")
    new = rng.choice((rng.choice(ODD), old + rng.choice((-1, 1, -2, 2, 8, -8, 512, 4096)), old ^ 1 << rng.randrange(8 * size),
                      rng.getrandbits(8 * size), old * 2, old // 2))
    return {offset: (new % (1 << 8 * size)).to_bytes(size, "little")}


def field(rng, layout, start, count):
    return rng.choice((flip, number))(rng, layout, start, count)


def whole_sector(rng, layout, offset):
    """A sector is lost, overwritten, or read from elsewhere."""
    start, other = offset - offset % SECTOR, rng.randrange(layout.at(layout.used) // SECTOR) * SECTOR
    return {start: rng.choice((bytes(SECTOR), b"\xff" * SECTOR, rng.randbytes(SECTOR), layout.data[other:other + SECTOR],
                               layout.data[start:start + SECTOR // 2] + bytes(SECTOR // 2)))}


def file_named(layout, ending):
    return next(chain for name, chain in layout.files.items() if name.endswith(ending))


def gpt(rng, layout):
    """Protective MBR, header, entries, their copies at the end; half of them with checksums made right, so that lies are believed."""
    last = (layout.sectors - 1) * SECTOR
    header, entries = rng.choice(((SECTOR, 2 * SECTOR), (last, last - 32 * SECTOR)))
    place, count = rng.choice(((446, 66), (header, GPT_HEADER_BYTES), (entries, GPT_ENTRY_BYTES), (entries, GPT_ENTRY_BYTES)))
    changes = field(rng, layout, place, count) if rng.randrange(6) else whole_sector(rng, layout, place)
    if rng.randrange(2):
        disk = changed(layout.data[header:header + SECTOR], header, changes)
        table = changed(layout.data[entries:entries + 32 * SECTOR], entries, changes)
        disk[88:92] = struct.pack("<I", zlib.crc32(table))
        disk[16:20] = bytes(4)
        disk[16:20] = struct.pack("<I", zlib.crc32(disk[:GPT_HEADER_BYTES]))
        changes = {**changes, header: bytes(disk)}
    # Without this the other copy would do.
    if rng.randrange(3) == 0:
        spare = last if header == SECTOR else SECTOR
        changes = {**changes, **whole_sector(rng, layout, spare)}
    return changes


def changed(data, start, changes):
    """These bytes of the disk after the changes."""
    after = bytearray(data)
    for offset, new in changes.items():
        for index, byte in enumerate(new):
            if 0 <= offset + index - start < len(after):
                after[offset + index - start] = byte
    return after


def boot_sector(rng, layout):
    """The volume's geometry; its copy in sector 6 and FSInfo too."""
    sector = rng.choice((0, 0, 0, 0, 1, 6))
    return field(rng, layout, layout.volume + sector * SECTOR, BPB_BYTES)


def fat(rng, layout):
    """Chains that loop, cross, end early, leave the volume; in one FAT or in both, which differ then."""
    chains = [*layout.files.values(), *layout.folders.values()]
    chain = rng.choice((rng.choice(chains), file_named(layout, KERNEL), file_named(layout, CONF)))
    other = rng.choice(chains)
    index = rng.randrange(len(chain))
    new = rng.choice((
        END_OF_CHAIN, 0, 1, BAD_CLUSTER, chain[0], chain[index], chain[rng.randrange(index + 1)], rng.choice(other),
        rng.choice(other), chain[min(index + 2, len(chain) - 1)], layout.clusters + 1, layout.clusters + 2, layout.clusters + 100,
        rng.randrange(2, layout.clusters + 2), rng.getrandbits(28), 0x0FFFFFF0))
    fats = rng.choice(((0,), (1,), (0, 1), (0, 1)))
    return {layout.link(copy, chain[index]): struct.pack("<I", new) for copy in fats}


def fat_sector(rng, layout):
    """A sector of a FAT, where used clusters stand."""
    offset = layout.fats[rng.randrange(2)] + rng.randrange(4 * layout.used // SECTOR + 1) * SECTOR
    return whole_sector(rng, layout, offset)


def entry(rng, layout):
    """Directory entries: sizes that lie, other clusters, other attributes, other names, entries that are gone."""
    offset = rng.choice(layout.entries)
    size, = struct.unpack_from("<I", layout.data, offset + 28)
    other = rng.choice([*layout.files.values(), *layout.folders.values()])[0]
    another = rng.choice(layout.entries)
    lie = rng.choice((0, 1, size - 1, size + 1, size - 512, size + 512, size + 5000, size // 2, 2 * size, 0x7FFFFFFF, 0xFFFFFFFF))
    return rng.choice((
        {offset + 28: struct.pack("<I", lie & 0xFFFFFFFF)},
        {offset + 26: struct.pack("<H", other & 0xFFFF)},
        {offset + 26: struct.pack("<H", rng.getrandbits(16))},
        {offset + 20: struct.pack("<H", rng.getrandbits(16))},
        {offset + 11: bytes([rng.getrandbits(8)])},
        {offset: rng.choice((b"\x00", b"\xe5", b".", bytes([rng.getrandbits(8)])))},
        flip(rng, layout, offset, 32),
        {offset: layout.data[another:another + 32]},
    ))


def entry_sector(rng, layout):
    return whole_sector(rng, layout, rng.choice(layout.entries))


def elf_headers(rng, layout):
    """ELF header and program headers."""
    changes = {}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        changes.update(field(rng, layout, layout.at(file_named(layout, KERNEL)[0]), ELF_HEADERS_BYTES))
    return changes


def elf_bytes(rng, layout):
    """Bytes and sectors of the kernel's file, where there is code and where there is not."""
    start = rng.choice(layout.bytes_of(file_named(layout, KERNEL)))
    return rng.choice((flip, number))(rng, layout, start, SECTOR) if rng.randrange(3) else whole_sector(rng, layout, start)


def configuration(rng, layout):
    """Bits, characters and words of baton.conf."""
    start = layout.at(file_named(layout, CONF)[0])
    end = layout.data.index(b"\0", start)
    offset = rng.randrange(start, end)
    word = rng.choice((b"#", b"\n", b"=", b" ", b"\r\n", b"\0", b"\xff", b"kernel = ", b"\\", b"yes", b"module = \\baton\\second\n",
                       b"cmdline = x\n", b"crc32c = 00000000", bytes([rng.getrandbits(8)])))
    return rng.choice((flip(rng, layout, start, end - start), {offset: word[:end - offset]}))


def other_files(rng, layout):
    """Bytes of modules and of the command line."""
    chain = rng.choice([chain for name, chain in layout.files.items() if not name.endswith((KERNEL, CONF, LOADER)) and chain])
    start = rng.choice(layout.bytes_of(chain))
    return flip(rng, layout, start, SECTOR) if rng.randrange(3) else whole_sector(rng, layout, start)


def any_sector(rng, layout):
    """Any sector in use, of whatever it is."""
    return whole_sector(rng, layout, rng.randrange(layout.at(layout.used) // SECTOR) * SECTOR)


def several(rng, layout):
    """Up to four damages of different kinds."""
    changes = {}
    for kind in rng.sample([gpt, boot_sector, fat, fat_sector, entry, elf_headers, elf_bytes, configuration, other_files, any_sector],
                           rng.randrange(2, 5)):
        changes.update(kind(rng, layout))
    return changes


KINDS = {kind.__name__.replace("_", "-"): kind for kind in (
    gpt, boot_sector, fat, fat_sector, entry, entry_sector, elf_headers, elf_bytes, configuration, other_files, any_sector, several)}


def damage(kind, seed, layout):
    """The changes of one damage, as (sector, offset in it, bytes) in the order of the disk, none across the end of a sector."""
    rng, changes = random.Random(f"{kind} {seed}"), {}
    while all(layout.data[offset:offset + len(data)] == data for offset, data in changes.items()):
        changes = KINDS[kind](rng, layout)
    pieces = []
    for offset, data in sorted(changes.items()):
        while data and offset < len(layout.data):
            room = SECTOR - offset % SECTOR
            pieces.append((offset // SECTOR, offset % SECTOR, data[:room]))
            offset, data = offset + room, data[room:]
    return pieces
