# SPDX-License-Identifier: BSD-2-Clause
"""Boots of what tools/install-esp has installed: in the place for removable media, and the version before a bad update."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from .bad_input import LEAKCHECK
from .boot import LOADER, TREE, Boot
from .expect import passes, warns_of_nothing

BAD_KERNEL = LOADER  # no ELF file


@dataclass(frozen=True)
class Installed(Boot):
    steps: tuple = ()         # options of one run of install-esp each
    another: object = None    # a function of the installed files {path: bytes} that returns those of another boot loader

    def boot(self, folder):
        with tempfile.TemporaryDirectory() as esp:
            for step in self.steps:
                subprocess.run([sys.executable, f"{TREE}/tools/install-esp", esp, "--directory", *step], check=True,
                               stdout=subprocess.DEVNULL)
            files = {}
            for place, _, names in os.walk(esp):
                for path in (os.path.join(place, name) for name in names):
                    with open(path, "rb") as file:
                        files[os.path.relpath(path, esp)] = file.read()
        files.update(self.another(files) if self.another else {})
        return Boot(self.name, self.expect, self.machine, files).boot(folder)


def starts_previous(files):
    """A boot loader that does what the entry for the previous version does: starts it with its load options."""
    return {"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/baton/loader.efi": files["EFI/baton/previous.efi"],
            "leakcheck.txt": b"previous.efi conf=\\baton\\previous.conf\n"}


INSTALLED = [
    Installed("installed-removable", (passes, warns_of_nothing), steps=(("--removable", "--cmdline", "exit=qemu"),)),
    Installed("installed-previous", (passes, warns_of_nothing), another=starts_previous, fast=True,
              steps=(("--cmdline", "exit=qemu"), ("--cmdline", "exit=qemu", "--kernel", BAD_KERNEL))),
]
