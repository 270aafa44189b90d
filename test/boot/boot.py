# SPDX-License-Identifier: BSD-2-Clause
"""One boot of a virtual machine: its disk, the machine, and what is expected of it."""

import os
import time
from dataclasses import dataclass, field

from vm import image, ovmf, qemu

from .result import Result

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TREE, "build")
LOADER = os.path.join(BUILD, "BOOTX64.EFI")
KERNEL = os.path.join(BUILD, "kernel.elf")
SHOWN_LINES = 20  # of what a failed boot has said; all of it is in serial.txt
SECONDS = 300  # against hangs: ten times what the slowest boot takes on a busy machine


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
        started = time.monotonic()
        folder = os.path.join(BUILD, "boot", self.name)
        result = Result(self.name)
        try:
            ovmf.find(self.machine.firmware)
        except ovmf.FirmwareMissing as missing:
            if self.machine.firmware == "default":
                raise
            result.skipped = str(missing)
            return [result]
        os.makedirs(folder, exist_ok=True)
        outcome = self.boot(folder)
        log = os.path.join(folder, "serial.txt")
        with open(log, "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        result.said = "\n".join([f"... {os.path.relpath(log)}", *(outcome.text + outcome.errors).splitlines()[-SHOWN_LINES:]])
        result.seconds = time.monotonic() - started
        return self.judge(result, outcome)

    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        image.make_image(path, self.files, os.path.join(BUILD, "cache"))
        for damage in self.damage:
            damage(path)
        command = qemu.arguments(self.machine, path, qemu.accelerator(), os.path.join(folder, "debugcon.txt"))
        outcome = qemu.run(command, SECONDS, until=self.until)
        os.remove(path)
        return outcome

    def judge(self, result, outcome):
        """One result; a class that looks closer may give more."""
        result.problems = [problem for check in self.expect for problem in check(self.machine, outcome)]
        result.passed, result.failed = (0, 1) if result.problems else (1, 0)
        return [result]
