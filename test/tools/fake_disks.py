# SPDX-License-Identifier: BSD-2-Clause
"""Machines that are not there, for flash-usb and install-esp: /sys, /proc and /dev in a folder, disks as files."""

import json
import os

USB_PLACE = "devices/pci0000:00/0000:00:14.0/usb2/2-1"
SATA_PLACE = "devices/pci0000:00/0000:00:17.0/ata1"
# Prints what is noted for a device; any other is unknown to it.
LSBLK = '#!/bin/sh\nfor device; do :; done\ncat "$0.$(basename "$device")" 2>/dev/null\n'


class FakeMachine:
    """A machine with the disk sda, where the system is, unless told otherwise."""

    def __init__(self, folder, system=True):
        self.folder, self.bin = folder, os.path.join(folder, "bin")
        self.mounts, self.majors = [], 0
        for place in ("sys/block", "proc/self", "dev/disk/by-id", "bin"):
            os.makedirs(os.path.join(folder, place))
        self.write("proc/swaps", "Filename Type Size Used Priority\n")
        self.program("lsblk", LSBLK)
        if system:
            self.disk("sda", 64 << 20, usb=False, partitions=("sda1", "sda2"))
            self.mount("sda2", "/")
            self.mount("sda1", "/boot/efi", "vfat")

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def program(self, name, text):
        self.write(f"bin/{name}", text)
        os.chmod(os.path.join(self.bin, name), 0o755)

    def environment(self):
        return {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}

    def dev(self, name):
        return os.path.join(self.folder, "dev", name)

    def sys(self, name, path, text):
        self.write(f"sys/block/{name}/{path}", f"{text}\n")

    def disk(self, name, size, usb=True, removable=True, serial="", partitions=(), sector=512, node_bytes=None):
        """A disk of so many bytes; its node is a sparse file, as large unless told otherwise."""
        place = f"{USB_PLACE}.{name}" if usb else f"{SATA_PLACE}.{name}"
        target = os.path.join(self.folder, "sys", place, "block", name)
        os.makedirs(target)
        os.symlink(os.path.relpath(target, os.path.join(self.folder, "sys/block")), os.path.join(self.folder, "sys/block", name))
        if usb:
            self.write(f"sys/{place}/idVendor", "0781\n")
            self.write(f"sys/{place}/serial", f"{serial}\n")
        self.majors += 16
        for path, text in {"size": size // 512, "dev": f"8:{self.majors}", "removable": int(removable and usb), "ro": 0,
                           "diskseq": self.majors, "queue/logical_block_size": sector, "device/vendor": "Fake",
                           "device/model": f"Stick {name}"}.items():
            self.sys(name, path, text)
        for number, part in enumerate(partitions, 1):
            self.partition(name, part, number, size // 4)
        with open(self.dev(name), "wb") as file:
            file.truncate(size if node_bytes is None else node_bytes)
        return self.dev(name)

    def partition(self, name, part, number, size):
        for path, text in {"partition": number, "size": size // 512, "dev": f"8:{self.majors + number}"}.items():
            self.sys(name, f"{part}/{path}", text)
        self.write(f"dev/{part}", "")

    def built_on(self, holder, *below):
        """A device of the mapper's or md's, on others."""
        self.majors += 16
        self.sys(holder, "dev", f"9:{self.majors}")
        self.write(f"dev/{holder}", "")
        for name, part in below:
            os.makedirs(os.path.join(self.folder, "sys/block", name, part, "holders", holder))
            os.makedirs(os.path.join(self.folder, "sys/block", holder, "slaves", part or name))

    def number(self, name):
        for disk in os.listdir(os.path.join(self.folder, "sys/block")):
            for path in (f"{disk}/dev" if disk == name else "", f"{disk}/{name}/dev"):
                path = os.path.join(self.folder, "sys/block", path)
                if os.path.isfile(path):
                    with open(path, encoding="ascii") as file:
                        return file.read().strip()
        raise KeyError(name)

    def mount(self, name, point, filesystem="ext4", number=None):
        """number: what mountinfo says instead of the device's own, as btrfs does."""
        self.mounts.append((name, point))
        escaped = point.replace(" ", "\\040")
        number = number or self.number(name)
        line = f"{len(self.mounts)} 1 {number} / {escaped} rw,relatime shared:1 - {filesystem} /dev/{name} rw\n"
        with open(os.path.join(self.folder, "proc/self/mountinfo"), "a", encoding="utf-8") as file:
            file.write(line)

    def content(self, name, filesystem, label="", children=()):
        """What lsblk says of a disk; children: (name, filesystem, label)."""
        def node(*words):
            return dict(zip(("name", "fstype", "label", "size"), (*words, 1 << 20)))
        self.write(f"bin/lsblk.{name}", json.dumps({"blockdevices": [
            {**node(name, filesystem, label), "children": [node(*child) for child in children]}]}))

    def umount_that_works(self):
        """An umount that takes the mount out of mountinfo."""
        info = os.path.join(self.folder, "proc/self/mountinfo")
        self.program("umount", f'#!/bin/sh\necho "$1" >>"$0.log"\ngrep -v " $1 " {info} >{info}.new\nmv {info}.new {info}\n')
