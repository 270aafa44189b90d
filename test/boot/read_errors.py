# SPDX-License-Identifier: BSD-2-Clause
"""Disks that cannot be read everywhere (QEMU's blkdebug): an error that comes once is survived, one that stays is reported.
A driver that never comes back from a damaged folder ends in a reset.

The files stand far apart, because firmware reads ahead: the sector that fails must be read for the loader's file first.
"""

import os
import re
from dataclasses import dataclass

from vm import qemu

from .bad_input import Bad, BadInputs, bad_inputs
from .boot import BUILD, Boot, disk
from .expect import ends, passes, says
from .fat32 import VOLUME_OFFSET, Volume, ring

SECTOR_BYTES = 512
APART = bytes(512 << 10)
RULE = '[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "{}"\nonce = "{}"\n'
CONF = "cmdline = exit=qemu\nmodule = \\baton\\module\n"
FILES = {"kernel": "baton/kernel.elf", "module": "baton/module", "configuration": "baton/baton~1.con"}
# In the middle of the file, or in its only cluster.
DEPTH = {"kernel": 40, "module": 20, "configuration": 0}


def sector_of(volume, path, depth):
    """The disk's sector that holds one of the file's clusters."""
    clusters = volume.chain(volume.first_cluster(volume.entry(path)))
    return (VOLUME_OFFSET + volume.data_offset + (clusters[depth] - 2) * volume.cluster_bytes) // SECTOR_BYTES


def drive(path, folder, errors):
    """The drive's file name for QEMU.  errors: pairs of a file on the volume and the number of its cluster that cannot be read."""
    rules = os.path.join(folder, "blkdebug.conf")
    with open(rules, "w", encoding="ascii") as file, Volume(path) as volume:
        for where, depth, once in errors:
            file.write(RULE.format(sector_of(volume, where, depth), "on" if once else "off"))
    return f"blkdebug:{rules}:{path}"


@dataclass(frozen=True)
class OneError(Boot):
    """The first read of one sector fails; afterwards the disk is fine."""
    errors: tuple = ()

    def drive(self, path, folder):
        return drive(path, folder, self.errors)

    def judge(self, result, outcome):
        super().judge(result, outcome)
        with open(os.path.join(BUILD, "boot", self.name, "debugcon.txt"), encoding="utf-8", errors="replace") as file:
            if not re.search(r"failed \(Device Error\), once more", file.read()):
                result.problems.append("no error was met")
                result.passed, result.failed = 0, 1
        return [result]


@dataclass(frozen=True)
class Errors(BadInputs):
    """Sectors that can never be read."""
    errors: tuple = ()

    def drive(self, path, folder):
        return drive(path, folder, self.errors)


def one_error(what, fast=False):
    files = disk(conf=CONF, cmdline=None, **{"baton/a-pad": APART, "baton/c-pad": APART, "baton/module": bytes(range(256)) * 200,
                                             "baton/l-pad": APART})
    return OneError(f"read-once-{what}", (passes,), files=files, fast=fast, errors=((FILES[what], DEPTH[what], True),))


FAILED = r"reading at offset \d+ failed \(Device Error\)"
PERMANENT = [
    Bad("ekernel", rf"ekernel\\kernel\.elf: {FAILED}", files={"c-pad": APART}),
    # Where the sector lies in its cache, edk2's FAT driver may answer the second read with zeros and success.
    Bad("ekernel0", rf"ekernel0\\kernel\.elf: ({FAILED}|not an ELF file)", files={"c-pad": APART}),
    Bad("econf", rf"econf\\baton\.cnf: {FAILED}"),
    Bad("ecmdline", rf"ecmdline\\words\.txt: {FAILED}", "kernel = {here}\\kernel.elf\ncmdline-file = {here}\\words.txt\n",
        {"words.txt": b"words", "a-pad": APART}),
    Bad("emodule", rf"emodule\\zmodule: {FAILED}", "kernel = {here}\\kernel.elf\nmodule = {here}\\zmodule\n",
        {"zmodule": bytes(range(256)) * 200, "m-pad": APART}),
    # The disk's error has passed with its file.
    Bad("eafter", r"eafter\\absent: cannot be opened on the boot volume \(Not Found\)", "kernel = {here}\\absent\n"),
]
ERRORS = (("bad/ekernel/kernel.elf", 40), ("bad/ekernel0/kernel.elf", 0), ("bad/econf/baton.cnf", 0), ("bad/ecmdline/words.txt", 0),
          ("bad/emodule/zmodule", 20))

def ring_of_baton(path):
    with Volume(path) as volume:
        ring(volume, "baton")


# The firmware's driver looks for the first file that is not there until the loader's watchdog bites (L2).  With a microsecond for each
# instruction its five minutes are seconds; QEMU ends at the reset, where a return of the loader would lead to the shell.
RING_FOLDER = Boot("ring-folder", (ends(), says("^BdsDxe: starting"), says("^baton: verdict", times=0)),
                   machine=qemu.Machine(more=("-icount", "shift=10,sleep=off")),
                   files=disk(conf=CONF, cmdline=None), damage=(ring_of_baton,), fast=True)

READ_ERRORS = [
    RING_FOLDER,
    one_error("kernel", fast=True),
    one_error("module"),
    one_error("configuration"),
    bad_inputs("read-never", PERMANENT, Errors, errors=tuple((path, depth, False) for path, depth in ERRORS), fast=True),
]
