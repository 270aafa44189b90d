# SPDX-License-Identifier: BSD-2-Clause
"""Damaged disks booted for real, from the firmware's own search for a disk to the kernel's verdict, one machine each.

Damages that reach the loader's own file are left out: what a damaged program does nobody can say, and efi/mutant.c counts them.
"""

import os
import re
import shutil

from boot import expect
from boot.options import crc32c
from vm import qemu

from . import mutations
from .disks import CMDLINE, FOLDER, MODULES
from .expected import segments
from .layout import SECTOR
from .mutants import BROKEN, NEVER, REFUSED, RIGHT, WRONG, Fate

SECONDS = 300  # against hangs
UNTIL = r"baton: (verdict|stop) .*\n|BdsDxe: failed to (load|start) Boot\d+|Shell>"
WRITABLE = 2


def facts(kernel):
    """What the kernel must say of itself and its files, worked out from the sound ones."""
    found = {"cmdline": CMDLINE, "modules": str(len(MODULES))}
    for index, (name, _, data) in enumerate(MODULES):
        found.update({f"module{index}_name": name, f"module{index}_bytes": str(len(data)), f"module{index}_crc32c": crc32c(data)})
    for index, (_, permissions, content) in enumerate(segments(kernel)[1]):
        if not permissions & WRITABLE:
            found[f"segment{index}_crc32c"] = crc32c(content)
    return found


def loader_sectors(layout):
    """The sectors of the loader's file and of what leads to it, where a damage could change the loader; and the FAT's about folders,
    where one could have the firmware run in circles."""
    chain = layout.files[mutations.LOADER]
    folders = [cluster for name, clusters in layout.folders.items() if name in ("", "EFI", "EFI/BOOT") for cluster in clusters]
    offsets = layout.bytes_of([*chain, *folders])
    linked = [*chain, *(cluster for clusters in layout.folders.values() for cluster in clusters)]
    offsets += [layout.link(fat, cluster) for fat in range(len(layout.fats)) for cluster in linked]
    return {offset // SECTOR for offset in offsets} | {layout.volume // SECTOR}


def choose(disk, count, seed):
    """(kind, seed, changes) of so many damages, all kinds in turn."""
    chosen, spared = [], loader_sectors(disk.layout)
    while len(chosen) < count:
        for kind in mutations.KINDS:
            changes = mutations.damage(kind, seed, disk.layout)
            if changes and len(chosen) < count and not spared & {sector for sector, _, _ in changes}:
                chosen.append((kind, seed, changes))
        seed += 1
    return chosen


def judge(mutant, outcome, debug, wanted):
    """mutant: whatever a Fate shall name."""
    text = outcome.text
    passed = not expect.passes(None, outcome) or (outcome.reason == "matched" and "baton: verdict pass" in text)
    if passed:
        found = expect.facts_of(outcome)
        wrong = [f"{key}={found.get(key)}" for key, value in wanted.items() if found.get(key) != value]
        return Fate(mutant, WRONG if wrong else RIGHT, ", ".join(wrong))
    if "baton: verdict" in text or "baton: stop" in text or outcome.reason == "firmware exception":
        return Fate(mutant, BROKEN, text[-300:])
    error = re.search(r"baton: error: .*", text)
    if error:
        return Fate(mutant, REFUSED, error.group())
    if "baton: image base" in debug:
        return Fate(mutant, BROKEN, f"{outcome.reason} without a word")
    return Fate(mutant, NEVER, outcome.reason)


def boot(disk, mutant, changes, wanted):
    folder = os.path.join(FOLDER, f"boot-{mutant.kind}-{mutant.seed}")
    os.makedirs(folder, exist_ok=True)
    path, debug = os.path.join(folder, "disk.img"), os.path.join(folder, "debugcon.txt")
    shutil.copyfile(disk.path, path)
    with open(path, "r+b") as file:
        for sector, offset, data in changes:
            file.seek(sector * SECTOR + offset)
            file.write(data)
    machine = qemu.Machine(screen="none", memory_mib=128)
    outcome = qemu.run(qemu.arguments(machine, path, qemu.accelerator(), debug), SECONDS, until=UNTIL)
    os.remove(path)
    with open(os.path.join(folder, "serial.txt"), "w", encoding="utf-8") as file:
        file.write(outcome.text + outcome.errors)
    with open(debug, encoding="utf-8", errors="replace") as file:
        return judge(mutant, outcome, file.read(), wanted)
