# SPDX-License-Identifier: BSD-2-Clause
"""The USB stick of loader/HARDWARE.md, as it is used: made by `make stick`, written by tools/flash-usb, booted twice, looked at."""

import glob
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from tools.fake_disks import FakeMachine
from vm import image, qemu

from .boot import BUILD, SECONDS, TREE, Boot
from .expect import verdict, warns_of_nothing
from .machine_facts import machine_facts
from .media import XHCI
from .pictures import WAITING

STICK_BYTES = 200 << 20  # larger than the image
SERIAL = "4C530001"
FREE_BYTES_MIN = 16 << 20  # for some thousand reports
VOLUME = f"@@{image.FIRST_MIB}M"
# date and time, then the machine's name
KEYS = ("machine", "firmware", "last boot", "Secure Boot", "stage 7", "mode 0", "disk 0")
REPORT = re.compile(r"report-\d{8}-\d{6}-QEMU-[A-Za-z0-9-]+\.txt")


def flash(path):
    """build/stick.img, written to a stick that is then the file `path`."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        machine = FakeMachine(os.path.join(folder, "machine"))
        stick = machine.disk("sdb", STICK_BYTES, serial=SERIAL)
        subprocess.run([sys.executable, f"{TREE}/tools/flash-usb", "--root", machine.folder, "--serial", SERIAL, "--yes"],
                       check=True, env=machine.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.replace(stick, path)


def passes_and_waits(_machine, outcome):
    """As on a machine of somebody's own: a passing verdict, and then it stays on the screen."""
    words, problems = verdict(outcome)
    if not problems and not (words.startswith("pass ") and outcome.reason == "matched"):
        problems = [f"verdict {words}, {outcome.reason}"]
    return problems


def complaints_about(report):
    """A report must say what was seen, and hold a map that the host tool reads."""
    with open(report, encoding="utf-8") as file:
        text = file.read()
    name = os.path.basename(report)
    problems = [] if REPORT.fullmatch(name) else [f"{name}: not a name with date and machine"]
    problems += [f"{name}: no line {key}" for key in KEYS if not re.search(rf"^# {key}: ", text, re.MULTILINE)]
    done = subprocess.run([f"{BUILD}/baton", "map", "check", report], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return problems + ([] if done.returncode == 0 else [f"{name}: baton map check: {done.stdout[-200:]}"])


@dataclass(frozen=True)
class Stick(Boot):
    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        for old in glob.glob(os.path.join(folder, "*.txt")):
            os.remove(old)
        flash(path)
        machine = qemu.Machine(more=("-drive", f"if=none,id=disk,format=raw,snapshot=off,file={path}", *XHCI))
        command = qemu.arguments(machine, None, qemu.accelerator(), os.path.join(folder, "debugcon.txt"))
        outcome = None
        for _ in range(2):
            outcome = qemu.run(command, SECONDS, until=WAITING)
        image.run("mcopy", "-n", "-i", path + VOLUME, "::/baton/*.txt", folder)
        listing = subprocess.run(["mdir", "-i", path + VOLUME, "::/EFI/baton"], stdout=subprocess.PIPE, check=True).stdout.decode()
        outcome.has_memmap = "memmap" in listing
        outcome.free_bytes = int(re.search(r"([\d ]+) bytes free", listing)[1].replace(" ", ""))
        os.remove(path)
        return outcome

    def judge(self, result, outcome):
        results = super().judge(result, outcome)
        reports = glob.glob(os.path.join(BUILD, "boot", self.name, "report-*.txt"))
        result.problems += [] if len(reports) == 2 else [f"{len(reports)} reports after two boots"]
        result.problems += [problem for report in reports for problem in complaints_about(report)]
        result.problems += [] if outcome.has_memmap else ["memmap.efi is not on the stick"]
        result.problems += [] if outcome.free_bytes >= FREE_BYTES_MIN else [f"{outcome.free_bytes} bytes free for reports"]
        result.passed, result.failed = (0, 1) if result.problems else (1, 0)
        return results


STICKS = [Stick("stick-xhci", (passes_and_waits, warns_of_nothing, machine_facts), files={}, fast=True)]
