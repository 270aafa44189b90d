# SPDX-License-Identifier: BSD-2-Clause
"""The same cases with Linux in the loader's place: Debian's kernel (tools/get-linux), an EFI application by its own stub.

What happened is read from what the machine said and from its registers, never from a clock: time in these machines is a count of
instructions (QEMU's icount), and a machine has hung when it stands still with interrupts off or has used up GUEST_SECONDS of that
time.  Every case is a run of its own, because a stub may end the machine; a sweep that died at k goes on at k + 1.
"""

import calendar
import contextlib
import os
import re
import threading

from boot.boot import BUILD
from vm import qemu

from . import results
from .machine import FOLDER, Snapshot, monitor
from .outcomes import RUN, runs_of

KERNEL = os.path.join(BUILD, "cache", "linux")
INITRD = "\\baton\\module1"  # no file system: Linux gives up when it has booted
CMDLINE = ("console=ttyS0,115200", "earlyprintk=ttyS0,115200", "ignore_loglevel", "efi=debug", "nokaslr", "panic=-1",
           f"initrd={INITRD}")
ICOUNT = ("-icount", "shift=3,sleep=off", "-rtc", "clock=vm")
MACHINES = {"plain": qemu.Machine(screen="none", memory_mib=256, more=ICOUNT),
            "large": qemu.Machine(screen="none", memory_mib=768, machine="q35,max-ram-below-4g=256M", more=ICOUNT)}
GUEST_SECONDS = 20    # Linux is where it shall be after 2
SECONDS = 900         # against a QEMU that hangs: then nothing is known of the case, and that is a failure
POLL_SECONDS = 2
DEATHS_MAX = 64       # of one sweep
SAID_MAX = 72         # characters of a line that is quoted

# The map is accepted, the allocator works, runtime services have been moved.
BOOTED = re.compile(r"\] smpboot: CPU0: ")
ENDS = r"\] smpboot: CPU0: [^\n]*\n|Kernel panic - not syncing[^\n]*\n|PANIC: early exception[^\n]*\n|-- System halted"
PANIC = re.compile(r"(?:Kernel panic - not syncing: |PANIC: )(.*)")
HALTED = re.compile(r"^(.+)\n+ *-- System halted", re.MULTILINE)
TRAP = re.compile(r"^gremlin: trap (\w+)=(\w+)", re.MULTILINE)
ATTEMPT = re.compile(r"^gremlin: exit attempt=(\d+)", re.MULTILINE)
# The firmware's handler, or the gremlin's own after a real exit.
EXCEPTION = re.compile(r"!!!! X64 Exception|^gremlin: exception after exit", re.MULTILINE)
WEIGHTY = re.compile(r"firmware bug|warning:|bug:|invalid|corrupt|broken|fail|unable|\berror\b", re.IGNORECASE)
STAMP = re.compile(r"^\[ *[\d.]+\] ")
USABLE = re.compile(r"BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] usable")


class Watch(threading.Thread):
    """Ends a machine that will not end by itself, and says why in `found`."""

    def __init__(self, control):
        super().__init__(daemon=True)
        self.control, self.done, self.found = control, threading.Event(), None

    def run(self):
        begun, stood = None, False
        while not self.done.wait(POLL_SECONDS) and not self.found:
            try:
                registers, clock = monitor(self.control, "info registers"), monitor(self.control, "qom-get /machine rtc-time")
            except OSError:
                continue  # not there yet, or not any more
            now, stands = guest_seconds(clock), stands_still(registers)
            begun = now if begun is None else begun
            if stands and stood:
                self.found = "stands still with interrupts off"
            elif now is not None and begun is not None and now - begun > GUEST_SECONDS:
                self.found = f"still running after {GUEST_SECONDS} seconds of its own time"
            stood = stands
        if self.found:
            try:
                monitor(self.control, "quit")
            except OSError:
                pass


def stands_still(registers):
    """From `info registers`: halted, and no interrupt can wake it."""
    flags, halted = re.search(r"RFL=([0-9a-f]+)", registers), re.search(r"HLT=(\d)", registers)
    return bool(flags and halted) and halted.group(1) == "1" and not int(flags.group(1), 16) & 0x200


def guest_seconds(clock):
    """From the machine's real-time clock, which counts instructions here."""
    found = dict(re.findall(r'"tm_(\w+)": (\d+)', clock))
    if not {"year", "mon", "mday", "hour", "min", "sec"} <= set(found):
        return None
    year, month, *rest = (int(found[key]) for key in ("year", "mon", "mday", "hour", "min", "sec"))
    return calendar.timegm((year + 1900, month + 1, *rest))


def weighty(text):
    """What Linux says that sounds like trouble, without times and numbers."""
    lines = (STAMP.sub("", line).strip() for line in text.splitlines() if STAMP.match(line))
    return {re.sub(r"0x[0-9a-f]+|\b\d+\b", "N", line): line for line in lines
            if WEIGHTY.search(line) and "command line" not in line.lower()}


def usable(text):
    """Bytes that Linux was told to use, as a list of ranges."""
    return sorted((int(start, 16), int(end, 16) + 1) for start, end in USABLE.findall(text))


def beyond(ranges, others):
    """Bytes in `ranges` that are not in `others`; both sorted."""
    total = 0
    for start, end in ranges:
        for other_start, other_end in others:
            if other_end <= start:
                continue
            if other_start >= end:
                break
            total += max(0, other_start - start)
            start = max(start, other_end)
        total += max(0, end - start)
    return total


def boot_words(text, clean):
    """How a boot that came through differs from one on firmware that keeps the rules."""
    known, said = weighty(clean), weighty(text)
    words = [f"says \"{line[:SAID_MAX].strip()}\"" for key, line in said.items() if key not in known][:2]
    more, less = beyond(usable(text), usable(clean)), beyond(usable(clean), usable(text))
    if more:
        words.append(f"takes {more >> 10} KiB for memory that a true map does not offer")
    if less > 1 << 20:
        words.append(f"lacks {less >> 20} MiB")
    return "boots" + "".join(f", {word}" for word in words)


def end_words(text, outcome, found, clean):
    """What became of a machine that left boot services, or tried to; None when nothing is known."""
    trap, panic, halted = TRAP.search(text), PANIC.search(text), HALTED.search(text)
    attempts, runs = len(ATTEMPT.findall(text)), RUN.findall(text)
    if trap:
        return trapped_words(attempts, trap)
    if EXCEPTION.search(text):
        return f"exception {'after' if attempts else 'before'} the exit"
    if runs:
        return run_words(runs_of(text, runs[-1][0])[int(runs[-1][1])])
    if BOOTED.search(text):
        return boot_words(text, clean)
    if panic:
        return f"panics: {panic.group(1).strip()[:SAID_MAX]}"
    if halted:
        return f"halts: {halted.group(1).strip()[:SAID_MAX]}"
    if found:
        return f"hangs: {found}"
    if outcome.reason == "ended" and outcome.status == 0:
        return "resets without a word" if "Linux version" not in text else "resets"
    return None


def trapped_words(attempts, trap):
    return f"calls the firmware after {attempts} failed attempt{'s' * (attempts > 1)} ({trap.group(1)} {trap.group(2)})"


def run_words(run):
    """One start that came back or was brought back."""
    if run.end == "caught":
        return f"left, {run.numbers['attempts']} attempts"
    if run.end == "trapped":
        return trapped_words(int(run.numbers["attempts"]), TRAP.search(run.said))
    if run.end == "returned":
        held = [f"{run.numbers[key]} {key}" for key in ("pages", "pools", "events", "files") if run.numbers[key] != "0"]
        return f"returned {run.status & 0xffff:#x}" + (", " + " and ".join(held) + " left behind" if held else "")
    return run.end


class Linux:
    """Runs cases.  jobs: machines at a time."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.snapshots = {name: Snapshot("linux-" + name, machine, jobs, loader=os.path.join(KERNEL, "vmlinuz"))
                          for name, machine in MACHINES.items()}
        self.clean = {}  # what a good boot says, by machine

    @staticmethod
    def version():
        with open(os.path.join(KERNEL, "version"), encoding="ascii") as file:
            return file.read().strip()

    def start(self, name, words, machine):
        """One machine; returns its outcome and what the watch found."""
        control = os.path.join(FOLDER, f"watch-{name}")
        watch = Watch(control)
        watch.start()
        try:
            line = f"{name} {words} options={'+'.join(CMDLINE)}".replace("  ", " ")
            outcome, _ = self.snapshots[machine].run(name, [line], SECONDS, until=ENDS,
                                                     more=("-monitor", f"unix:{control},server=on,wait=off"))
        finally:
            watch.done.set()
            watch.join()
            with contextlib.suppress(FileNotFoundError):
                os.remove(control)
        return outcome, watch.found

    def prepare(self):
        """A good boot on each machine, to compare with."""
        for machine in MACHINES:
            outcome, _ = self.start(f"good-{machine}", "exit=real after=nothing", machine)
            if not BOOTED.search(outcome.text):
                raise RuntimeError(f"Linux does not boot on the machine {machine} at all: {outcome.text[-500:]}")
            self.clean[machine] = outcome.text

    def run(self, case):
        """What happens, in a few words; None where it cannot be said."""
        if case.real:
            outcome, found = self.start(case.name, case.words, case.machine)
            return end_words(outcome.text, outcome, found, self.clean[case.machine])
        return self.run_shared(case)

    def run_shared(self, case):
        """A case that ends at the exit, or a sweep of them."""
        ends, first, sweeps = {}, 1, re.search(r"\bfail=", case.words) and not re.search(r"\bk=", case.words)
        for _ in range(DEATHS_MAX):
            outcome, found = self.start(case.name, f"{case.words} from={first}", case.machine)
            runs = runs_of(outcome.text, case.name)
            ends |= {k: run_words(run) for k, run in runs.items() if not sweeps or run.numbers["hits"] != "0"}
            if outcome.reason == "ended" and "gremlin: end" in outcome.text:
                return summary(ends, sweeps)
            rest = outcome.text.rsplit("gremlin: run", 1)[-1]
            first = max(runs, default=first - 1) + 1
            ends[first] = end_words(rest, outcome, found, self.clean[case.machine])
            if ends[first] is None or not sweeps:
                return ends[first]
            first += 1
        return None


def summary(ends, sweeps):
    """One line, as outcomes.describe() gives for Baton; the kinds are those of results.py."""
    if not sweeps:
        return next(iter(ends.values()), None)
    if not ends:
        return results.NO_CALL
    kinds = [results.kind(words) for words in ends.values()]
    return f"k = 1 to {len(kinds)}: " + ", ".join(f"{kinds.count(one)} {one}" for one in sorted(set(kinds)))
