# SPDX-License-Identifier: BSD-2-Clause
"""Machines that are restored from a snapshot taken just before the gremlin reads its cases: no firmware start for each of them.

The snapshot lies in the two writable drives (disk and variable store, qcow2); a restored machine finds its cases in fw_cfg, whose
content is the new QEMU process's and not the snapshot's.  Each of the machines that run at the same time has its own copies.
"""

import os
import queue
import re
import shutil
import socket
import subprocess
import threading

from boot.boot import BUILD, KERNEL, LOADER
from vm import image, ovmf, qemu

GREMLIN = os.path.join(BUILD, "test", "gremlin.efi")
FOLDER = os.path.join(BUILD, "gremlin")
NAME = "waiting"          # of the snapshot
START_SECONDS = 120       # against hangs: until the gremlin waits
MONITOR_SECONDS = 60
CONF = ("kernel = \\baton\\kernel.elf\ncmdline-file = \\baton\\cmdline.txt\nmodule = \\baton\\module1 first\n"
        "module = \\baton\\module2 second\nmodule = \\baton\\empty third\n")
DISK = {"EFI/BOOT/BOOTX64.EFI": GREMLIN, "EFI/BATON/MEMMAP.EFI": os.path.join(BUILD, "memmap.efi"), "baton/kernel.elf": KERNEL, "gremlin.cnf": CONF.encode(),
        "loud.cnf": (CONF + "verbose = yes\n").encode(), "writes.cnf": (CONF + "blackbox = yes\nreport = yes\n").encode(),
        "baton/cmdline.txt": b"exit=qemu", "baton/module1": b"1" * 5000, "baton/module2": b"2" * 70000, "baton/empty": b""}


class SnapshotError(Exception):
    """No snapshot could be taken; the text says why."""


def drives(command, disk, variables):
    """The same machine with drives that keep what is written: internal snapshots need that, and restoring takes it back."""
    changed = []
    for word in command:
        if "snapshot=on" in word:
            path = disk if word.startswith("if=none") else variables
            word = re.sub(r"format=[a-z0-9]+", "format=qcow2", re.sub(r"file=.*", f"file={path}", word.replace("snapshot=on,", "")))
        changed.append(word)
    return changed


def said_instead(process, word):
    """Reads what a machine says until it says this word, and returns None; where it ends before, the end of what it said."""
    said = b""
    while word not in said:
        piece = process.stdout.read1(65536)
        if not piece:
            return qemu.plain(said)[-500:]
        said += piece
    return None


def monitor(path, command):
    """One command for QEMU's monitor; returns when it has been carried out, with what was said."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(MONITOR_SECONDS)
        line.connect(path)
        said = b""
        for text in ("", command + "\n"):
            line.sendall(text.encode())
            while not said.endswith(b"(qemu) "):
                piece = line.recv(4096)
                if not piece:
                    return said.decode(errors="replace")
                said += piece
            said = said if text else b""
        return said.decode(errors="replace")


class Snapshot:
    """A machine that waits for cases.  machine: what QEMU builds; jobs: how many of it may run at a time; loader: what is started."""

    def __init__(self, name, machine, jobs, loader=LOADER):
        self.machine, self.jobs, self.loader = machine, jobs, loader
        self.folder = os.path.join(FOLDER, name)
        self.command = None
        self.lock = threading.Lock()
        self.free = queue.Queue()

    def prepare(self):
        """Takes the snapshot, once."""
        with self.lock:
            if self.command:
                return
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            raw, disk, variables = (os.path.join(self.folder, name) for name in ("disk.img", "disk.qcow2", "vars.qcow2"))
            image.make_image(raw, {**DISK, "EFI/BATON/LOADER.EFI": self.loader, "gremlin.txt": b"wait\n"})
            firmware = ovmf.find(self.machine.firmware)
            for source, form, target in ((raw, "raw", disk), (firmware.vars, firmware.vars_format, variables)):
                image.run("qemu-img", "convert", "-f", form, "-O", "qcow2", source, target)
            os.remove(raw)
            self.command = qemu.arguments(self.machine, "DISK", qemu.accelerator())
            self.save(disk, variables)
            for job in range(self.jobs):
                self.free.put(self.copy(job, disk, variables))

    def save(self, disk, variables):
        control = os.path.join(self.folder, "monitor")
        command = drives(self.command, disk, variables) + ["-monitor", f"unix:{control},server=on,wait=off"]
        with subprocess.Popen(qemu.limited(command, START_SECONDS), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            said = said_instead(process, b"gremlin: waiting")
            if said is not None:
                raise SnapshotError("the gremlin does not wait for cases: " + said)
            complaint = monitor(control, f"savevm {NAME}")
            process.terminate()
        if "rror" in complaint:
            raise SnapshotError(complaint)

    def copy(self, job, disk, variables):
        folder = os.path.join(self.folder, str(job))
        os.makedirs(folder)
        return [shutil.copy(path, folder) for path in (disk, variables)]

    def run(self, name, lines, seconds, until=None, more=()):
        """Runs the gremlin with these cases, and QEMU with more arguments; returns qemu.Outcome and what went to the debug port."""
        self.prepare()
        folder = os.path.join(self.folder, "cases", name)
        os.makedirs(folder, exist_ok=True)
        cases, debug = os.path.join(folder, "gremlin.txt"), os.path.join(folder, "debugcon.txt")
        with open(cases, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in lines))
        files = self.free.get()
        try:
            command = [f"file:{debug}" if word == "file:/dev/null" else word for word in drives(self.command, *files)]
            outcome = qemu.run(command + ["-loadvm", NAME, "-fw_cfg", f"name=opt/baton/gremlin,file={cases}", *more], seconds, until=until)
        finally:
            self.free.put(files)
        with open(os.path.join(folder, "serial.txt"), "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        with open(debug, encoding="utf-8", errors="replace") as file:
            return outcome, file.read()
