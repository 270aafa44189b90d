# SPDX-License-Identifier: BSD-2-Clause
"""Writes regions of a disk so that they are on the disk, not in memory, and reads them back past the kernel's cache."""

import fcntl
import os
import sys
import time
from dataclasses import dataclass

CHUNK_BYTES = 4 << 20
BAR_CHARACTERS = 30
# linux/fs.h: _IO(0x12, n).
BLKRRPART, BLKFLSBUF = 0x125F, 0x1261


class CopyError(Exception):
    """The disk does not hold what it should; the text says why."""


@dataclass(frozen=True)
class Region:
    """What shall stand at `offset`: the start of a file, or zeros when there is none."""
    offset: int
    size_bytes: int
    source: object = None  # a path

    def chunks(self):
        """(offset, bytes) from front to back."""
        done = 0
        with open(self.source or "/dev/zero", "rb") as file:
            while done < self.size_bytes:
                data = file.read(min(CHUNK_BYTES, self.size_bytes - done))
                if not data:
                    raise CopyError(f"{self.source} became shorter meanwhile")
                yield self.offset + done, data
                done += len(data)


class Progress:
    """A bar on a terminal, one line at the end elsewhere."""

    def __init__(self, verb, total_bytes, stream):
        self.verb, self.total, self.stream = verb, total_bytes, stream or sys.stderr
        self.done, self.started = 0, time.monotonic()

    def line(self):
        filled = BAR_CHARACTERS * self.done // self.total
        seconds = max(time.monotonic() - self.started, 0.001)
        return (f"{self.verb} [{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] {100 * self.done // self.total:3} %"
                f"  {self.done / (1 << 20):.0f} of {self.total / (1 << 20):.0f} MiB, {self.done / (1 << 20) / seconds:.1f} MiB/s")

    def advance(self, count):
        self.done += count
        if self.stream.isatty():
            self.stream.write(f"\r{self.line()}\x1b[K")
            self.stream.flush()

    def end(self):
        self.stream.write(f"{self.line()}\n" if not self.stream.isatty() else "\n")


def total(regions):
    return sum(region.size_bytes for region in regions)


def write(descriptor, regions, stream=None):
    """Writes and waits for the disk chunk by chunk: the bar, on stderr or `stream`, shows what is done, not what is promised."""
    progress = Progress("writing", total(regions), stream)
    for region in regions:
        for offset, data in region.chunks():
            done = 0
            while done < len(data):
                done += os.pwrite(descriptor, data[done:], offset + done)
            os.fdatasync(descriptor)
            progress.advance(len(data))
    os.fsync(descriptor)
    progress.end()


def drop_cache(descriptor, is_block):
    if is_block:
        fcntl.ioctl(descriptor, BLKFLSBUF)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def compare(descriptor, regions, is_block, stream=None):
    """Reads everything back; CopyError names the first chunk that is not what was written."""
    drop_cache(descriptor, is_block)
    progress = Progress("reading back", total(regions), stream)
    for region in regions:
        for offset, data in region.chunks():
            if os.pread(descriptor, len(data), offset) != data:
                raise CopyError(f"what was read back at byte {offset} and behind is not what was written: the stick is broken, "
                                "or smaller than it says")
            progress.advance(len(data))
    progress.end()


def reread_partitions(descriptor):
    """Tells the kernel about the new partition table.  One that refuses, for partitions in use, sees it when plugged in again."""
    try:
        fcntl.ioctl(descriptor, BLKRRPART)
    except OSError:
        pass
