# SPDX-License-Identifier: BSD-2-Clause
"""The gremlin's own test: a loader that does the one thing that must be noticed, for each thing that the gremlin looks at."""

import os
import re
import time
from dataclasses import dataclass

from boot.boot import BUILD
from boot.result import Result
from vm import qemu

from .machine import Snapshot
from .outcomes import Evidence, leaves, returns, runs_of

NAUGHTY = os.path.join(BUILD, "test", "naughty.efi")
SECONDS = 300  # against hangs


@dataclass(frozen=True)
class Misdeed:
    """words: for the gremlin; complaint: what the expectation must say of it."""
    words: str
    complaint: str
    expect: object = returns()

    @property
    def name(self):
        more = (f"-{word}" for word in ("guard", "real", "asked") if word in self.words)
        return re.sub(r"options=(\S+).*", r"\1", self.words) + "".join(more)


# It comes back, and the report shows what it did.  It never says why it failed: that must be noticed, too.
REPORTED = [
    Misdeed("options=nothing", "no message"),
    Misdeed("options=leak", "2 pages left"),
    Misdeed("options=leak guard=1", "2 guarded left"),
    Misdeed("options=double-free guard=1", "bad=1"),
    Misdeed("options=type", "misuses=1"),
    *(Misdeed(f"options={what}", "trapped") for what in
      ("write-open", "write-file", "write-info", "write-delete", "write-flush", "variable")),
    Misdeed("options=write-flush writes=asked", "writes=1"),
    Misdeed("options=permissions", "permissions=1"),
    Misdeed("options=key refuse=1", "wrong=1", leaves(2)),
    Misdeed("options=handle refuse=1", "wrong=1", leaves(2)),
    Misdeed("options=shrink refuse=1", "shrunk=1", leaves(2)),
    *(Misdeed(f"options={what} refuse=1", "trapped", leaves(2)) for what in
      ("service", "console", "cursor", "error-console", "keyboard")),
]
# The machine ends with it.
DEADLY = [
    Misdeed("options=service refuse=1 exit=real", r"gremlin: trap service="),
    *(Misdeed(f"options={what} guard=1", r"!!!! X64 Exception") for what in ("overrun", "underrun", "after-free", "pool-overrun")),
]


class GremlinItself:
    name = "hostile/gremlin-itself"
    fast = True

    def __init__(self):
        self.snapshot = Snapshot("itself", qemu.Machine(screen="none", memory_mib=128), 1, loader=NAUGHTY)

    def run(self):
        started = time.monotonic()
        outcome, _ = self.snapshot.run("reported", [f"{deed.name} {deed.words}" for deed in REPORTED], SECONDS)
        results = [self.result(deed, self.noticed(deed, outcome), outcome) for deed in REPORTED]
        for deed in DEADLY:
            outcome, _ = self.snapshot.run(deed.name, [f"{deed.name} {deed.words}"], SECONDS)
            died = re.search(deed.complaint, outcome.text) and outcome.reason in ("ended", "firmware exception")
            results.append(self.result(deed, bool(died) and outcome.status != qemu.PASS, outcome))
        results[0].seconds = time.monotonic() - started
        return results

    def result(self, deed, noticed, outcome):
        problems = [] if noticed else [f"nobody noticed: {deed.complaint}"]
        return Result(f"{self.name}/{deed.name}", int(noticed), int(not noticed), 0.0, problems, outcome.text[-2000:])

    @staticmethod
    def noticed(deed, outcome):
        evidence = Evidence(deed.name, outcome, runs=runs_of(outcome.text, deed.name))
        return any(deed.complaint in problem for problem in deed.expect(evidence))
