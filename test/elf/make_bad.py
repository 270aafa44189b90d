#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Kernels that must be refused, each broken in one way, and what has to be said about each.

`make_bad.py FOLDER` writes NAME.elf for each and the list bad.tsv: name, what `baton kernel check` says, what the loader
says.  Both use the words of lib/elf64_status.c; an empty column means that it has nothing to say.  Names fit FAT's 8.3.
"""

import argparse
import os
import struct
from dataclasses import dataclass, field

PAGE = 4096
BASE = 0xFFFFFFFF80000000
EXEC, DYN, REL = 2, 3, 1
LOAD, DYNAMIC, INTERP, TLS = 1, 2, 3, 7
X, W, R = 1, 2, 4
DT_NULL, DT_PLTRELSZ, DT_RELA, DT_RELASZ, DT_RELAENT = 0, 2, 7, 8, 9
R_X86_64_64, R_X86_64_RELATIVE = 1, 8
PN_XNUM = 0xFFFF
HALT = b"\xf4\xeb\xfd"  # hlt; jmp to it


@dataclass
class Header:
    """A program header."""
    flags: int
    offset: int
    virt: int
    file_bytes: int = PAGE
    memory_bytes: int = PAGE
    align: int = PAGE
    type: int = LOAD

    def bytes(self):
        return struct.pack("<IIQQQQQQ", self.type, self.flags, self.offset, self.virt, self.virt, self.file_bytes,
                           self.memory_bytes, self.align)


def sound_segments():
    """Code, constants and data of a page each, pages 1 to 3 of the file."""
    return [Header(R | X, PAGE, BASE + PAGE), Header(R, 2 * PAGE, BASE + 2 * PAGE), Header(R | W, 3 * PAGE, BASE + 3 * PAGE)]


@dataclass
class Kernel:
    """A kernel that halts.  What is not given is sound."""
    identity: bytes = b"\x7fELF\x02\x01\x01"
    type: int = EXEC
    machine: int = 62
    version: int = 1
    entry: int = BASE + PAGE
    header_bytes: int = 64
    headers_at: int = 64
    count: int = None
    segments: list = field(default_factory=sound_segments)
    data: bytes = bytes(PAGE)  # of the last page
    file_bytes: int = None     # cut there

    def bytes(self):
        count = len(self.segments) if self.count is None else self.count
        elf = bytearray(4 * PAGE)
        elf[PAGE:2 * PAGE] = HALT.ljust(PAGE, b"\xcc")
        elf[3 * PAGE:4 * PAGE] = self.data.ljust(PAGE, b"\0")
        elf[0:64] = struct.pack("<16sHHIQQQIHHHHHH", self.identity, self.type, self.machine, self.version, self.entry,
                                self.headers_at, 0, 0, self.header_bytes, 56, count, 0, 0, 0)
        at = self.headers_at if self.headers_at < len(elf) else 64
        for segment in self.segments:
            elf[at:at + 56] = segment.bytes()
            at += 56
        return bytes(elf[:self.file_bytes])


def changed(index, **fields):
    """The sound segments, one of them with other fields."""
    segments = sound_segments()
    for name, value in fields.items():
        setattr(segments[index], name, value)
    return Kernel(segments=segments).bytes()


def with_extra(header):
    return Kernel(segments=[*sound_segments(), header]).bytes()


def relocated(*relocations, tags=(), table_bytes=None):
    """A position-independent kernel whose dynamic section and table of relocations stand in its data."""
    at, table = 3 * PAGE, b"".join(struct.pack("<QQQ", *each) for each in relocations)
    wanted = [(DT_RELA, at + 0x100), (DT_RELASZ, len(table) if table_bytes is None else table_bytes), (DT_RELAENT, 24), *tags,
              (DT_NULL, 0)]
    dynamic = b"".join(struct.pack("<QQ", *tag) for tag in wanted)
    segments = [Header(R | X, PAGE, PAGE), Header(R, 2 * PAGE, 2 * PAGE), Header(R | W, at, at),
                Header(R | W, at, at, len(dynamic), len(dynamic), 8, DYNAMIC)]
    return Kernel(type=DYN, entry=PAGE, segments=segments, data=dynamic.ljust(0x100, b"\0") + table).bytes()


def many_headers():
    """100,000 real program headers: e_phnum says PN_XNUM, their number stands in the first section header (gABI)."""
    count = 100000
    elf = bytearray(Kernel().bytes())
    headers_at, sections_at = len(elf), len(elf) + 56 * count
    struct.pack_into("<QQ", elf, 32, headers_at, sections_at)
    struct.pack_into("<HHHHH", elf, 54, 56, PN_XNUM, 64, 1, 0)
    headers = b"".join(each.bytes() for each in sound_segments())
    return bytes(elf) + headers.ljust(56 * count, b"\0") + struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, count, 0, 0)


@dataclass(frozen=True)
class Bad:
    name: str    # fits FAT's 8.3
    host: str    # what `baton kernel check` says; "" when the file alone is fine
    loader: str  # what the loader says
    data: bytes


def same(name, says, data):
    return Bad(name, says, says, data)


def half_pages():
    """Code and constants in the two halves of a page: the default of a linker script without ALIGN."""
    half = PAGE // 2
    segments = [Header(R | X, PAGE, BASE + PAGE, half, half), Header(R, PAGE + half, BASE + PAGE + half, half, half),
                sound_segments()[2]]
    return Kernel(segments=segments).bytes()


def at_page_zero():
    return Kernel(entry=0, segments=[Header(R | X, PAGE, 0)]).bytes()


def too_large_for_memory():
    """512 GiB of .bss: canonical, within the span, and more than any test machine has."""
    low = 0xFFFF800000000000
    segments = [Header(R | X, PAGE, low), Header(R, 2 * PAGE, low + PAGE),
                Header(R | W, 3 * PAGE, low + 2 * PAGE, memory_bytes=1 << 39)]
    return Kernel(entry=low, segments=segments).bytes()


def bad_kernels():
    return [
        same("empty", "file too short for an ELF header", b""),
        same("short", "file too short for an ELF header", Kernel(file_bytes=63).bytes()),
        same("text", "not an ELF file", b"This is not a kernel.\n" * 100),
        same("elf32", "not a 64-bit ELF file", Kernel(identity=b"\x7fELF\x01\x01\x01").bytes()),
        same("bigend", "not little-endian", Kernel(identity=b"\x7fELF\x02\x02\x01").bytes()),
        same("version", "unknown ELF version", Kernel(version=2).bytes()),
        same("machine", "built for another machine", Kernel(machine=183).bytes()),
        same("object", "not an executable", Kernel(type=REL).bytes()),
        same("ehsize", "ELF header or program header of unknown size", Kernel(header_bytes=52).bytes()),
        same("noheads", "no program headers", Kernel(count=0).bytes()),
        same("manyhead", "too many program headers", many_headers()),
        same("headsout", "program headers reach outside the file", Kernel(headers_at=2**64 - 56).bytes()),
        same("headscut", "program headers reach outside the file", Kernel(file_bytes=64 + 3 * 56 - 1).bytes()),
        same("interp", "needs a dynamic linker", with_extra(Header(R, PAGE, 0, 16, 16, 1, INTERP))),
        same("tls", "has thread-local storage", with_extra(Header(R, PAGE, 0, 16, 16, 1, TLS))),
        same("manysegs", "too many loadable segments",
             Kernel(segments=[Header(R | X, PAGE, BASE + (1 + i) * PAGE) for i in range(17)]).bytes()),
        same("cut", "segment reaches outside the file", Kernel(file_bytes=4 * PAGE - 1).bytes()),
        same("outside", "segment reaches outside the file", changed(2, offset=4 * PAGE)),
        same("offwrap", "segment reaches outside the file", changed(2, offset=2**64 - PAGE)),
        same("filesz", "segment is larger in the file than in memory", changed(1, memory_bytes=PAGE - 1)),
        same("wrap", "segment's addresses wrap around or are not canonical", changed(2, memory_bytes=2**64 - 1)),
        same("nocanon", "segment's addresses wrap around or are not canonical", changed(0, virt=1 << 47)),
        same("align3", "segment's alignment is impossible", changed(1, align=3 * PAGE)),
        same("align2g", "segment's alignment is impossible", changed(1, align=1 << 31)),
        same("congruen", "segment's alignment is impossible", changed(1, offset=2 * PAGE - 8)),
        same("wx", "segment is writable and executable", changed(0, flags=R | W | X)),
        same("noread", "segment is not readable", changed(0, flags=X)),
        same("unsorted", "segments are not in ascending order", changed(2, virt=BASE)),
        same("overlap", "segments overlap", changed(1, virt=BASE + PAGE)),
        same("sharepg", "segments share a page", half_pages()),
        same("noload", "nothing to load", Kernel(segments=[Header(R, 0, 0, 0, 0)]).bytes()),
        same("span", "segments lie too far apart", changed(0, virt=PAGE)),
        same("pagezero", "segment at page zero", at_page_zero()),
        same("entry", "entry point outside the code", Kernel(entry=BASE + 2 * PAGE).bytes()),
        same("entry0", "entry point outside the code", Kernel(entry=0).bytes()),
        same("dynamic", "dynamic section is inconsistent", with_extra(Header(R, 0, 0, 32, 32, 8, DYNAMIC))),
        same("relatab", "dynamic section is inconsistent", relocated((3 * PAGE, R_X86_64_RELATIVE, 0), table_bytes=24 << 40)),
        same("reloc", "relocation other than R_X86_64_RELATIVE", relocated((3 * PAGE, R_X86_64_64, 0))),
        same("jmprel", "relocation other than R_X86_64_RELATIVE", relocated(tags=((DT_PLTRELSZ, 24),))),
        same("relocout", "relocation outside the writable segments", relocated((PAGE, R_X86_64_RELATIVE, 0))),
        # Sound as a file: only the machine can say that its memory is too small.
        Bad("huge", "", "no room for segment 2", too_large_for_memory()),
    ]


def good_kernels():
    """Controls: what the bad ones are made from must be accepted."""
    return [
        Bad("good", "", "", Kernel().bytes()),
        Bad("goodpie", "", "", relocated((3 * PAGE + 0x800, R_X86_64_RELATIVE, PAGE))),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where to write the files; made if missing")
    folder = parser.parse_args().folder
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "bad.tsv"), "w", encoding="ascii") as listing:
        for each in [*bad_kernels(), *good_kernels()]:
            with open(os.path.join(folder, f"{each.name}.elf"), "wb") as file:
                file.write(each.data)
            print(each.name, each.host, each.loader, sep="\t", file=listing)


if __name__ == "__main__":
    main()
