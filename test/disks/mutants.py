# SPDX-License-Identifier: BSD-2-Clause
"""Thousands of damaged disks in one boot (efi/mutant.c): hands them over, reads what happened, goes on behind those that hung."""

import os
import re
import struct
from dataclasses import dataclass

from boot.boot import BUILD
from vm import image, qemu

from . import mutations
from .disks import FOLDER

MUTANT = os.path.join(BUILD, "test", "mutant.efi")
LINE = re.compile(r"^mutant: (\d+) end=(\w+)(.*)$", re.MULTILINE)
END = re.compile(r"^mutant: end runs=(\d+)$", re.MULTILINE)
SECONDS = 600  # against hangs of a whole machine; the program inside ends a run that hangs
EFI_ERROR = 1 << 63
# What became of a disk, in the order of the boot.
NEVER, DAMAGED, HUNG = "never started", "loader damaged", "firmware hangs"
REFUSED, RIGHT, WRONG, BROKEN = "refused", "right bytes", "WRONG BYTES", "BROKEN"


@dataclass(frozen=True)
class Mutant:
    """One damaged disk; its number is its own among those of a batch, kind and seed say how it is damaged."""
    number: int
    kind: str
    seed: int


@dataclass(frozen=True)
class Fate:
    mutant: Mutant
    outcome: str
    said: str          # the loader's message, or what is wrong


def packed(mutants, layout):
    """The file that mutant.efi reads."""
    parts = []
    for mutant in mutants:
        pieces = mutations.damage(mutant.kind, mutant.seed, layout) if mutant.kind else []
        parts.append(struct.pack("<II", mutant.number, len(pieces)))
        parts += [struct.pack("<IHH", sector, offset, len(data)) + data for sector, offset, data in pieces]
    return b"".join(parts) + struct.pack("<II", 0xFFFFFFFF, 0)


def fate_of(mutant, end, rest, disk):
    """The judgement on one line of mutant.efi."""
    words = dict(word.split("=", 1) for word in rest.split(" message=")[0].split() if "=" in word)
    message = rest.partition(" message=")[2]
    if end in ("volume", "file"):
        return Fate(mutant, NEVER, end)
    if end == "damaged":
        return Fate(mutant, DAMAGED, "")
    if end == "caught":
        right = words["blocks"] == "1" and int(words["signature"], 16) == disk.signature
        return Fate(mutant, RIGHT if right else WRONG, "" if right else rest.strip())
    if end == "hung" and (words["started"] == "0" or words["opening"] == "1"):
        return Fate(mutant, HUNG, "in the loader's Open" if words["started"] == "1" else "before the loader")
    if end == "returned":
        problems = [] if int(words["status"], 16) & EFI_ERROR else [f"status {words['status']} is no error"]
        problems += [] if message.startswith("baton: error: ") else ["no message"]
        problems += [f"left {item}" for item in words["left"].split(",") if not item.endswith(":0")]
        problems += [f"{words['writes']} writes"] if words["writes"] != "0" else []
        return Fate(mutant, BROKEN, "; ".join(problems)) if problems else Fate(mutant, REFUSED, message)
    return Fate(mutant, BROKEN, end + rest)


def crashed(mutant, outcome):
    """The machine has ended during this one, without a word of mutant.efi about it."""
    text = " ".join(outcome.text[-2000:].split())
    return Fate(mutant, BROKEN, f"{outcome.reason}: {text[-300:]}")


class Batch:
    """Damages of one disk that share a machine."""

    def __init__(self, name, disk, mutants):
        self.name, self.disk, self.mutants = name, disk, mutants
        self.seconds = 0.0

    def run(self):
        """The fates of all, in as many machines as that takes."""
        left, fates = list(self.mutants), []
        while left:
            outcome = self.boot(left)
            self.seconds += outcome.seconds
            if "mutant: no loader" in outcome.text or "mutant: " not in outcome.text:
                raise RuntimeError(f"{self.name}: mutant.efi does not begin: {outcome.reason} {outcome.text[-300:]}")
            lines = {int(number): (end, rest) for number, end, rest in LINE.findall(outcome.text)}
            done = [mutant for mutant in left if mutant.number in lines]
            fates += [fate_of(mutant, *lines[mutant.number], self.disk) for mutant in done]
            left = [mutant for mutant in left if mutant.number not in lines]
            if left and not END.search(outcome.text) and not (done and lines[done[-1].number][0] == "hung"):
                fates.append(crashed(left.pop(0), outcome))
        return fates

    def boot(self, mutants):
        folder = os.path.join(FOLDER, self.name)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "mutants.img")
        image.make_image(path, {"EFI/BOOT/BOOTX64.EFI": MUTANT, "EFI/BATON/LOADER.EFI": self.disk.loader,
                                "mutants.bin": packed(mutants, self.disk.layout)})
        # The firmware connects only what it may boot from.
        second = ("-drive", f"if=none,id=second,format=raw,readonly=on,file={self.disk.path}",
                  "-device", "virtio-blk-pci,drive=second,bootindex=1")
        machine = qemu.Machine(screen="none", memory_mib=384, more=second)
        outcome = qemu.run(qemu.arguments(machine, path, qemu.accelerator()), SECONDS)
        os.remove(path)
        with open(os.path.join(folder, "serial.txt"), "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        return outcome
