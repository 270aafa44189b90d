# SPDX-License-Identifier: BSD-2-Clause
"""Boot entries of the firmware (UEFI 2.10 section 3.1), by efibootmgr.  Ours go to the end of the boot order; others stay."""

import re
import shutil
import subprocess

LABEL, PREVIOUS_LABEL = "Baton", "Baton (previous)"
ENTRY = re.compile(r"^Boot([0-9A-Fa-f]{4})\*? ([^\t\n]*)", re.MULTILINE)
ORDER = re.compile(r"^BootOrder: ([0-9A-Fa-f,]+)$", re.MULTILINE)
PROGRAM = "efibootmgr"


class EntryError(Exception):
    """The firmware's boot entries could not be changed; the text says why."""


def efibootmgr(*arguments):
    done = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise EntryError(f"{PROGRAM}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")


def why_not(system):
    """Why there can be no boot entries here, or None."""
    if not system.names_in("sys/firmware/efi"):
        return "this machine was not started by UEFI firmware"
    return None if shutil.which(PROGRAM) else f"{PROGRAM} is not installed"


def entries():
    """{number: label}."""
    return {number.upper(): label.rstrip() for number, label in ENTRY.findall(efibootmgr())}


def create(disk, partition, label, loader, options=""):
    """A new entry at the end of the boot order; returns its number.  loader: a path as the firmware writes it."""
    before = entries()
    text = ("--unicode", options) if options else ()
    said = efibootmgr("--create-only", "--disk", disk, "--part", partition, "--label", label, "--loader", loader, *text)
    fresh = sorted(set(entries()) - set(before))
    if len(fresh) != 1:
        raise EntryError(f"{PROGRAM} made {len(fresh)} entries where one is due: {said.strip()}")
    order = ORDER.search(efibootmgr())
    efibootmgr("--bootorder", f"{order[1]},{fresh[0]}" if order else fresh[0])
    return fresh[0]


def remove(known):
    """Deletes entries, {label: number}, that still bear their labels."""
    there = entries()
    for label, number in known.items():
        if there.get(number) == label:
            efibootmgr("--bootnum", number, "--delete-bootnum")


def update(known, disk, partition, wanted):
    """Makes the entries be those wanted, {label: (loader, options)}; known: {label: number} of ours.  Returns the new known."""
    there = entries()
    kept = {label: number for label, number in known.items() if label in wanted and there.get(number) == label}
    remove({label: number for label, number in known.items() if label not in wanted})
    made = {label: create(disk, partition, label, *what) for label, what in wanted.items() if label not in kept}
    return {**kept, **made}
