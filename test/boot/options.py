# SPDX-License-Identifier: BSD-2-Clause
"""Boots with other files on the disk: configurations, command lines, modules."""

import functools

from vm.qemu import Machine

from .boot import KERNEL, Boot, disk
from .expect import facts, in_range, passes, passes_and_powers_off, says
from .fat32 import in_pieces

CASTAGNOLI = 0x82F63B78  # reflected


def shifted(crc):
    """By one byte, bit by bit."""
    for _ in range(8):
        crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
    return crc


SHIFTED = tuple(map(shifted, range(256)))


def crc32c(data):
    """RFC 3720 appendix B.4: nothing of the code under test."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ SHIFTED[(crc ^ byte) & 0xFF]
    return f"{crc ^ 0xFFFFFFFF:08x}"


# Sizes on both sides of a page, and none at all.
MODULES = {"one.bin": bytes(range(256)) * 16, "two.bin": b"\xa5" * 4097, "empty": b"", "small.txt": b"hello"}
MODULES_CONF = "".join(("kernel = /baton/kernel.elf\n", r"module = \baton\one.bin first", "\n", "module = baton/two.bin second\r\n",
                        "# a comment\n\n", r"module = \baton\empty nothing", "\n", r"  module   =   \baton\small.txt", "  \n"))
MODULE_NAMES = ("first", "second", "nothing", r"\baton\small.txt")


def module_facts():
    expected = {"modules": len(MODULES)}
    for index, (name, data) in enumerate(zip(MODULE_NAMES, MODULES.values())):
        expected.update({f"module{index}_bytes": len(data), f"module{index}_name": name, f"module{index}_crc32c": crc32c(data)})
    return expected


# Large enough to be read by blocks, with pieces of its own number and an odd end.
LARGE = b"".join(bytes([piece + 1]) * (64 << 10) for piece in range(16)) + b"the end"
LARGE_NAME = "baton/a-large-module.bin"


def large(name, *damage, runs):
    """The same bytes, whichever way they stand on the disk."""
    return Boot(name, (passes, facts(module0_bytes=len(LARGE), module0_crc32c=crc32c(LARGE)),
                       says(rf"^/{LARGE_NAME}: {runs} runs of blocks, status 1$")), damage=damage, fast=bool(damage),
                files=disk(conf=f"verbose = yes\nmodule = /{LARGE_NAME}\n", **{LARGE_NAME: LARGE}))


OPTIONS = [
    large("large-module", runs=1),
    large("large-module-in-pieces", functools.partial(in_pieces, path="BATON/A-LARG~1.BIN", piece_bytes=64 << 10), runs=17),
    Boot("power-off", (passes_and_powers_off, facts(cmdline="")), files=disk(cmdline=None), fast=True),
    Boot("runtime-off", (passes, facts(cmdline="exit=qemu runtime=off", runtime_physical="skipped", svam="skipped", runtime_virtual="skipped")),
         files=disk(cmdline="exit=qemu runtime=off\n")),
    Boot("memcheck-quick", (passes, facts(memory_check="quick", memory_tested_bytes=in_range(1 << 20, 8 << 20))),
         files=disk(cmdline="exit=qemu memcheck=quick")),
    Boot("memcheck-off", (passes, facts(memory_check="off", memory_tested_bytes=0)), files=disk(cmdline="exit=qemu memcheck=off")),
    Boot("svam-off", (passes, facts(runtime_physical="works", svam="skipped")), files=disk(cmdline=" exit=qemu\tsvam=off \r\n")),
    Boot("modules", (passes, facts(**module_facts())),
         files=disk(conf=MODULES_CONF, **{f"baton/{name}": data for name, data in MODULES.items()}), fast=True),
    Boot("kernel-elsewhere", (passes, facts(cmdline="exit=qemu from the configuration")), fast=True, files=disk(
        kernel=b"not this one", conf="kernel = /other place/my kernel.elf\r\ncmdline = exit=qemu from the configuration\r\n",
        **{"other place/my kernel.elf": KERNEL})),
    Boot("cmdline-file", (passes, facts(cmdline="exit=qemu of another file")), files=disk(
        cmdline="exit=wait", conf="cmdline-file = \\baton\\other.txt\n", **{"baton/other.txt": b"exit=qemu of another file"})),
    Boot("resolution", (passes, facts(framebuffer="1024x768", pitch=4096)), files=disk(conf="resolution = 1024x768\n")),
    # A mode that no screen of QEMU has: the one that the firmware chose stays.
    Boot("resolution-unknown", (passes, facts(framebuffer="1280x800")), files=disk(conf="resolution = 1279x799\n")),
    Boot("verbose", (passes, says(r"^segment 0: virtual 0xffffffff80000000, physical 0x[0-9a-f]+, \d+ bytes, r-x$"), says("^page tables: 4 levels")),
         files=disk(conf="verbose = yes\n")),
    # Neither UART nor screen: the debug port is all there is.
    Boot("no-serial", (passes, facts(framebuffer="none")), Machine(serial=False, screen="none"), fast=True),
    Boot("clock", (passes, facts(wall_clock=in_range(1893553445, 1893553445 + 300))),
         Machine(more=("-rtc", "base=2030-01-02T03:04:05,clock=vm"))),
    Boot("random-seed", (passes, facts(seed="efi_rng")), Machine(more=("-device", "virtio-rng-pci"))),
]
