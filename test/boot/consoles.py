# SPDX-License-Identifier: BSD-2-Clause
"""A machine whose serial console is not at COM1, as its ACPI tables say."""

import os
import struct
from dataclasses import dataclass, replace

from vm.qemu import Machine

from .boot import BUILD, Boot, disk
from .expect import ends, facts, passes, says

COM2 = 0x2F8


def spcr(base):
    """The body of a Serial Port Console Redirection Table: a 16550 at an I/O port.  QEMU puts the header before it."""
    return struct.pack("<BBBB" "BBBBQ" "BBIBBBBB", 0x12, 0, 0, 0, 1, 8, 0, 1, base, 0, 0, 0, 7, 0, 1, 0, 0).ljust(44, b"\0")


@dataclass(frozen=True)
class SecondPort(Boot):
    """The one serial port is COM2: all of the output comes from there."""

    def boot(self, folder):
        table = os.path.join(folder, "spcr.bin")
        with open(table, "wb") as file:
            file.write(spcr(COM2))
        more = ("-serial", "none", "-chardev", "stdio,id=line", "-device", f"isa-serial,iobase={COM2:#x},irq=3,chardev=line",
                "-debugcon", f"file:{os.path.join(folder, 'debugcon.txt')}", "-acpitable", f"sig=SPCR,rev=2,data={table}")
        return Boot.boot(replace(self, machine=replace(self.machine, serial=None, more=more)), folder)


CONSOLES = [
    SecondPort("serial-com2", (passes, facts(serial_console="io", serial_console_at=COM2)), Machine(screen="none"), fast=True),
    SecondPort("serial-com2-stop", (says(r"^baton: stop code=9 "), says(r"^baton: short "), ends("matched")), Machine(screen="none"),
               files=disk(kernel=os.path.join(BUILD, "kernels", "exceptions.elf"), cmdline="provoke=ud"), until=r"baton: short .*\n"),
]
