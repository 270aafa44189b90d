# SPDX-License-Identifier: BSD-2-Clause
"""Boots that leave something behind: the black box in the variable store, the report on the disk.  Each case is one machine that is
switched on several times."""

import dataclasses
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass

from gremlin.machine import GREMLIN
from vm import image, ovmf, qemu

from .boot import BUILD, KERNEL, LOADER, SECONDS, disk
from .expect import ends, facts, passes, says
from .power_state import black_box, check_volume
from .result import Result

KERNELS = os.path.join(BUILD, "kernels")
CONF = "blackbox = yes\n"
REPORT = re.compile(r"report-\d{8}-\d{6}-[0-9A-Za-z-]+\.txt")


@dataclass(frozen=True)
class Step:
    """One time that the machine is switched on."""
    expect: tuple                 # functions of (machine, outcome), as for a Boot
    files: dict = None            # a new disk; None: the one of the step before
    until: str = ""
    store: str = ""               # what the black box holds afterwards: "none", "armed", ...; "": not looked at
    before: tuple = ()            # functions of the new disk's path
    after: tuple = ()             # the same afterwards; they return complaints


@dataclass(frozen=True)
class Sequence:
    name: str
    steps: tuple
    machine: qemu.Machine = qemu.Machine(screen="none")
    fast: bool = False

    def run(self):
        try:
            firmware = ovmf.find(self.machine.firmware)
        except ovmf.FirmwareMissing as missing:
            return [Result(self.name, skipped=str(missing))]
        started, result = time.monotonic(), Result(self.name)
        folder = os.path.join(BUILD, "boot", self.name)
        os.makedirs(folder, exist_ok=True)
        store, path = os.path.join(folder, "store"), os.path.join(folder, "disk.img")
        image.run("qemu-img", "convert", "-f", firmware.vars_format, "-O", firmware.vars_format, firmware.vars, store)
        # How the disk is opened is the machine's word where it has one; else it keeps what is written.
        mode = self.machine.disk_mode if self.machine.disk_mode != qemu.Machine.disk_mode else "snapshot=off"
        machine = dataclasses.replace(self.machine, store=store, disk_mode=mode)
        for number, step in enumerate(self.steps, 1):
            result.problems += [f"boot {number}: {problem}" for problem in self.step(step, machine, folder, path, number)]
        result.passed, result.failed = (0, 1) if result.problems else (len(self.steps), 0)
        result.seconds = time.monotonic() - started
        os.remove(path)
        return [result]

    def step(self, step, machine, folder, path, number):
        if step.files is not None:
            image.make_image(path, step.files)
            for prepare in step.before:
                prepare(path)
        command = qemu.arguments(machine, path, qemu.accelerator(), os.path.join(folder, f"debugcon{number}.txt"))
        outcome = qemu.run(command, SECONDS, until=step.until)
        with open(os.path.join(folder, f"serial{number}.txt"), "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        problems = [problem for check in step.expect for problem in check(machine, outcome)]
        problems += [problem for check in step.after for problem in check(path)]
        if step.store:
            with open(machine.store, "rb") as file:
                found = black_box(file.read())
            problems += [] if found == step.store else [f"the black box is {found}, where {step.store} is due"]
        return problems


# --- the black box ---------------------------------------------------------------------------------------------------------------


def kernel(name, cmdline="exit=qemu", conf=CONF):
    return disk(kernel=os.path.join(KERNELS, f"{name}.elf"), cmdline=cmdline, conf=conf)


def stub(*more, conf=CONF, store="passed", **expected):
    """Baton's own kernel; what it must find of the boot before."""
    return Step((passes, facts(**expected), *more), disk(conf=conf), store=store)


def stops(word):
    """A kernel that ends in an exception before it has an IDT."""
    return Step((says(r"^baton: black box written: status 0x0"), says("baton: verdict", times=0), ends("ended")),
                kernel("exceptions", f"provoke={word}"), store="stopped")


def told(pattern):
    """By the loader, on the firmware's console and so on the serial line, before the kernel has begun to report."""
    return says(rf"^baton: {pattern}")


FIRST = stub(last_boot="none", black_box="written")
AGAIN = stub(says(r"^baton: the last boot", times=0), last_boot="passed", last_boot_stage=0x100, last_boot_detail1="0x0",
             black_box="written")
# It says its verdict and halts: for the black box it has died.
DIES = Step((says("baton: verdict fail rule=test"), ends("matched")), kernel("exceptions", "provoke=nothing"),
            until="baton: verdict .*\n", store="armed")
WITHOUT = Step((passes, facts(black_box="absent"), says("last_boot", times=0)), disk(), store="stopped")

TOLD = stub(told(r"the last boot stopped at stage 12 \(jump\): .* vector 14 \(page fault\), .* CR2 0x0; attempts 1$"),
            last_boot="stopped", last_boot_stage=12, last_boot_code=9, last_boot_attempts=1, last_boot_detail0="0xe",
            black_box="written")
# A firmware that takes no key: the stop comes while its own page tables are in force, and runtime services are still legal.
REFUSED_KEYS = Step(
    (says(r"^baton: stop code=1 stage=exit "), says(r"^baton: black box written: status 0x0"), ends("ended")), store="stopped",
    files={"EFI/BOOT/BOOTX64.EFI": GREMLIN, "EFI/BATON/LOADER.EFI": LOADER, "baton/kernel.elf": KERNEL, "gremlin.cnf": CONF.encode(),
           "gremlin.txt": b"refused exit=real refuse=1000 writes=asked\n"})
FEW_STEPS = (stops("page-zero"), TOLD)
ALL_STEPS = (
    FIRST, AGAIN, stops("page-zero"), WITHOUT, TOLD, DIES,
    stub(told(r"the last boot began to leave the firmware at stage 8 \(exit\), and nobody has reported back"), last_boot="armed",
         black_box="written"),
    REFUSED_KEYS,
    stub(told(r"the last boot stopped at stage 8 \(exit\): the firmware refused every memory map key, .*; attempts 8$"),
         last_boot="stopped", last_boot_stage=8, last_boot_code=1, last_boot_attempts=8, black_box="written"),
    # The two lines of lib/handoff.h.
    Step((says("Hello from a kernel!"),), kernel("example"), store="none"),
    FIRST,
    # Its kernel may not call the firmware: nobody reports back.
    Step((passes, facts(last_boot="passed", black_box="not_callable")), disk(cmdline="exit=qemu runtime=off", conf=CONF), store="armed"),
)

# --- the report ------------------------------------------------------------------------------------------------------------------

REPORTING = disk(conf="report = yes\nblackbox = yes\n", **{"EFI/baton/memmap.efi": os.path.join(BUILD, "memmap.efi")})


def on_the_volume(path, name):
    """The content of a file of the volume."""
    done = subprocess.run(["mtype", "-i", f"{path}@@{image.FIRST_MIB}M", f"::/baton/{name}"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace")


def names(path):
    done = subprocess.run(["mdir", "-b", "-i", f"{path}@@{image.FIRST_MIB}M", "::/baton"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace").split("\n")


def reports(count, last_boot):
    """So many on the disk, the newest of which says this of the boot before and holds a map; nothing else has changed."""
    def check(path):
        found = sorted(match.group() for match in map(REPORT.search, names(path)) if match)
        if len(found) != count:
            return [f"{len(found)} reports where {count} are due"]
        text, problems = on_the_volume(path, found[-1]), []
        problems += [] if f"# last boot: {last_boot}" in text else ["the report does not say how the last boot went"]
        whole = r"^# stage 7: page tables .*\n(.*\n)*# disk 1: partition.*the boot volume.*\n(0|1) "
        problems += [] if re.search(whole, text, re.MULTILINE) else ["the report is not whole"]
        done = subprocess.run([os.path.join(BUILD, "baton"), "map", "show", "-"], input=text.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        problems += [] if done.returncode == 0 else ["baton map does not read the report: " + done.stdout.decode(errors="replace")[:200]]
        said = on_the_volume(path, "last-boot.txt")
        problems += [] if len(said) == 1024 and said.startswith(last_boot) else ["last-boot.txt says otherwise: " + said[:100]]
        return problems + untouched(path) + [found for found in check_volume(path, {})[0] if found != "clean"]
    return check


def untouched(path):
    return [f"{name} has changed" for name in ("baton.conf", "cmdline.txt")
            if on_the_volume(path, name).encode() != REPORTING[f"baton/{name}"]]


def reporting(name, fast=False, **machine):
    first = Step((passes, facts(last_boot="none")), REPORTING, after=(reports(1, "no record of the last boot"),))
    second = Step((passes, facts(last_boot="passed")), after=(reports(2, "the kernel of the last boot reported success"),))
    return Sequence(name, (first, second), qemu.Machine(**machine), fast)


REFUSED = r"baton: (report|last-boot\.txt) not written: {}; the boot goes on"


def fill(path):
    """Leaves less than any of the files needs."""
    volume = f"{path}@@{image.FIRST_MIB}M"
    said = subprocess.run(["mdir", "-i", volume, "::/"], stdout=subprocess.PIPE, check=True).stdout.decode()
    free = int(re.search(r"([\d ]+) bytes free", said).group(1).replace(" ", ""))
    with tempfile.NamedTemporaryFile() as filler:
        filler.truncate(free - 512)
        image.run("mcopy", "-i", volume, filler.name, "::/filler")


def no_report(path):
    return [f"{name} is there" for name in names(path) if "report" in name] + untouched(path)


BLACK_BOX = [
    Sequence("black-box-stop", FEW_STEPS, fast=True),
    Sequence("black-box", ALL_STEPS),
    Sequence("black-box-smm", ALL_STEPS, qemu.Machine(screen="none", firmware="secboot")),
    reporting("report", fast=True),
    reporting("report-usb", disk="usb"),
    reporting("report-no-screen", disk="nvme", screen="none"),
    Sequence("report-write-protected", (Step((passes, says(REFUSED.format("Write Protected"), times=2)), REPORTING),),
             qemu.Machine(disk_mode="readonly=on")),
    Sequence("report-full", fast=True, steps=(
        Step((passes, says(REFUSED.format("Volume Full"), times=2)), REPORTING, before=(fill,), after=(no_report,)),)),
]
