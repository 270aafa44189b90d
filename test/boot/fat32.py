# SPDX-License-Identifier: BSD-2-Clause
"""Changes the FAT32 volume of an image in ways that mtools would never write (Microsoft, FAT32 File System Specification 1.03).

Only short names (8.3) are looked up; the first FAT and its copy are kept alike, so that firmware finds no second opinion.
"""

import struct

VOLUME_OFFSET = 1 << 20
END_OF_CHAIN = 0x0FFFFFFF
BAD_CLUSTER = 0x0FFFFFF7
ENTRY_BYTES = 32
ATTRIBUTE_VOLUME = 0x08  # of the label, and of the pieces of long names


class Volume:
    """Use as a context manager: changes are in the file when the block ends."""

    def __init__(self, image):
        self.file = open(image, "r+b")
        boot = self._read(0, 512)
        self.sector_bytes, sectors_per_cluster, reserved, self.fats = struct.unpack_from("<HBHB", boot, 11)
        self.fat_sectors, = struct.unpack_from("<I", boot, 36)
        self.root, = struct.unpack_from("<I", boot, 44)
        self.cluster_bytes = self.sector_bytes * sectors_per_cluster
        self.fat_offset = reserved * self.sector_bytes
        self.data_offset = self.fat_offset + self.fats * self.fat_sectors * self.sector_bytes
        self.clusters = (struct.unpack_from("<I", boot, 32)[0] * self.sector_bytes - self.data_offset) // self.cluster_bytes

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def _read(self, offset, count):
        self.file.seek(VOLUME_OFFSET + offset)
        return self.file.read(count)

    def _write(self, offset, data):
        self.file.seek(VOLUME_OFFSET + offset)
        self.file.write(data)

    def next(self, cluster):
        """The cluster that follows in the chain."""
        return struct.unpack("<I", self._read(self.fat_offset + 4 * cluster, 4))[0] & 0x0FFFFFFF

    def link(self, cluster, following):
        """Makes `following` what comes after a cluster, in every FAT."""
        for fat in range(self.fats):
            self._write(self.fat_offset + fat * self.fat_sectors * self.sector_bytes + 4 * cluster, struct.pack("<I", following))

    def swap(self, here, there, clusters):
        """What stands in so many clusters changes places; links are not touched."""
        places = [self.data_offset + (cluster - 2) * self.cluster_bytes for cluster in (here, there)]
        data = [self._read(place, clusters * self.cluster_bytes) for place in places]
        for place, bytes_there in zip(places, reversed(data)):
            self._write(place, bytes_there)

    def chain(self, cluster):
        """The clusters of a sound chain."""
        clusters = []
        while 2 <= cluster < BAD_CLUSTER:
            clusters.append(cluster)
            cluster = self.next(cluster)
        return clusters

    def entry(self, path):
        """Where the directory entry of a file or folder stands; path: "BAD/SHORT/KERNEL.ELF"."""
        cluster, offset = self.root, None
        for part in path.upper().split("/"):
            stem, _, extension = part.partition(".")
            offset = self._find(cluster, f"{stem:8}{extension:3}".encode())
            cluster = self.first_cluster(offset)
        return offset

    def _find(self, cluster, name):
        for each in self.chain(cluster):
            start = self.data_offset + (each - 2) * self.cluster_bytes
            for offset in range(start, start + self.cluster_bytes, ENTRY_BYTES):
                entry = self._read(offset, ENTRY_BYTES)
                if entry[:11] == name and not entry[11] & ATTRIBUTE_VOLUME:
                    return offset
        raise KeyError(name)

    def first_cluster(self, entry):
        high, = struct.unpack("<H", self._read(entry + 20, 2))
        low, = struct.unpack("<H", self._read(entry + 26, 2))
        return high << 16 | low

    def set_first_cluster(self, entry, cluster):
        self._write(entry + 20, struct.pack("<H", cluster >> 16))
        self._write(entry + 26, struct.pack("<H", cluster & 0xFFFF))

    def set_size(self, entry, size):
        self._write(entry + 28, struct.pack("<I", size))


def ring(volume, path):
    """The folder has no end: its last cluster is followed by its first, and what is unused in it is marked as deleted."""
    clusters = volume.chain(volume.first_cluster(volume.entry(path)))
    for place in (volume.data_offset + (cluster - 2) * volume.cluster_bytes for cluster in clusters):
        for offset in range(place, place + volume.cluster_bytes, ENTRY_BYTES):
            if volume._read(offset, 1) == b"\0":
                volume._write(offset, b"\xe5")
    volume.link(clusters[-1], clusters[0])


def cut_chain(volume, path):
    """The chain ends after the first cluster, though the size says that there are more."""
    volume.link(volume.first_cluster(volume.entry(path)), END_OF_CHAIN)


def chain_to_free(volume, path):
    """The second cluster of the chain is marked free."""
    volume.link(volume.first_cluster(volume.entry(path)), 0)


def chain_to_bad(volume, path):
    """The chain runs into a cluster that is marked bad."""
    volume.link(volume.first_cluster(volume.entry(path)), BAD_CLUSTER)


def chain_outside(volume, path):
    """The chain leaves the volume."""
    volume.link(volume.first_cluster(volume.entry(path)), volume.clusters + 100)


def start_outside(volume, path):
    """The first cluster lies outside the volume."""
    volume.set_first_cluster(volume.entry(path), volume.clusters + 100)


def start_missing(volume, path):
    """The file has a size but no clusters."""
    volume.set_first_cluster(volume.entry(path), 0)


def size_beyond_chain(volume, path):
    """The size says 4 GiB - 1, more than the volume has."""
    volume.set_size(volume.entry(path), 0xFFFFFFFF)


def in_pieces(image, path, piece_bytes):
    """Cuts a contiguous file of an image into pieces, none behind the one before: neighbours change places, a last odd one
    stays."""
    with Volume(image) as volume:
        entry = volume.entry(path)
        clusters, each = volume.chain(volume.first_cluster(entry)), piece_bytes // volume.cluster_bytes
        pieces = [clusters[at:at + each] for at in range(0, len(clusters), each)]
        for here, there in zip(pieces[::2], pieces[1::2]):
            if len(here) == len(there):
                volume.swap(here[0], there[0], each)
                here[:], there[:] = list(there), list(here)
        chain = [cluster for piece in pieces for cluster in piece]
        for cluster, following in zip(chain, [*chain[1:], END_OF_CHAIN]):
            volume.link(cluster, following)
        volume.set_first_cluster(entry, chain[0])
