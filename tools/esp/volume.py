# SPDX-License-Identifier: BSD-2-Clause
"""Files on a FAT volume, replaced so that at any moment the old or the new one is whole.

FAT knows no journal: what is promised is the order.  New bytes are on the disk, and have been read back, before the name is moved
to them in one step of the file system; a power failure in that very step may cost the name, but not the previous version, which
has another.  Names are looked up as FAT does it, without regard to case, on whatever file system the folder is.
"""

import hashlib
import os

NEW = ".new"  # behind the name of a file that is being written


class VolumeError(Exception):
    """The volume cannot take the files; the text says why."""


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Volume:
    """The files below a folder.  Paths are relative to it, with /."""

    def __init__(self, root):
        self.root = os.path.realpath(root)

    def at(self, path):
        """Where a path is, or would be, with the case of the names that exist."""
        place = self.root
        for part in path.split("/"):
            try:
                there = {name.lower(): name for name in os.listdir(place)}
            except OSError:
                there = {}
            place = os.path.join(place, there.get(part.lower(), part))
        return place

    def exists(self, path):
        return os.path.lexists(self.at(path))

    def read(self, path):
        """The bytes of a file, None when there is none."""
        try:
            with open(self.at(path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def make_folders(self, path):
        """Makes the folders of a file; returns those that were missing, parents first."""
        parts = path.split("/")[:-1]
        made = [folder for folder in ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)) if not self.exists(folder)]
        for folder in made:
            os.mkdir(self.at(folder))
        return made

    def replace(self, path, data):
        """Writes a file, which may exist.  Its folder must."""
        target = self.at(path)
        temporary = target + NEW
        with open(temporary, "wb") as file:
            file.write(data)
            self.to_disk(file)
        with open(temporary, "rb") as file:
            if file.read() != data:
                raise VolumeError(f"{temporary}: what was read back is not what was written")
        self.move(temporary, target)
        self.sync_folder(os.path.dirname(target))

    @staticmethod
    def to_disk(file):
        file.flush()
        os.fsync(file.fileno())
        # What is read back shall come from the disk, where the kernel can be told so.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    @staticmethod
    def move(source, target):
        os.rename(source, target)

    def remove(self, path):
        """Removes a file, and what there may be of a replacement for it."""
        target = self.at(path)
        for name in (target, target + NEW):
            if os.path.lexists(name):
                os.remove(name)
                self.sync_folder(os.path.dirname(target))

    def remove_folder_if_empty(self, path):
        try:
            os.rmdir(self.at(path))
        except OSError:
            pass

    @staticmethod
    def sync_folder(place):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def free_bytes(self):
        room = os.statvfs(self.root)
        return room.f_bavail * room.f_frsize
