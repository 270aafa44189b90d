# SPDX-License-Identifier: BSD-2-Clause
"""Where everything stands in a sound image: partition tables, FATs, directory entries, the clusters of each file."""

import struct

from boot.fat32 import ATTRIBUTE_VOLUME, ENTRY_BYTES, VOLUME_OFFSET, Volume

SECTOR = 512
ATTRIBUTE_FOLDER = 0x10


class Layout:
    """data: the whole image, never changed.  Offsets are bytes from the start of the disk."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.sectors = len(self.data) // SECTOR
        with Volume(path) as volume:
            self.cluster_bytes, self.clusters, self.root = volume.cluster_bytes, volume.clusters, volume.root
            self.fat_bytes = volume.fat_sectors * volume.sector_bytes
            self.fats = [VOLUME_OFFSET + volume.fat_offset + index * self.fat_bytes for index in range(volume.fats)]
            self.data_offset = VOLUME_OFFSET + volume.data_offset
            self.volume = VOLUME_OFFSET
            self.files, self.folders, self.entries = {}, {"": volume.chain(volume.root)}, []
            self._walk(volume, "")
        self.used = 2 + max(cluster for chain in [*self.files.values(), *self.folders.values()] for cluster in chain)

    def at(self, cluster):
        """Where a cluster begins."""
        return self.data_offset + (cluster - 2) * self.cluster_bytes

    def _walk(self, volume, folder):
        for cluster in self.folders[folder]:
            for offset in range(self.at(cluster), self.at(cluster) + self.cluster_bytes, ENTRY_BYTES):
                entry = self.data[offset:offset + ENTRY_BYTES]
                if entry[0] in (0, 0xE5):
                    continue
                self.entries.append(offset)
                if entry[11] & ATTRIBUTE_VOLUME or entry[0] == ord("."):
                    continue
                stem, extension = entry[:8].decode().rstrip(), entry[8:11].decode().rstrip()
                name = f"{folder}/{stem}{'.' if extension else ''}{extension}".lstrip("/")
                high, low = struct.unpack_from("<H", entry, 20)[0], struct.unpack_from("<H", entry, 26)[0]
                chain = volume.chain(high << 16 | low)
                if entry[11] & ATTRIBUTE_FOLDER:
                    self.folders[name] = chain
                    self._walk(volume, name)
                else:
                    self.files[name] = chain

    def bytes_of(self, chain):
        """The offsets on the disk at which the clusters of a file begin."""
        return [self.at(cluster) for cluster in chain]

    def link(self, fat, cluster):
        """Where one FAT says what follows a cluster."""
        return self.fats[fat] + 4 * cluster
