# SPDX-License-Identifier: BSD-2-Clause
"""Boots from everything that is not a plain image on a disk with sectors of 512 bytes: CD, ISO on a stick, the formats of hypervisors,
4Kn."""

import dataclasses
import os
import subprocess
from dataclasses import dataclass

from vm import image, qemu

from .boot import SECONDS, TREE, Boot
from .expect import facts, passes, warns_of_nothing
from .machine_facts import machine_facts

CD = "readonly=on,media=cdrom,format=raw"
STICK = "snapshot=on,format=raw"
BLOCKS_4096 = "logical_block_size=4096,physical_block_size=4096"
EXPECT = (passes, warns_of_nothing, machine_facts)
# A CD has no partition whose GUID could be told; on a stick the same bytes have one, which xorriso derives from the disk's.
EXPECT_CD = (passes, warns_of_nothing, facts(volume="00000000-0000-0000-0000-000000000000"))
EXPECT_ISO_STICK = (passes, warns_of_nothing, facts(volume="ba70ba70-0000-4000-8002-000000000003"))


def to_iso(path):
    subprocess.run([f"{TREE}/tools/make-iso", path, "-o", f"{path}.iso"], check=True)
    return f"{path}.iso"


@dataclass(frozen=True)
class Medium(Boot):
    convert: object = None    # a function of the path of the raw image that makes the medium of it and returns that one's path
    drive: str = STICK        # properties of QEMU's drive
    devices: tuple = ()       # the drive is called "disk"
    sector_bytes: int = 512

    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        image.make_image(path, self.files, sector_bytes=self.sector_bytes)
        medium = self.convert(path) if self.convert else path
        drive = ("-drive", f"if=none,id=disk,{self.drive},file={medium}")
        machine = dataclasses.replace(self.machine, more=(*drive, *self.devices, *self.machine.more))
        command = qemu.arguments(machine, None, qemu.accelerator(), os.path.join(folder, "debugcon.txt"))
        outcome = qemu.run(command, SECONDS, until=self.until)
        for file in {path, medium}:
            os.remove(file)
        return outcome


def device(*words):
    return tuple(part for word in words for part in ("-device", word))


AHCI_CD = device("ahci,id=ahci", "ide-cd,drive=disk,bus=ahci.0,bootindex=0")
SCSI_CD = device("virtio-scsi-pci,id=scsi", "scsi-cd,drive=disk,bus=scsi.0,bootindex=0")
VIRTIO = device("virtio-blk-pci,drive=disk,bootindex=0")
XHCI = device("qemu-xhci", "usb-storage,drive=disk,removable=on,bootindex=0")
EHCI = device("usb-ehci", "usb-storage,drive=disk,removable=on,bootindex=0")


def cd(name, devices, fast=False, **machine):
    return Medium(name, EXPECT_CD, qemu.Machine(**machine), convert=to_iso, drive=CD, devices=devices, fast=fast)


def disk_4096(name, controller, fast=False):
    return Medium(name, EXPECT, devices=device(*(f"{word},{BLOCKS_4096}" if "drive=" in word else word for word in controller)),
                  sector_bytes=4096, fast=fast)


def hypervisor(form):
    """As `make image FORMAT=...` makes it."""
    return Medium(f"image-{form}", EXPECT, convert=lambda path: image.convert(path, form),
                  drive=f"snapshot=on,format={image.FORMATS[form][0]}", devices=VIRTIO)


MEDIA = [
    cd("cd-ahci", AHCI_CD, fast=True),
    cd("cd-ide", device("ide-cd,drive=disk,bus=ide.0,bootindex=0"), machine="pc"),
    cd("cd-scsi", SCSI_CD),
    Medium("iso-stick", EXPECT_ISO_STICK, convert=to_iso, devices=XHCI),
    Medium("stick-ehci", EXPECT, devices=EHCI),
    disk_4096("disk-4096-virtio-blk", ("virtio-blk-pci,drive=disk,bootindex=0",)),
    disk_4096("disk-4096-nvme", ("nvme,drive=disk,serial=baton,bootindex=0",), fast=True),
    disk_4096("disk-4096-scsi", ("virtio-scsi-pci,id=scsi", "scsi-hd,drive=disk,bus=scsi.0,bootindex=0")),
    *(hypervisor(form) for form in image.FORMATS),
]
