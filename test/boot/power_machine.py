# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is restored from a state saved just before the loader starts, with disk and variable store of its own each time.

Both are plain files, so that what QEMU's process has written when it dies is what a machine finds that is switched on again.  With
-icount the same machine does the same things at the same instructions every time: its time is the count of its instructions.
"""

import os
import re
import shutil
import subprocess

from gremlin.machine import SnapshotError, monitor, said_instead
from vm import image, ovmf, qemu

from .boot import BUILD, KERNEL, LOADER

WAITER = os.path.join(BUILD, "test", "waiter.efi")
PLUGIN = os.path.join(BUILD, "test", "power_cut.so")
CUT = 99                  # status of a machine whose power was cut
SECONDS = 300             # against hangs
COUNT = re.compile(r"power_cut: (\d+) instructions")
CONF = b"report = yes\nblackbox = yes\nmodule = \\baton\\module\n"
FILES = {"EFI/BOOT/BOOTX64.EFI": WAITER, "EFI/BATON/LOADER.EFI": LOADER, "EFI/BATON/MEMMAP.EFI": os.path.join(BUILD, "memmap.efi"),
         "baton/kernel.elf": KERNEL, "baton/baton.conf": CONF,
         "baton/cmdline.txt": b"exit=qemu svam=off", "baton/module": bytes(range(256)) * 300}


def content(source):
    if isinstance(source, bytes):
        return source
    with open(source, "rb") as file:
        return file.read()


class PowerMachine:
    """folder: for its files, emptied.  files: what stands on its disk and may never change."""

    def __init__(self, folder, firmware="default"):
        self.folder, self.firmware = folder, ovmf.find(firmware)
        self.disk, self.store, self.state = (os.path.join(folder, name) for name in ("disk.img", "store.fd", "state"))

    def prepare(self):
        """Boots until the waiter waits, and saves the machine beside its disk and its variable store."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.files = {name: content(source) for name, source in FILES.items()}
        image.make_image(self.disk, self.files)
        image.run("qemu-img", "convert", "-f", self.firmware.vars_format, "-O", "raw", self.firmware.vars, self.store)
        control = os.path.join(self.folder, "monitor")
        command = self.command(self.disk, self.store) + ["-monitor", f"unix:{control},server=on,wait=off"]
        with subprocess.Popen(qemu.limited(command, SECONDS), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            said = said_instead(process, b"waiter: waiting")
            if said is not None:
                raise SnapshotError("the waiter does not wait: " + said)
            monitor(control, "migrate_set_parameter max-bandwidth 8G")
            complaint = monitor(control, f'migrate "exec:cat > {self.state}"')
            monitor(control, "quit")
        if "rror" in complaint or not os.path.getsize(self.state):
            raise SnapshotError(complaint or "the machine could not be saved")

    def command(self, disk, store, logs=None, more=()):
        """logs: files for QEMU's blklogwrites, of the disk and of the store."""
        firmware = self.firmware
        machine = "q35,pflash0=code,pflash1=store" + (",smm=on" if firmware.smm else "")
        command = [qemu.program(), "-accel", "tcg", "-icount", "shift=3,sleep=off", "-machine", machine, "-m", "128", "-cpu", "max",
                   "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
                   "-rtc", "base=2026-01-02T03:04:05,clock=vm",
                   "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                   "-blockdev", f"driver={firmware.code_format},node-name=code,read-only=on,file.driver=file,"
                                f"file.filename={firmware.code}"]
        for node, path, log in zip(("disk", "store"), (disk, store), logs or (None, None)):
            if log:
                command += ["-blockdev", f"driver=blklogwrites,node-name={node},file.driver=file,file.locking=off,file.filename={path},"
                            f"log.driver=file,log.filename={log}"]
            else:
                command += ["-blockdev", f"driver=raw,node-name={node},file.driver=file,file.locking=off,file.filename={path}"]
        if firmware.smm:
            command += ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
        return command + ["-device", "virtio-blk-pci,drive=disk,bootindex=0", *more]

    def go(self):
        """For QEMU: what the waiter waits for."""
        return ["-fw_cfg", "name=opt/baton/gremlin,string=go"]

    def restored(self, disk, store, logs=None, cut=None):
        """Runs the saved machine on copies of its disk and store; returns the Outcome and how many instructions it took, if not cut."""
        shutil.copyfile(self.disk, disk)
        shutil.copyfile(self.store, store)
        plugin = PLUGIN if cut is None else f"{PLUGIN},at={cut}"
        more = ("-monitor", "none", "-incoming", f"exec:cat {self.state}", *self.go(), "-plugin", plugin)
        command = self.command(disk, store, logs, more)
        outcome = qemu.run(command, SECONDS)
        found = COUNT.search(outcome.errors)
        return outcome, int(found.group(1)) if found else None

    def start_again(self, disk, store):
        """Switches a machine on that finds these: from the firmware's first instruction."""
        return qemu.run(self.command(disk, store, more=("-monitor", "none", *self.go())), SECONDS)
