# SPDX-License-Identifier: BSD-2-Clause
"""The part of `make test`: some damages of each kind, and a disk without checksums, where the same judge must see wrong bytes."""

import time
from dataclasses import dataclass

from boot.result import Result

from . import mutations
from .disks import Disk
from .mutants import BROKEN, DAMAGED, HUNG, NEVER, REFUSED, RIGHT, WRONG, Batch, Mutant

SEED, EACH = 1, 6


def mutants(kinds, each, seed):
    """One that is not damaged, and `each` of each kind."""
    chosen = [("", 0)] + [(kind, seed + index) for index in range(each) for kind in kinds]
    return [Mutant(number, kind, number_seed) for number, (kind, number_seed) in enumerate(chosen)]


def figures(fates):
    return ", ".join(f"{sum(fate.outcome == outcome for fate in fates)} {outcome}" for outcome in
                     (RIGHT, REFUSED, NEVER, DAMAGED, HUNG, WRONG, BROKEN))


def complaints(fates):
    """What may not happen: the sound disk does not boot, wrong bytes, a loader that hangs, crashes, leaks or is silent."""
    problems = [f"{fate.mutant.kind} {fate.mutant.seed}: {fate.outcome}: {fate.said}" for fate in fates
                if fate.outcome in (WRONG, BROKEN)]
    return problems + ["the sound disk does not boot" for fate in fates if not fate.mutant.kind and fate.outcome != RIGHT]


@dataclass(frozen=True)
class DamagedDisks:
    name: str = "disks-checked"
    checked: bool = True
    fast: bool = True

    def run(self):
        started = time.monotonic()
        kinds = list(mutations.KINDS) if self.checked else ["elf-bytes", "other-files"]
        fates = Batch(self.name, Disk(self.checked, self.name), mutants(kinds, EACH, SEED)).run()
        if self.checked:
            problems = complaints(fates)
        else:
            right = [fate for fate in fates if fate.outcome != WRONG]
            problems = complaints(right) + ([] if len(right) < len(fates) else ["no wrong bytes were seen where nothing is checked"])
        return [Result(self.name, 0 if problems else 1, 1 if problems else 0, time.monotonic() - started, problems, figures(fates))]


FAST = [DamagedDisks(), DamagedDisks("disks-unchecked", checked=False)]
