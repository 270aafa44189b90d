# SPDX-License-Identifier: BSD-2-Clause
"""Broken configurations, missing files and damaged volumes: what the loader must say about each."""

import re

from elf import make_bad

from . import fat32
from .bad_input import Bad

KERNEL_LINE = r"kernel = {here}\kernel.elf" "\n"

CONFIGURATIONS = [
    Bad("noequals", r"\\bad\\noequals\\baton\.cnf: line 2: .*\(Invalid Parameter\)", "# a comment\nkernel\n"),
    Bad("unknown", r"unknown\\baton\.cnf: line 1: ", "kernal = x\n"),
    Bad("twice", r"twice\\baton\.cnf: line 3: ", KERNEL_LINE + "\n" + KERNEL_LINE),
    Bad("novalue", r"novalue\\baton\.cnf: line 1: ", "kernel =\n"),
    Bad("longline", r"longline\\baton\.cnf: line 1: ", "cmdline = " + "x" * 2000 + "\n"),
    Bad("longpath", r"longpath\\baton\.cnf: line 1: ", "kernel = " + "p" * 300 + "\n"),
    Bad("badvalue", r"badvalue\\baton\.cnf: line 1: ", "verbose = perhaps\n"),
    Bad("control", r"control\\baton\.cnf: line 1: ", "cmdline = a\x01b\n"),
    Bad("notutf8", r"notutf8\\baton\.cnf: line 1: ", "cmdline = \udcff\udcfe\n"),
]
FILES_MISSING = [
    Bad("nokernel", r"\\bad\\nokernel\\kernel\.elf: cannot be opened on the boot volume \(Not Found\)", kernel=None),
    Bad("kerneldr", r"kerneldr\\kernel\.elf: is a directory, not a file", files={"kernel.elf": None}, kernel=None),
    Bad("confdir", r"confdir\\baton\.cnf: is a directory, not a file", files={"baton.cnf": None}),
    Bad("nomodule", r"\\bad\\nomodule\\absent: cannot be opened on the boot volume \(Not Found\)",
        KERNEL_LINE + r"module = {here}\absent" "\n"),
    Bad("moduledr", r"moduledr\\folder: is a directory, not a file", KERNEL_LINE + r"module = {here}\folder" "\n", {"folder": None}),
    Bad("nofolder", r"\\nowhere\\kernel\.elf: cannot be opened", r"kernel = \nowhere\kernel.elf" "\n"),
    Bad("longcmd", r"longcmd\\cmdline\.txt: 70000 bytes are too many", KERNEL_LINE + r"cmdline-file = {here}\cmdline.txt" "\n",
        {"cmdline.txt": b"x" * 70000}),
]
# A chain that is cut or led astray; the firmware's driver reports some when the file is opened, some when it is read.
DAMAGED = [
    Bad(name, rf"{name}\\kernel\.elf: ", damage=damage) for name, damage in (
        ("cutchain", fat32.cut_chain), ("freed", fat32.chain_to_free), ("badclust", fat32.chain_to_bad),
        ("outside", fat32.chain_outside), ("nostart", fat32.start_missing), ("startout", fat32.start_outside))
] + [
    Bad("hugemod", r"hugemod\\module: no memory for a module of 4294967295 bytes", KERNEL_LINE + r"module = {here}\module" "\n",
        {"module": b"small"}, damage=fat32.size_beyond_chain, damaged="module"),
    Bad("hugeconf", r"hugeconf\\baton\.cnf: 4294967295 bytes are too many", damage=fat32.size_beyond_chain, damaged="baton.cnf"),
    Bad("cutconf", r"cutconf\\baton\.cnf: ", "# " + "x" * 1000 + "\n", damage=fat32.cut_chain, damaged="baton.cnf"),
]
FILES = [*CONFIGURATIONS, *FILES_MISSING, *DAMAGED]

# test/elf/make_bad.py knows the kernels; the host tool says the same about them.
KERNELS = [Bad(kernel.name, rf"\\bad\\{kernel.name}\\kernel\.elf: .*" + re.escape(kernel.loader), kernel=kernel.data)
           for kernel in make_bad.bad_kernels()]
