# SPDX-License-Identifier: BSD-2-Clause
"""One boot of a virtual machine: its disk, the machine, and what is expected of it."""

import contextlib
import dataclasses
import hashlib
import os
import threading
import time
from dataclasses import dataclass, field

from vm import image, ovmf, qemu

from .result import Result

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TREE, "build")
LOADER = os.path.join(BUILD, "BOOTX64.EFI")
KERNEL = os.path.join(BUILD, "kernel.elf")
SHOWN_LINES = 20  # of what a failed boot has said; all of it is in serial.txt
WRITTEN = "the disk was written to, and nobody had asked for that"
SECONDS = 300  # against hangs: ten times what the slowest boot takes on a busy machine
# The stub touches every page: machines with much memory take theirs one at a time.
LARGE, LARGE_MIB, SPARE_MIB = threading.Lock(), 2048, 512


def available_mib():
    """Memory of this host that is free for the asking, where Linux tells."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None


def digest(path):
    """Of the content of a disk."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).digest()


def firmware_hung(machine, outcome):
    """On a busy host U-Boot hangs now and then in its first stage, long before it looks for a disk: that is no boot of ours."""
    return machine.firmware.startswith("u-boot") and outcome.reason == "time limit" and "Hit any key" not in outcome.text


def encoded(text):
    return None if text is None else text.encode()


def disk(kernel=KERNEL, cmdline="exit=qemu", conf=None, **more):
    """The files of an ordinary disk, None for what shall be missing; more files by keyword: disk(**{"baton/x": b"..."})."""
    files = {"EFI/BOOT/BOOTX64.EFI": LOADER, "baton/kernel.elf": kernel, "baton/cmdline.txt": encoded(cmdline),
             "baton/baton.conf": encoded(conf), **more}
    return {name: source for name, source in files.items() if source is not None}


@dataclass(frozen=True)
class Boot:
    name: str
    expect: tuple                                  # functions of (machine, outcome) that return complaints: expect.py
    machine: qemu.Machine = qemu.Machine()
    files: dict = field(default_factory=disk)      # what stands on the disk
    damage: tuple = ()                             # functions of the path of the finished image
    until: str = ""                                # a pattern on the serial line that ends the boot; "": QEMU ends itself
    fast: bool = False                             # a part of `make test`

    def run(self):
        with LARGE if self.machine.memory_mib > LARGE_MIB else contextlib.nullcontext():
            missing = self.what_is_missing()
            return [Result(self.name, skipped=missing)] if missing else self.run_here()

    def what_is_missing(self):
        """Why this machine cannot do the boot, or None.  The default firmware is no option, nor what
        tools/get-firmware gets: without it the boot fails."""
        if self.machine.firmware in ovmf.KNOWN_PATHS:
            try:
                ovmf.find(self.machine.firmware)
            except ovmf.FirmwareMissing as missing:
                return str(missing)
        available = available_mib()
        if available is not None and available < self.machine.memory_mib + SPARE_MIB:
            return f"{available} MiB of memory are not enough"
        return None

    def run_here(self):
        started = time.monotonic()
        folder = os.path.join(BUILD, "boot", self.name)
        os.makedirs(folder, exist_ok=True)
        result, outcome = Result(self.name), self.boot(folder)
        if firmware_hung(self.machine, outcome):
            outcome = self.boot(folder)
        log = os.path.join(folder, "serial.txt")
        with open(log, "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        result.said = "\n".join([f"... {os.path.relpath(log)}", *(outcome.text + outcome.errors).splitlines()[-SHOWN_LINES:]])
        result.seconds = time.monotonic() - started
        return self.judge(result, outcome)

    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        image.make_image(path, self.files)
        for damage in self.damage:
            damage(path)
        machine = self.machine if self.may_write() else dataclasses.replace(self.machine, disk_mode="snapshot=off")
        before = digest(path)
        accelerator = "tcg" if "-icount" in machine.more else qemu.accelerator()
        command = qemu.arguments(machine, self.drive(path, folder), accelerator, os.path.join(folder, "debugcon.txt"))
        outcome = qemu.run(command, SECONDS, until=self.until)
        outcome.disk_changed = digest(path) != before
        os.remove(path)
        return outcome

    def may_write(self):
        """Only a case that says how its disk is opened; all others get one that keeps what is written, and then shows that nothing was."""
        return self.machine.disk_mode != qemu.Machine.disk_mode

    def drive(self, path, _folder):
        """What QEMU opens for the disk: a class may put something between the two."""
        return path

    def judge(self, result, outcome):
        """One result; a class that looks closer may give more."""
        result.problems = [problem for check in self.expect for problem in check(self.machine, outcome)]
        if outcome.disk_changed and not self.may_write():
            result.problems.append(WRITTEN)
        result.passed, result.failed = (0, 1) if result.problems else (1, 0)
        return [result]
