# SPDX-License-Identifier: BSD-2-Clause
"""The list of what has been installed, on the volume itself, in a form that `sha256sum --check` reads.

    HASH  path              a file; while an installation is under way a path may have two lines
    # folder PATH           a folder that was not there before
    # entry NUMBER LABEL    a boot entry of the firmware
"""

from dataclasses import dataclass, field

from .volume import digest

PATH = "EFI/baton/installed.sha256"


@dataclass
class Manifest:
    files: set = field(default_factory=set)       # of (path, hash)
    folders: list = field(default_factory=list)   # parents first
    entries: dict = field(default_factory=dict)   # {label: number as four hexadecimal digits}

    @classmethod
    def read(cls, volume):
        manifest = cls()
        for line in (volume.read(PATH) or b"").decode("utf-8", errors="replace").splitlines():
            words = line.split(None, 3)
            if words[:2] == ["#", "folder"]:
                manifest.folders.append(line.split(None, 2)[2])
            elif words[:2] == ["#", "entry"]:
                manifest.entries[words[3]] = words[2]
            elif words and words[0] != "#":
                manifest.files.add((line.split(None, 1)[1], words[0]))
        return manifest

    def write(self, volume):
        lines = ["# Installed by tools/install-esp, which removes just this with --uninstall."]
        lines += [f"# folder {folder}" for folder in self.folders]
        lines += [f"# entry {number} {label}" for label, number in self.entries.items()]
        lines += [f"{checksum}  {path}" for path, checksum in sorted(self.files)]
        volume.replace(PATH, "".join(f"{line}\n" for line in lines).encode())

    def paths(self):
        return sorted({path for path, _ in self.files})

    def knows(self, volume, path):
        """Whether the file on the volume is one that was installed, byte for byte."""
        data = volume.read(path)
        return data is not None and (path, digest(data)) in self.files
