# SPDX-License-Identifier: BSD-2-Clause
"""Machines that count instructions, saved just before LoadImage and restored for each run.

-icount shift=0 makes the time stamp counter count the guest's instructions.  The starter (efi/starter.c) stands on a small disk
of its own and waits in the saved machine for the orders that the new QEMU process has in fw_cfg; only then it looks at the other
disk, so one saved machine does for disks of any content.  A machine with NVMe cannot be migrated (QEMU 7.2) and starts anew for
each run.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from boot.boot import BUILD
from gremlin.machine import monitor, said_instead
from vm import image, qemu

FOLDER = os.path.join(BUILD, "bench")
STARTER = os.path.join(FOLDER, "starter.efi")
PLUGIN = os.path.join(FOLDER, "plugin.so")
START_SECONDS = 600   # against hangs
RUN_SECONDS = 1800
STAMP = re.compile(r"^bench: (\S+) ([0-9a-f]{16})$", re.MULTILINE)
COUNTING = ("-icount", "shift=0")
SMALL_MIB = 1024      # of memory, for payloads up to 128 MiB
# The starter's own disk comes first; the other one by the device under test.
OWN_DISK = ("-drive", "if=none,id=own,format=raw,readonly=on,file={}", "-device", "virtio-blk-pci,drive=own,bootindex=0")


class BenchError(Exception):
    """A run that did not come to its end, or ended in the wrong place."""


@dataclass
class Run:
    """What one run said."""
    stamps: list      # (name, value), in the order they came
    events: list      # of the plugin: (instructions, iterations of REP, their bytes) at every RDTSC
    text: str = ""    # of the serial line

    def get(self, name):
        return next(value for key, value in self.stamps if key == name)

    def all(self, name):
        return [value for key, value in self.stamps if key == name]


def pinned(command):
    """On one processor, where taskset is to be had: QEMU's threads then take turns and do not race."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(min(os.sched_getaffinity(0))), *command] if taskset else command


class Bench:
    """A kind of machine: memory, the device of its disk, more arguments for QEMU."""

    def __init__(self, disk="virtio-blk", memory_mib=SMALL_MIB, more=()):
        self.name, self.disk = f"{disk}-{memory_mib}", disk
        own = os.path.join(FOLDER, "starter.img")
        if not os.path.exists(own) or os.path.getmtime(own) < os.path.getmtime(STARTER):
            image.make_image(own, {"EFI/BOOT/BOOTX64.EFI": STARTER})
        self.machine = qemu.Machine(memory_mib=memory_mib, disk=disk,
                                    more=(*COUNTING, *(word.format(own) for word in OWN_DISK), *more))
        with open(STARTER, "rb") as file:
            key = hashlib.sha256(file.read() + repr(self.command("IMAGE", "STAMPS")).encode()).hexdigest()[:12]
        self.saved = os.path.join(FOLDER, "machines", f"{self.name}-{key}")

    def migratable(self):
        return self.disk != "nvme"

    def command(self, disk, stamps):
        words = qemu.arguments(self.machine, disk, "tcg", stamps)
        words = [word.replace("bootindex=0", "bootindex=1") if "drive=disk" in word else word for word in words]
        return pinned([word.replace("virtio-blk-pci,", "virtio-blk-pci,ioeventfd=off,") for word in words])

    def save(self, disk):
        """Starts the machine, with any disk, and saves it where the starter waits.

        Without -icount, under which a firmware boot takes minutes.  The counting machine's clock then starts anew, and the
        firmware's timer interrupts are due long after the end of a run.
        """
        os.makedirs(os.path.dirname(self.saved), exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            control = os.path.join(folder, "monitor")
            command = [word for word in self.command(disk, "/dev/null") if word not in COUNTING]
            command += ["-monitor", f"unix:{control},server=on,wait=off"]
            with subprocess.Popen(qemu.limited(command, START_SECONDS), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) as process:
                said = said_instead(process, b"bench: waiting")
                if said is not None:
                    raise BenchError(f"{self.name}: the starter does not wait: {said}")
                complaint = monitor(control, f'migrate "exec:cat > {self.saved}.tmp"')
                process.terminate()
        if "rror" in complaint:
            raise BenchError(complaint)
        os.rename(f"{self.saved}.tmp", self.saved)

    def run(self, disk, orders, plugin=PLUGIN, reached="kernel"):
        """One run with this disk; orders: words of efi/starter.c.  None as plugin: the disk takes its time.

        Raises BenchError when the stamp `reached` is not there.
        """
        if self.migratable() and not os.path.exists(self.saved):
            self.save(disk)
        with tempfile.TemporaryDirectory() as folder:
            text, events, stamps = (os.path.join(folder, name) for name in ("orders", "events", "stamps"))
            with open(text, "w", encoding="ascii") as file:
                file.write(f"run {orders}")
            command = self.command(disk, stamps) + ["-fw_cfg", f"name=opt/baton/gremlin,file={text}"]
            if self.migratable():
                command += ["-incoming", f"exec:cat {self.saved}"]
            if plugin:
                command += ["-plugin", f"{plugin},out={events}"]
            outcome = qemu.run(command, RUN_SECONDS)
            with open(stamps, encoding="ascii", errors="replace") as file:
                found = [(name, int(value, 16)) for name, value in STAMP.findall(file.read())]
            if outcome.status != qemu.PASS or not any(name == reached for name, _ in found):
                said = f"{outcome.text[-400:]}{outcome.errors[-400:]}"
                raise BenchError(f"{self.name}, {orders}: {outcome.reason}, status {outcome.status}, {found[-3:]}: {said}")
            return Run(found, read_events(events) if plugin else [], outcome.text)


def read_events(path):
    with open(path, encoding="ascii") as file:
        return [tuple(map(int, line.split())) for line in file]
