# SPDX-License-Identifier: BSD-2-Clause
"""The table of what happened: test/disks/RESULTS.md."""

import os
import re
from collections import Counter

from boot.boot import TREE

from . import mutations
from .mutants import BROKEN, DAMAGED, HUNG, NEVER, REFUSED, RIGHT, WRONG

PATH = os.path.join(TREE, "test", "disks", "RESULTS.md")
OUTCOMES = (RIGHT, REFUSED, NEVER, DAMAGED, HUNG, WRONG, BROKEN)
HEAD = "| damage | tried | " + " | ".join(OUTCOMES) + " |\n|---|" + "---|" * (len(OUTCOMES) + 1)
# What a refusal was made for.
REASONS = (("its checksum", r"wrong bytes: "), ("reading failed", r"reading at offset|ends before|cannot be opened|is a directory|too many for"),
           ("not a kernel to boot", r"header \d+\): "), ("not a configuration", r": line \d+: |no such file is read"), ("anything else", ""))


def row(name, fates):
    count = Counter(fate.outcome for fate in fates)
    return f"| {name} | {len(fates)} | " + " | ".join(str(count[outcome]) for outcome in OUTCOMES) + " |"


def rows(fates):
    of_kind = {kind: [fate for fate in fates if fate.mutant.kind == kind] for kind in mutations.KINDS}
    return [HEAD, *(row(kind, some) for kind, some in of_kind.items() if some),
            row("**all**", [fate for fate in fates if fate.mutant.kind])]


def reasons(fates):
    count = Counter(next(name for name, pattern in REASONS if re.search(pattern, fate.said)) for fate in fates if fate.outcome == REFUSED)
    return ", ".join(f"{count[name]} for {name}" for name, _ in REASONS if count[name])


def table(fates, minutes, options, seconds):
    tried = len(fates[True]) + len(fates[False])
    return "\n".join([
        f"Seed {options.seed}; {tried} starts of the loader from damaged disks in memory, {tried / minutes:.0f} a minute and machine;",
        f"{len(fates['boots'])} boots; {seconds / 60:.1f} minutes in all.", "",
        "With checksums, as `tools/make-image` writes them:", "", *rows(fates[True]), "",
        f"Refused: {reasons(fates[True])}.", "",
        "Without checksums: why there are any.", "", *rows(fates[False]), "",
        "Booted for real, with checksums, loader untouched:", "", *rows(fates["boots"]), ""])


def write(text):
    with open(PATH, "w", encoding="utf-8") as file:
        file.write("# Damaged disks, and what became of them\n\nWritten by `make test-disks`; what the words mean says"
                   " [the tests' README](../README.md#damaged-disks).\n\n" + text)
