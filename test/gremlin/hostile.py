# SPDX-License-Identifier: BSD-2-Clause
"""Runs cases: those that come back, many in one machine; those that leave, each in its own.  Gives results for test/run."""

import time
from dataclasses import dataclass

from boot.result import Result
from vm import qemu

from .cases import CASES, CASES_EACH
from .itself import GremlinItself
from .machine import Snapshot
from .outcomes import Evidence, runs_of

SECONDS = 300  # against hangs
MACHINES = {"plain": qemu.Machine(screen="none", memory_mib=128),
            "large": qemu.Machine(screen="none", memory_mib=512, machine="q35,max-ram-below-4g=128M")}
SHOWN_LINES = 12


@dataclass
class Done:
    """A case that has been run."""
    case: object
    evidence: Evidence
    problems: list


def judge(case, evidence):
    evidence.runs = runs_of(evidence.outcome.text, case.name)
    evidence.starts = max(1, len(evidence.runs))
    problems = case.expect(evidence)
    if not evidence.runs and not case.real and evidence.outcome.reason != "ended":
        problems.append(evidence.outcome.reason)
    return Done(case, evidence, problems)


class Batch:
    """Cases that share a machine: one that leaves, or any number that come back."""

    def __init__(self, name, cases, snapshot, fast=False):
        self.name, self.cases, self.snapshot, self.fast = name, cases, snapshot, fast
        self.done = []

    def run(self):
        started = time.monotonic()
        outcome, debug = self.snapshot.run(self.name.split("/")[1], [f"{case.name} {case.words}" for case in self.cases], SECONDS)
        self.done = [judge(case, Evidence(case.name, outcome, debug)) for case in self.cases]
        seconds = (time.monotonic() - started) / len(self.cases)
        said = "\n".join((outcome.text + outcome.errors).splitlines()[-SHOWN_LINES:])
        results = []
        for done in self.done:
            bad = int(bool(done.problems))
            results.append(Result(f"hostile/{done.case.name}", 1 - bad, bad, seconds, done.problems, said))
        return results


def batches(cases, jobs, fast=False):
    """The cases, cut into machines; real exits first, because they are many and short."""
    made = []
    for name, machine in MACHINES.items():
        here = [case for case in cases if case.machine == name]
        snapshot = Snapshot("fast-" + name if fast else name, machine, jobs)
        made += [Batch(f"hostile/{case.name}", [case], snapshot, fast) for case in here if case.real]
        shared = [case for case in here if not case.real]
        for at in range(0, len(shared), CASES_EACH):
            made.append(Batch(f"hostile/{name}-{at // CASES_EACH}", shared[at:at + CASES_EACH], snapshot, fast))
    return made


def fast_batches(jobs=2):
    return [GremlinItself(), *batches([case for case in CASES if case.fast], jobs, fast=True)]
