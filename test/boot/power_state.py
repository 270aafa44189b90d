# SPDX-License-Identifier: BSD-2-Clause
"""What is left on disk and in the variable store when the power has gone: files by mtools, the file system by fsck.fat, variables
by the layout of edk2's store (MdeModulePkg/Include/Guid/VariableFormat.h)."""

import os
import shutil
import struct
import subprocess
import tempfile

from vm import image

BLACK_BOX = ("BatonBlackBox", bytes.fromhex("6c2e9a5d41b74f4c9e0b3d52a871c6e4"))
RECORD_BYTES, RECORD_STATES = 80, {2: "armed", 3: "stopped", 4: "passed", 5: "failed"}
VOLUME_OFFSET = image.FIRST_MIB * image.MIB
VARIABLE, ADDED, IN_DELETION = struct.Struct("<HBBIQ16sIII16s"), 0x3F, 0x3E
START_ID, STORE_HEADER_BYTES = 0x55AA, 28
# What fsck.fat says, by a word of it; none of these touches a file that is not the loader's.
KINDS = {"Dirty bit": "dirty bit", "FATs differ": "FATs differ", "Free cluster summary": "count of free clusters",
         "Reclaimed": "lost clusters", "Orphan": "lost clusters", "unused cluster": "lost clusters",
         "cluster chain length": "file and chain differ", "bad": "bad name or entry", "Bad": "bad name or entry"}


def same_files(disk, files):
    """Complaints about files (name: content) that the loader must never change; those of the loader's own are not looked at."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mcopy", "-n", "-Q", "-s", "-i", f"{disk}@@{image.FIRST_MIB}M", "::/EFI", "::/baton", folder],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        problems = [] if done.returncode == 0 else ["mcopy: " + done.stdout.decode(errors="replace").strip()[:200]]
        for name, content in files.items():
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    if file.read() != content:
                        problems.append(f"{name} has changed")
            except OSError:
                problems.append(f"{name} is gone")
    return problems


def check_volume(disk, files):
    """What fsck.fat finds on a copy of the volume, by kind, and complaints about the copy when it has been repaired."""
    with tempfile.TemporaryDirectory() as folder:
        volume, repaired = os.path.join(folder, "volume"), os.path.join(folder, "repaired.img")
        with open(disk, "rb") as source, open(volume, "wb") as target:
            source.seek(VOLUME_OFFSET)
            target.write(source.read()[:-VOLUME_OFFSET])
        said = fsck("-n", volume)
        found = sorted({kind for word, kind in KINDS.items() if word in said}) if said else []
        if not said:
            return ["clean"], []
        fsck("-a", volume)
        shutil.copyfile(disk, repaired)
        with open(volume, "rb") as source, open(repaired, "r+b") as target:
            target.seek(VOLUME_OFFSET)
            target.write(source.read())
        return found or [said.splitlines()[0][:60]], [f"after fsck.fat: {problem}" for problem in same_files(repaired, files)]


def fsck(mode, volume):
    """What it complains about, or nothing."""
    program = shutil.which("fsck.fat", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    done = subprocess.run([program, mode, volume], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return "" if done.returncode == 0 else done.stdout.decode(errors="replace")


def variables(store):
    """The variables that firmware finds in the bytes of a store: {(name, vendor): (attributes, data)}."""
    header_bytes, = struct.unpack_from("<H", store, 48)
    size, = struct.unpack_from("<I", store, header_bytes + 16)
    at, end, found = header_bytes + STORE_HEADER_BYTES, header_bytes + size, {}
    while at + VARIABLE.size <= end:
        start, state, _, attributes, _, _, _, name_bytes, data_bytes, vendor = VARIABLE.unpack_from(store, at)
        if start != START_ID:
            break
        name_at = at + VARIABLE.size
        data_at = name_at + (name_bytes if name_bytes != 0xFFFFFFFF else 0)
        if state in (ADDED, IN_DELETION):
            key = (store[name_at:data_at].decode("utf-16-le", errors="replace").rstrip("\0"), vendor)
            # One that is being replaced counts until the other is there.
            if state == ADDED or key not in found:
                found[key] = (attributes, store[data_at:data_at + data_bytes])
        at = (data_at + (data_bytes if data_bytes != 0xFFFFFFFF else 0) + 3) & ~3
    return found


def black_box(store):
    """The state that the store's record has: "none", "armed", ...; None for one that is neither absent nor whole."""
    found = variables(store).get(BLACK_BOX)
    if found is None:
        return "none"
    attributes, data = found
    if attributes != 7 or len(data) != RECORD_BYTES or not data.startswith(b"BatonBox"):
        return None
    return RECORD_STATES.get(struct.unpack_from("<I", data, 16)[0])


def same_variables(before, after):
    """Complaints about variables that are not the black box."""
    old, new = ({key: value for key, value in variables(store).items() if key != BLACK_BOX} for store in (before, after))
    problems = [f"variable {name} has changed" for (name, vendor), value in old.items() if new.get((name, vendor)) != value]
    problems += [f"variable {name} is new" for name, vendor in new.keys() - old.keys()]
    return problems + ([] if black_box(after) else ["the black box holds half a record"])
