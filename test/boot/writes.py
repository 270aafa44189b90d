# SPDX-License-Identifier: BSD-2-Clause
"""That a write to the disk fails a boot is seen on the one program here that writes: memmap.efi saves the map that it shows."""

from dataclasses import dataclass

from .bad_input import LEAKCHECK
from .boot import WRITTEN, Boot
from .memmap import MEMMAP


@dataclass(frozen=True)
class WriteNoticed(Boot):
    """A boot that must fail, and for no other reason."""

    def judge(self, result, outcome):
        super().judge(result, outcome)
        noticed = result.problems == [WRITTEN]
        result.problems = [] if noticed else [f"that the disk was written to is not what was found, but {result.problems}"]
        result.passed, result.failed = (0, 1) if result.problems else (1, 0)
        return [result]


WRITES = [
    WriteNoticed("write-noticed", (), fast=True, files={
        "EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": MEMMAP, "leakcheck.txt": b"memmap.efi once\n"}),
]
