# SPDX-License-Identifier: BSD-2-Clause
"""Starts QEMU machines with UEFI firmware and a disk image, and reads what they say.

A machine gets the serial line on standard output, port 0xE9 in a file, and port 0xF4 as the way out: a guest that writes v
there ends QEMU with the status 2v+1, so Baton's kernels end with PASS or FAIL below and never with a status that QEMU itself uses.
The variable store and the disk are snapshots: nothing that a guest writes reaches the files, unless a machine's disk_mode says so.
"""

import functools
import os
import re
import selectors
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from . import ovmf

PASS, FAIL = 33, 35
PROGRAM = os.environ.get("QEMU", "qemu-system-x86_64")
PROBE_SECONDS = 20
OVERLAP_BYTES = 4096  # how far a pattern may reach back into what was looked at before
KILL_SECONDS = 5  # between the polite end of a machine whose time is up and the other one

DISKS = {
    "none": (),
    "virtio-blk": ("-device", "virtio-blk-pci,drive=disk,bootindex=0"),
    "virtio-scsi": ("-device", "virtio-scsi-pci,id=scsi", "-device", "scsi-hd,drive=disk,bus=scsi.0,bootindex=0"),
    "ide": ("-device", "ide-hd,drive=disk,bus=ide.0,bootindex=0"),  # of a pc machine; a q35 machine's ide.0 is AHCI too
    "ahci": ("-device", "ahci,id=ahci", "-device", "ide-hd,drive=disk,bus=ahci.0,bootindex=0"),
    "nvme": ("-device", "nvme,drive=disk,serial=baton,bootindex=0"),
    "usb": ("-device", "qemu-xhci", "-device", "usb-storage,drive=disk,bootindex=0"),
}
SCREENS = {
    "none": (),
    "std": ("-device", "VGA"),
    "bochs": ("-device", "bochs-display"),
    "virtio": ("-device", "virtio-vga"),
    "virtio-gpu": ("-device", "virtio-gpu-pci"),
    "qxl": ("-device", "qxl-vga"),
    "ramfb": ("-device", "ramfb"),
}
SERIAL = {
    True: lambda debug_log: ("-serial", "stdio", "-debugcon", f"file:{debug_log}"),
    False: lambda debug_log: ("-serial", "none", "-debugcon", "stdio"),
    None: lambda debug_log: (),
}
# What a terminal is told and a reader need not see: colours, cursor positions, a reset.
TERMINAL_CODES = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Za-z0-9]|[a-zA-Z])")
# edk2's exception handler stops the machine after this line, which would look like a hang.
FIRMWARE_EXCEPTION = re.compile(r"!!!! X64 Exception")


class QemuMissing(Exception):
    """No QEMU on this machine; the text says what to install."""


def plain(raw):
    """Bytes of the serial line as text without terminal codes."""
    text = TERMINAL_CODES.sub("", raw.decode("utf-8", errors="replace"))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


@dataclass(frozen=True)
class Machine:
    """What QEMU is told to build."""
    machine: str = "q35"
    memory_mib: int = 256
    memory_room: str = ""      # for memory that is plugged in: "slots=4,maxmem=8G"
    cpu: str = "max"
    cpus: int = 1
    disk: str = "virtio-blk"
    screen: str = "std"
    display: str = "none"      # or what window() returns
    serial: bool = True        # False: no UART at all; standard output is port 0xE9 instead; None: `more` says it all
    firmware: str = "default"  # a variant of ovmf.find()
    disk_mode: str = "snapshot=on"  # "snapshot=off": what the guest writes stays in the image; "readonly=on": it cannot write
    store: str = ""            # a copy of the firmware's variable store that keeps what is written
    more: tuple = ()           # any other arguments


@dataclass
class Outcome:
    """How a machine ended and what it said."""
    status: int = -1           # of QEMU's process
    reason: str = "ended"      # or: "time limit", "firmware exception", "matched"
    seconds: float = 0.0
    raw: bytearray = field(default_factory=bytearray)
    errors: str = ""           # QEMU's own messages
    disk_changed: bool = False # for who compares the disk before and after
    pictures: list = field(default_factory=list)  # of the screen, for who takes some

    @property
    def text(self):
        """The serial line as a reader sees it."""
        return plain(self.raw)


def firmware_arguments(firmware, store=""):
    if not firmware.vars:
        return ["-bios", firmware.code]
    arguments = ["-drive", f"if=pflash,unit=0,format={firmware.code_format},readonly=on,file={firmware.code}",
                 "-drive", f"if=pflash,unit=1,format={firmware.vars_format},snapshot={'off' if store else 'on'},file={store or firmware.vars}"]
    if firmware.smm:
        arguments += ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
    return arguments


def program():
    found = shutil.which(PROGRAM)
    if not found:
        raise QemuMissing(f"{PROGRAM} is missing; run: sh tools/setup (Debian: qemu-system-x86, Fedora and Arch: qemu-system-x86)")
    return found


def window():
    """The kind of window that this QEMU can open."""
    kinds = subprocess.run([program(), "-display", "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    for kind in ("gtk", "sdl", "cocoa"):
        if kind in kinds.decode().split():
            return kind
    raise QemuMissing(f"{PROGRAM} has no window here; run: sh tools/setup all (Debian: qemu-system-gui, Fedora and Arch: qemu-ui-gtk)")


def arguments(machine, image, accelerator, debug_log="/dev/null"):
    """The command line of QEMU for this machine; image may be None."""
    firmware = ovmf.find(machine.firmware)
    command = [program(), "-accel", accelerator, "-machine", machine.machine + (",smm=on" if firmware.smm else ""),
               "-m", f"{machine.memory_mib}M" + (f",{machine.memory_room}" if machine.memory_room else ""), "-cpu", machine.cpu, "-smp", str(machine.cpus),
               "-nodefaults", "-display", machine.display, "-no-reboot", "-monitor", "none",
               *SERIAL[machine.serial](debug_log),
               "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
               *firmware_arguments(firmware, machine.store), *SCREENS[machine.screen]]
    if image:
        command += ["-drive", f"if=none,id=disk,format=raw,{machine.disk_mode},file={image}", *DISKS[machine.disk]]
    return command + list(machine.more)


def limited(command, seconds):
    """The command with its time limit on the process itself: it ends even when whoever started it has been killed."""
    timeout = shutil.which("timeout") or shutil.which("gtimeout")
    return [timeout, "-k", str(KILL_SECONDS), str(seconds), *command] if timeout and seconds else command


def run(command, seconds, until=None, echo=None, at_match=None):
    """Runs a machine to its end, to its time limit, or until the regular expression `until` matches what it has said.

    echo: called with each piece of serial output as it comes.  at_match: called when `until` has matched, before the machine ends.
    """
    outcome, errors, started = Outcome(), bytearray(), time.monotonic()
    process = subprocess.Popen(limited(command, seconds), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, outcome.raw)
        selector.register(process.stderr, selectors.EVENT_READ, errors)
        try:
            while selector.get_map() and outcome.reason == "ended":
                # Without coreutils' timeout this is the only limit.
                left = started + seconds + 2 * KILL_SECONDS - time.monotonic() if seconds else None
                seen = len(outcome.raw)
                for key, _ in selector.select(left):
                    piece = os.read(key.fd, 65536)
                    if not piece:
                        selector.unregister(key.fileobj)
                    key.data.extend(piece)
                    if key.data is outcome.raw and echo:
                        echo(piece)
                outcome.reason = why_to_stop(outcome.raw[max(0, seen - OVERLAP_BYTES):], errors, until)
                if left is not None and left <= 0:
                    outcome.reason = "time limit"
            if outcome.reason == "matched" and at_match:
                at_match()
        finally:
            if selector.get_map():
                process.terminate()
    outcome.status = process.returncode
    outcome.seconds = time.monotonic() - started
    outcome.errors = errors.decode(errors="replace")
    if outcome.status in (124, 137):
        outcome.reason = "time limit"
    return outcome


def why_to_stop(said, errors, until):
    """Looks at what came last; "ended" means that nothing speaks against waiting for the machine's own end."""
    text = plain(said)
    if FIRMWARE_EXCEPTION.search(text):
        return "firmware exception"
    if b"KVM internal error" in errors:
        return "KVM internal error"
    return "matched" if until and re.search(until, text) else "ended"


@functools.lru_cache(maxsize=None)
def accelerator():
    """"kvm" where it works, else "tcg"; ACCEL names one without a question.

    A device node is no proof: there are hosts whose /dev/kvm makes machines that cannot run the firmware.  So the firmware is
    started, and KVM works when it speaks.
    """
    if os.environ.get("ACCEL"):
        return os.environ["ACCEL"]
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    outcome = run(arguments(Machine(screen="none"), None, "kvm"), PROBE_SECONDS, until=r"[ -~]|\n")
    return "kvm" if outcome.raw and outcome.reason != "KVM internal error" else "tcg"
