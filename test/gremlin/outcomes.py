# SPDX-License-Identifier: BSD-2-Clause
"""What can happen to a case, and what must.  An expectation is called with the Evidence of a case and returns lines of complaint;
its `wanted` is the short form for the table of results: B, Bw, PRE, POST as in the H rules.
"""

import re
from dataclasses import dataclass, field

from boot import expect
from vm import qemu

RUN = re.compile(r"^gremlin: run (\S+) k=(\d+) end=(\w+) status=(0x[0-9a-f]+) (.*)$", re.MULTILINE)
STOP = re.compile(r"^baton: stop code=(\d+) ", re.MULTILINE)
MESSAGE = re.compile(r"baton: error: ")
FINDING = re.compile(r"^baton: finding rule=(\w+) severity=(warning|repaired|fatal) ", re.MULTILINE)
TRAP = re.compile(r"^gremlin: (?:trap|exception) .*$", re.MULTILINE)
ATTEMPTS = re.compile(r"\battempts=(\d+)")
# Page zero is free memory in edk2's map; descriptors that this program makes come at its end; both are repaired in any boot.
USUAL = {"K33", "K15"}
# Of each run: nothing may be left, by any measure.
ZERO = ("bad", "map", "handles", "opens", "permissions", "misuses", "writes", "wrong", "shrunk")
LEFT = ("pages", "pools", "events", "files", "guarded")


@dataclass(frozen=True)
class Run:
    """One start of the loader that came back, or was brought back."""
    k: int
    end: str
    status: int
    numbers: dict
    said: str          # since the run before

    def complaints(self, leaks_allowed=False, writes=False):
        """What holds for every run; the arguments are those of Ends."""
        allowed = ({"map"} if leaks_allowed else set()) | (set() if writes is False else {"writes"})
        problems = [f"k={self.k}: {key}={self.numbers[key]}" for key in ZERO if self.numbers[key] != "0" and key not in allowed]
        if writes is True and self.numbers["writes"] == "0":
            problems.append(f"k={self.k}: nothing was written")
        if self.numbers["settled"] != "1":
            problems.append(f"k={self.k}: the memory map did not settle")
        if self.end == "returned":
            if not leaks_allowed:
                problems += [f"k={self.k}: {self.numbers[key]} {key} left" for key in LEFT if self.numbers[key] != "0"]
            if not self.status >> 63:
                problems.append(f"k={self.k}: status {self.status:#x} is no error")
            if not MESSAGE.search(" ".join(self.said.split())):
                problems.append(f"k={self.k}: no message")
        return problems


def runs_of(text, name):
    """{k: the last run of that k}: a run is repeated until the firmware's own caches have settled."""
    runs, at = {}, 0
    for match in RUN.finditer(text):
        if match.group(1) == name:
            numbers = dict(word.split("=", 1) for word in match.group(5).replace("left=", "").replace("calls=pages:", "calls:")
                           .replace(",", " ").replace(":", "=").split())
            runs[int(match.group(2))] = Run(int(match.group(2)), match.group(3), int(match.group(4), 16), numbers, text[at:match.start()])
        at = match.end()
    return runs


@dataclass
class Evidence:
    """All that is known of a case."""
    name: str
    outcome: qemu.Outcome
    debug: str = ""
    happened: str = ""     # filled in by the expectation, for the table
    starts: int = 0        # of the loader
    runs: dict = field(default_factory=dict)


def attempts_of(run):
    return int(run.numbers["attempts"])


@dataclass(frozen=True)
class Ends:
    """Every run of the case ends in one of these ways: "returned", "caught", "stopped"; "trapped" is never right."""
    wanted: str
    ends: tuple
    attempts: int = None
    code: int = None
    leaks_allowed: bool = False  # where the firmware takes nothing back
    clean: str = "caught"
    writes: object = False       # True: the configuration asks for writes, and there must be some; None: there may be

    def __call__(self, evidence):
        problems = []
        if not evidence.runs:
            return ["the loader did not come back"]
        for run in evidence.runs.values():
            # A sweep's last run is one where nothing was left to fail.
            clean = len(evidence.runs) > 1 and run.numbers["hits"] == "0"
            if run.end not in ((self.clean,) if clean else self.ends):
                problems.append(f"k={run.k}: {run.end}")
            problems += run.complaints(self.leaks_allowed, self.writes)
            if self.attempts is not None and attempts_of(run) != self.attempts:
                problems.append(f"k={run.k}: {attempts_of(run)} attempts where {self.attempts} are due")
            codes = STOP.findall(run.said)
            if run.end == "stopped" and self.code is not None and codes != [str(self.code)]:
                problems.append(f"k={run.k}: stop codes {codes} where {self.code} is due")
        evidence.happened = describe(evidence.runs)
        return problems


def describe(runs):
    """One line for the table."""
    if len(runs) == 1:
        run, = runs.values()
        codes = STOP.findall(run.said)
        words = {"returned": f"returned {run.status & 0xffff:#x}", "caught": "left", "stopped": f"stop {' '.join(codes)}",
                 "trapped": "trapped"}[run.end]
        return f"{words}, {attempts_of(run)} attempts" if attempts_of(run) else words
    ends = [run.end for run in runs.values() if run.numbers["hits"] != "0"]
    return f"k = 1 to {len(ends)}: " + ", ".join(f"{ends.count(end)} {end}" for end in sorted(set(ends)))


def writes_unasked():
    """What the loader writes where nobody asked for it is noticed; it is stopped with files open."""
    return Ends("trap", ("trapped",), leaks_allowed=True, writes=True)


def returns():
    return Ends("PRE", ("returned",))


def leaves(attempts=1, **more):
    """Up to the exit itself, which is caught."""
    return Ends("B", ("caught",), attempts, **more)


def stops(code, attempts=None, **more):
    return Ends("POST", ("stopped",), attempts, code, **more)


def sweep(*ends, **more):
    return Ends(" or ".join({"returned": "PRE", "caught": "B", "stopped": "POST"}[end] for end in ends), ends, **more)


@dataclass(frozen=True)
class Boots:
    """The kernel runs and passes; of findings that weigh, all of `findings` and no others are there."""
    attempts: tuple = (1,)
    findings: tuple = ()
    more: tuple = ()       # other expectations of boot/expect.py
    wanted: str = "B"
    debug: str = ""        # a pattern for what the loader wrote to the debug port

    def __call__(self, evidence):
        problems = expect.passes(None, evidence.outcome)
        problems += [problem for check in self.more for problem in check(None, evidence.outcome)]
        words, _ = expect.verdict(evidence.outcome)
        found = set(FINDING.findall(evidence.outcome.text)) if words else set()
        rules = {rule for rule, _ in found} - (USUAL - set(self.findings))
        attempts = int(ATTEMPTS.search(words).group(1)) if words and ATTEMPTS.search(words) else 0
        evidence.happened = f"verdict pass, {attempts} attempts" + (f", {' '.join(sorted(rules))}" if rules else "")
        if words and attempts not in self.attempts:
            problems.append(f"{attempts} attempts where {self.attempts} are due")
        if words and rules != set(self.findings):
            problems.append(f"findings {sorted(rules)} where {sorted(self.findings)} are due")
        if not re.search(self.debug, evidence.debug):
            problems.append(f"/{self.debug}/ is not on the debug port")
        return problems + TRAP.findall(evidence.outcome.text)


def warned(*findings, attempts=(1,), more=()):
    return Boots(attempts, findings, more, "Bw")


@dataclass(frozen=True)
class KernelRefuses:
    """The loader hands over, and the kernel stub finds this rule broken."""
    rule: str
    wanted: str = "kernel F"

    def __call__(self, evidence):
        words, _ = expect.verdict(evidence.outcome)
        # Not how many checks there were: that changes with the checker.
        evidence.happened = f"verdict {' '.join((words or 'none').split()[:2])}"
        return expect.fails_rule(self.rule)(None, evidence.outcome) + TRAP.findall(evidence.outcome.text)


@dataclass(frozen=True)
class StopsForGood:
    """A real exit, then the coded stop and the reset of the machine."""
    code: int
    wanted: str = "POST"

    def __call__(self, evidence):
        codes = {"serial": STOP.findall(evidence.outcome.text), "debug port": STOP.findall(evidence.debug)}
        evidence.happened = f"stop {' '.join(codes['serial'])}, reset"
        problems = [f"{where}: stop codes {found} where {self.code} is due" for where, found in codes.items() if found != [str(self.code)]]
        return problems + expect.ends(status=0)(None, evidence.outcome) + TRAP.findall(evidence.outcome.text)
