# SPDX-License-Identifier: BSD-2-Clause
"""What is counted once and not five times: memory that the loader still owns, its work on the memory map, its calls into the
firmware, and how fast the kernel stub proves memory.
"""

import os
import re
import subprocess

from boot.boot import KERNEL, LOADER
from vm import qemu

from . import calls, disk
from .machine import FOLDER, RUN_SECONDS, Bench, BenchError
from .measure import clock, stages

ORDERS = r"image=\EFI\BOOT\BOOTX64.EFI"
# HANDOFF_OWNER_... of lib/handoff.h: from the first on they are what a boot made; some of these are the kernel's.
FIRST_OWNER, KERNEL_OWNERS = 16, {16: "text", 17: "rodata", 18: "data", 19: "stack", 23: "module"}
LOADER_OWNERS = {20: "page tables", 21: "GDT, IDT, TSS and exception stack", 22: "block", 24: "boot record", 25: "loader image",
                 26: "work memory"}
SEAL_STAGE = 11  # HANDOFF_STAGE_SEAL: normalising the map, and sealing the block that holds it
PROVING = "exit=qemu memcheck=full"
RATE = re.compile(r"^baton: fact (memory_\w+)=(\d+)", re.MULTILINE)
PATTERN = (os.path.join(FOLDER, "pattern"), "512", "9")
SPEED = re.compile(r"^(.*\S) +(\d+\.\d) +(\d+\.\d)$", re.MULTILINE)


def owned(run):
    """{owner: bytes} of memory that is still the loader's at the kernel's first instruction: beyond kernel, stack and modules."""
    found = {}
    for owner, size in zip(run.all("owner"), run.all("owned")):
        if owner >= FIRST_OWNER and owner not in KERNEL_OWNERS:
            name = LOADER_OWNERS.get(owner, str(owner))
            found[name] = found.get(name, 0) + size
    return found


def map_work(run):
    """Instructions between the stamp before normalising the map and the one before the jump, or the kernel."""
    at = clock(run)
    marks = [*zip(run.all("stage"), run.all("tsc")), (None, run.get("kernel"))]
    for (stage, start), (_, end) in zip(marks, marks[1:]):
        if stage == SEAL_STAGE:
            return at(end)[0] - at(start)[0]
    raise BenchError("the block has no stamp of the seal")


def whole_boot(run):
    """Instructions from reset to the kernel, where the firmware has been counted too."""
    return run.get("kernel")


def proof_rates(text):
    """What the kernel stub says of its memory check: {fact: number}."""
    found = {name: int(value) for name, value in RATE.findall(text)}
    if not found.get("memory_rate") or not found.get("memory_rate_plain"):
        raise BenchError("the kernel stub has not told how fast it proves memory: " + text[-400:])
    return found


def memory_check():
    """The stub's full check of a 1 GiB machine: bytes in 1,000 instructions, and in 1,000 cycles of the host."""
    path = disk.make("stub", disk.baton_files(0, kernel=KERNEL, cmdline=PROVING))
    counted = proof_rates(Bench().run(path, ORDERS, plugin=None, reached="start").text)
    timed = qemu.run(qemu.arguments(qemu.Machine(memory_mib=1024), path, qemu.accelerator()), RUN_SECONDS)
    return {"instructions": counted, "cycles of the emulating host": proof_rates(timed.text)}


def memory_speed(text):
    """What bench_pattern.c says: {who: (gigabytes written in a second, read)}."""
    found = {who: (float(written), float(read)) for who, written, read in SPEED.findall(text)}
    if len(found) != 2:
        raise BenchError("bench_pattern.c has not told how fast this processor's memory is: " + text)
    return found


def taken(last):
    """All of them, with the last run of Baton alone from virtio."""
    by_owner = owned(last)
    return {"owned_bytes": sum(by_owner.values()), "owned": by_owner, "loader_bytes": os.path.getsize(LOADER),
            "map_work": map_work(last), "boot": stages(last)["total"][0],
            "calls": calls.counted(Bench(), disk.make("baton-0", disk.baton_files(0))),
            "memory_check": memory_check(),
            "memory_speed": memory_speed(subprocess.run(PATTERN, stdout=subprocess.PIPE, check=True, encoding="ascii").stdout)}
