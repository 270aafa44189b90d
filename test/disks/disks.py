# SPDX-License-Identifier: BSD-2-Clause
"""The sound disks that are damaged: one with a checksum for everything, as tools/make-image writes them, one without any."""

import os

from boot.boot import BUILD, KERNEL, LOADER
from vm import checksums, image

from .expected import signature
from .layout import Layout

CMDLINE = "exit=qemu"
MODULES = (("first", "baton/first", bytes(range(251)) * 20), ("second", "baton/second", bytes(range(256)) * 270))
CONF = "".join(f"module = \\{path} {name}\n".replace("/", "\\") for name, path, _ in MODULES)
FOLDER = os.path.join(BUILD, "disks")


def small_kernel(name):
    """The kernel stub without its debug information: more of the damages hit what matters, and symbols are left as a tail."""
    path = os.path.join(FOLDER, f"{name}.elf")
    image.PACKAGES.setdefault("objcopy", "binutils")
    image.run("objcopy", "--strip-debug", KERNEL, path)
    return path


def files(checked, loader, kernel):
    plain = {"EFI/BOOT/BOOTX64.EFI": loader, "baton/kernel.elf": kernel, "baton/cmdline.txt": CMDLINE.encode(),
             "baton/baton.conf": CONF.encode(), **{path: data for _, path, data in MODULES}}
    return checksums.checked(plain, os.path.join(BUILD, "baton")) if checked else plain


class Disk:
    """A sound disk on the host, its layout, and what a right boot from it has in memory."""

    def __init__(self, checked, name):
        self.checked, self.name = checked, name
        self.path = os.path.join(FOLDER, f"{name}.img")
        os.makedirs(FOLDER, exist_ok=True)
        kernel = small_kernel(name)
        with open(LOADER, "rb") as file:
            self.loader = file.read()
        image.make_image(self.path, files(checked, self.loader, kernel))
        self.layout = Layout(self.path)
        with open(kernel, "rb") as file:
            self.kernel = file.read()
        self.signature = signature(self.kernel, [(name, data) for name, _, data in MODULES], CMDLINE)
