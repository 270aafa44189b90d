# SPDX-License-Identifier: BSD-2-Clause
"""The example kernel and the test kernels (test/kernels, tools/make/kernels.mk): one boot for each property."""

import os

from vm.qemu import PASS, Machine

from .boot import BUILD, Boot, disk
from .expect import ends, fails_rule, passes, says

NO_SCREEN = Machine(screen="none")  # a stop shows itself for ten seconds where there is one


def kernel(name, file, expect, words="", fast=False, machine=NO_SCREEN, until=""):
    files = disk(kernel=os.path.join(BUILD, "kernels", f"{file}.elf"), cmdline=f"exit=qemu {words}".strip())
    return Boot(name, expect, machine, files=files, until=until, fast=fast)


def layout(file, fast=False, **machine):
    """A kernel that knows how it was linked and agrees with what it finds."""
    return kernel(f"kernel-{file}", file, (passes,), fast=fast, machine=Machine(**{"screen": "none", **machine}))


def exception(word, vector, error, fast=False):
    """Provoked before the kernel has an IDT: the loader's reports it and stops.  More of them, and all that is said: stops.py."""
    line = rf"baton: stop code=9 stage=jump .* a={vector:#x} b={error} c=0x[0-9a-f]+ d=0x[0-9a-f]+\n"
    return kernel(f"exception-{word}", "exceptions", (says(line), says("baton: verdict", times=0), ends("matched")),
                  f"provoke={word}", fast=fast, until=r"baton: (stop .* d=0x[0-9a-f]+\n|verdict .*\n)")


def finds(rule, severity):
    return says(rf"^baton: finding rule={rule} severity={severity} ")


def broken(word, *expect, fast=False, machine=NO_SCREEN):
    """A machine damaged in one way: the stub must find just that."""
    return kernel(f"broken-{word.replace(' ', '-')}", "broken", expect, f"runtime=off break={word}", fast=fast, machine=machine)


LAYOUTS = [
    layout("high"),
    layout("low-16m", fast=True),
    layout("low-1m"),
    layout("pie", fast=True),
    layout("bss-64m"),
    layout("aligned-2m"),
    layout("aligned-1g", memory_mib=3072),
]
EXCEPTIONS = [
    exception("write-text", 14, "0x3"),
    exception("execute-data", 14, "0x11"),
    exception("execute-stack", 14, "0x11"),
    exception("guard", 14, "0x2", fast=True),
    exception("int80", 13, "0x[48]02"),  # the vector times 8 (SDM volume 3A §6.13), times 16 by QEMU's reckoning
    exception("de", 0, "0x0"),
]
BROKEN = [
    broken("magic", fails_rule("K1")),
    broken("checksum", fails_rule("K1")),
    broken("block", fails_rule("K1"), fast=True),
    broken("registers", passes, finds("M1", "warning")),
    broken("interrupts", passes, finds("M2", "repaired")),
    broken("direction", passes, finds("M3", "repaired")),
    broken("stack", fails_rule("M4")),
    broken("root", fails_rule("M5"), fast=True),
    broken("unmapped", fails_rule("M6")),
    broken("wx-data", fails_rule("M6"), finds("M7", "warning")),
    broken("wx-text strict", fails_rule("M7"), fast=True),
    broken("wp", fails_rule("M1"), finds("M10", "repaired")),
    broken("fpu", passes, says(r"^baton: finding rule=M11 severity=repaired ", times=2)),
    broken("sse", passes, finds("M11", "repaired")),
    broken("cr4", passes, finds("M12", "repaired")),
    broken("fs", passes, finds("M13", "repaired")),
    broken("gdt", passes, finds("M13", "repaired")),
    broken("pat", passes, finds("M14", "warning")),
    broken("apic", passes, finds("M15", "repaired")),
    broken("network", passes, finds("M17", "warning"), machine=Machine(screen="none", more=("-device", "e1000,addr=0x1e,romfile="))),
    broken("owned", fails_rule("K18"), fast=True),
    broken("alias", fails_rule("M6"), says("does not keep what is written"), fast=True),
    broken("hole", fails_rule("M6"), says("cannot be used")),
]
# The verdict is a fail because the depth is no longer the recorded one.
FIVE_LEVELS = kernel("kernel-la57", "la57", (says(r"^5-level paging is on$"), finds("M8", "fatal"), fails_rule("M5")), fast=True)
HELLO = r"^Hello from a kernel!  [1-9]\d* MiB are free, the command line is \"exit=qemu\"\.$"
EXAMPLE = kernel("kernel-example", "example", (says(HELLO), ends("ended", PASS)), fast=True)

KERNELS = [EXAMPLE, *LAYOUTS, FIVE_LEVELS, *EXCEPTIONS, *BROKEN]
