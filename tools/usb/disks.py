# SPDX-License-Identifier: BSD-2-Clause
"""The disks of this Linux machine and what they are used for: from sysfs (its ABI/stable/sysfs-block), mountinfo, swaps.

Everything is read below `root`, so that the tests can show machines that are not there.
"""

import functools
import json
import os
import re
import subprocess
from dataclasses import dataclass

SYSFS_SECTOR_BYTES = 512  # sysfs counts in these, whatever the disk's own are
NOT_STICKS = re.compile(r"(ram|zram|sr|fd|dm-|md|nbd|mtdblock|mmcblk\d+(boot|rpmb))")


@dataclass(frozen=True)
class Partition:
    name: str
    size_bytes: int


@dataclass(frozen=True)
class Disk:
    """A whole disk.  Two readings are equal when nothing was plugged in its place between them."""
    name: str           # "sdb"
    path: str           # its device node
    number: str         # major:minor
    size_bytes: int     # 0: no medium
    sector_bytes: int
    kind: str           # "USB", "SD card", "loop device", or "" for anything else
    removable: bool
    read_only: bool
    model: str
    serial: str         # "" when it has none
    sequence: str       # the kernel's count of media, newer kernels only
    partitions: tuple


@dataclass(frozen=True)
class Mount:
    number: str         # major:minor; of no block device for btrfs, overlay and others
    source: str
    point: str
    filesystem: str


@dataclass(frozen=True)
class Content:
    """What lsblk knows of a disk or of something on it."""
    name: str
    size_bytes: int
    filesystem: str
    label: str


def unescaped(text):
    """As mountinfo and swaps write blanks: octal."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def printable(text):
    """A name that a device gives itself, fit for a terminal: printable ASCII, single blanks."""
    return " ".join("".join(letter if " " <= letter <= "~" else "?" for letter in text).split())


class System:
    def __init__(self, root=""):
        self.root = root.rstrip("/")

    def at(self, *path):
        return os.path.join(f"{self.root}/", *(part.lstrip("/") for part in path))

    def read(self, *path):
        """The text of a file, "" when there is none."""
        try:
            with open(self.at(*path), encoding="utf-8", errors="replace") as file:
                return file.read().strip()
        except OSError:
            return ""

    def names_in(self, *path):
        try:
            return sorted(os.listdir(self.at(*path)))
        except OSError:
            return []

    # --- disks ----------------------------------------------------------------------------------------------------------

    def partitions(self, name):
        """Names of the partitions of a disk."""
        return [part for part in self.names_in("sys/block", name) if self.read("sys/block", name, part, "partition")]

    @functools.cached_property
    def parents(self):
        """{name of a partition: name of its disk}."""
        return {part: name for name in self.names_in("sys/block") for part in self.partitions(name)}

    @functools.cached_property
    def numbers(self):
        """{major:minor: name} of all disks and partitions."""
        numbers = {self.read("sys/block", name, "dev"): name for name in self.names_in("sys/block")}
        return {**numbers, **{self.read("sys/block", disk, part, "dev"): part for part, disk in self.parents.items()}}

    def usb_device(self, name):
        """The folder in sysfs of the USB device that a disk is a part of, or None."""
        place = os.path.realpath(self.at("sys/block", name))
        while place not in ("/", self.root):
            if os.path.exists(os.path.join(place, "idVendor")):
                return place[len(self.root):]
            place = os.path.dirname(place)
        return None

    def kind(self, name):
        if self.usb_device(name):
            return "USB"
        if self.read("sys/block", name, "device/type") == "SD":
            return "SD card"
        return "loop device" if self.read("sys/block", name, "loop/backing_file") else ""

    def serial(self, name):
        usb = self.usb_device(name)
        places = ([(usb, "serial")] if usb else []) + [("sys/block", name, "device/serial"), ("sys/block", name, "serial")]
        return next(filter(None, (self.read(*place) for place in places)), "")

    def size(self, *path):
        return int(self.read(*path, "size") or 0) * SYSFS_SECTOR_BYTES

    def disk(self, name):
        place = ("sys/block", name)
        sector_bytes = int(self.read(*place, "queue/logical_block_size") or 512)
        model = self.read(*place, "device/model") or self.read(*place, "device/name")
        return Disk(
            name, self.at("dev", name), self.read(*place, "dev"), self.size(*place), sector_bytes,
            self.kind(name), self.read(*place, "removable") == "1", self.read(*place, "ro") == "1",
            printable(f"{self.read(*place, 'device/vendor')} {model}"), printable(self.serial(name)),
            self.read(*place, "diskseq"),
            tuple(Partition(part, self.size(*place, part)) for part in self.partitions(name)))

    def disks(self):
        return [self.disk(name) for name in self.names_in("sys/block") if not NOT_STICKS.match(name)]

    def content(self, disk):
        """What stands on a disk, as far as lsblk can tell; without lsblk only its partitions."""
        try:
            said = subprocess.run(["lsblk", "--json", "--bytes", "--output", "NAME,SIZE,FSTYPE,LABEL", disk.path],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
            nodes = json.loads(said)["blockdevices"]
        except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
            return [Content(part.name, part.size_bytes, "", "") for part in disk.partitions]
        found = []
        while nodes:
            node = nodes.pop(0)
            nodes += node.get("children", [])
            found.append(Content(node["name"], int(node["size"] or 0), node["fstype"] or "", printable(node["label"] or "")))
        return [one for one in found if one.filesystem or one.name != disk.name]

    # --- what they are used for ------------------------------------------------------------------------------------------

    def mounts(self):
        for line in self.read("proc/self/mountinfo").splitlines():
            before, _, after = line.partition(" - ")
            fields, (filesystem, source, *_) = before.split(), after.split()
            yield Mount(fields[2], unescaped(source), unescaped(fields[4]), filesystem)

    def swaps(self):
        """Paths of devices and files that are swapped to."""
        return [unescaped(line.split()[0]) for line in self.read("proc/swaps").splitlines()[1:] if line.strip()]

    def name_of(self, path):
        """The name of the block device at this path, or None when there is none."""
        name = os.path.basename(os.path.realpath(self.at(path)))
        return name if path.startswith("/dev/") and name in self.numbers.values() else None

    def disks_of_mount(self, mount):
        return self.disks_beneath(self.numbers.get(mount.number) or self.name_of(mount.source))

    def disks_of_file(self, path):
        """Names of the disks that hold a file."""
        holding = [mount for mount in self.mounts() if f"{path}/".startswith(mount.point.rstrip("/") + "/")]
        return self.disks_of_mount(max(holding, key=lambda mount: len(mount.point))) if holding else set()

    def disks_of_path(self, path):
        """Names of the disks beneath a device or a file."""
        name = self.name_of(path)
        return self.disks_beneath(name) if name else self.disks_of_file(path)

    def disks_beneath(self, name, seen=frozenset()):
        """Names of the disks that a block device lies on, itself included: through LVM, md, dm-crypt and loop devices."""
        if not name or name in seen:
            return set()
        disk, seen = self.parents.get(name, name), seen | {name}
        below = self.names_in("sys/block", name, "slaves") + ([disk] if disk != name else [])
        found = {disk}.union(*(self.disks_beneath(one, seen) for one in below))
        backing = self.read("sys/block", disk, "loop/backing_file")
        return found | (self.disks_of_path(backing) if backing else set())

    def holders(self, disk):
        """Names of the devices that are built on a disk or its partitions: LVM, md, dm-crypt, bcache."""
        return self.names_in("sys/block", disk.name, "holders") + [
            holder for part in disk.partitions for holder in self.names_in("sys/block", disk.name, part.name, "holders")]
