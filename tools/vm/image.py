# SPDX-License-Identifier: BSD-2-Clause
"""Makes a disk image that UEFI firmware boots: protective MBR, GPT and one FAT32 EFI system partition, by sgdisk and mtools.

No root, no mounts, no loop devices.  The same files give the same bytes: every GUID and serial number is fixed, files go in
sorted, and mtools takes its time stamps from SOURCE_DATE_EPOCH.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile

SECTOR_BYTES = 512
MIB = 1 << 20
FIRST_MIB = 1  # in front of the partition; as much again behind it holds the backup GPT
# With clusters of one sector 48 MiB give 96,000 clusters; below 65,525 the same bytes would be FAT16, and firmware that counts them
# (as the FAT specification says to do) would misread the volume.
ESP_MIB_MIN = 48
DISK_GUID = "ba70ba70-0000-4000-8000-000000000001"
PARTITION_GUID = "ba70ba70-0000-4000-8000-000000000002"
VOLUME_SERIAL = "ba70ba70"
EPOCH = "1735689600"  # 2025-01-01T00:00:00Z, unless the user's SOURCE_DATE_EPOCH says otherwise
PACKAGES = {"sgdisk": "gdisk (Arch: gptfdisk)", "mformat": "mtools", "mcopy": "mtools", "mmd": "mtools"}


class ImageError(Exception):
    """The image could not be made; the text says why."""


def run(*command):
    environment = {**os.environ, "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    environment.setdefault("SOURCE_DATE_EPOCH", EPOCH)
    # sgdisk lives in /usr/sbin, which is not on everybody's PATH.
    environment["PATH"] += os.pathsep + os.pathsep.join(("/usr/sbin", "/sbin"))
    program = shutil.which(command[0], path=environment["PATH"])
    if not program:
        raise ImageError(f"{command[0]} is missing; install {PACKAGES[command[0]]} or run: sh tools/setup")
    done = subprocess.run([program, *command[1:]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise ImageError(f"{' '.join(command)}: {done.stdout.decode(errors='replace').strip()}")


def make_empty(path, esp_mib):
    """An image with an empty volume.  (sgdisk has no quiet flag: with -q it succeeds and makes no partition.)"""
    first, sectors = FIRST_MIB * MIB // SECTOR_BYTES, esp_mib * MIB // SECTOR_BYTES
    with open(path, "wb") as file:
        file.truncate((esp_mib + 2 * FIRST_MIB) * MIB)
    run("sgdisk", "--clear", f"--disk-guid={DISK_GUID}", f"--new=1:{first}:{first + sectors - 1}", "--typecode=1:EF00",
        f"--partition-guid=1:{PARTITION_GUID}", "--change-name=1:EFI system partition", path)
    # -H: the volume's boot sector must say where it starts on the disk.
    run("mformat", "-i", f"{path}@@{FIRST_MIB}M", "-F", "-c", "1", "-T", str(sectors), "-h", "255", "-s", "63", "-H", str(first),
        "-N", VOLUME_SERIAL, "-v", "BATON", "::")


def empty_image(path, esp_mib, cache):
    """As make_empty, from a copy kept in the folder `cache`: sgdisk waits a second after writing."""
    with open(__file__, "rb") as file:
        key = hashlib.sha256(file.read() + os.environ.get("SOURCE_DATE_EPOCH", EPOCH).encode()).hexdigest()[:12]
    kept = os.path.join(cache, f"empty-{esp_mib}-{key}.img")
    if not os.path.exists(kept):
        os.makedirs(cache, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, delete=False) as file:
            make_empty(file.name, esp_mib)
        os.rename(file.name, kept)
    shutil.copyfile(kept, path)


def stage(files, folder):
    """Lays the files out in a folder as they shall stand on the volume; returns their folders, parents first, root excluded."""
    folders = set()
    for name, source in files.items():
        parts = name.strip("/").split("/")
        target = os.path.join(folder, *parts)
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if source is None:
            os.makedirs(target)
            folders.add("/".join(parts))
        elif isinstance(source, bytes):
            with open(target, "wb") as file:
                file.write(source)
        else:
            shutil.copyfile(source, target)
    return sorted(folders)


def make_image(path, files, cache):
    """Makes the image `path`.  files: {name on the volume, with "/": path of a file, its bytes, or None for an empty folder}."""
    sizes = [len(source) if isinstance(source, bytes) else os.path.getsize(source) for source in files.values() if source is not None]
    esp_mib = max(ESP_MIB_MIN, sum(sizes) * 11 // 10 // MIB + 8)
    temporary = f"{path}.tmp"
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    empty_image(temporary, esp_mib, cache)
    volume = f"{temporary}@@{FIRST_MIB}M"
    with tempfile.TemporaryDirectory() as staging:
        folders = stage(files, staging)
        if folders:
            run("mmd", "-i", volume, *(f"::/{folder}" for folder in folders))
        for folder in ["", *folders]:
            entries = sorted(os.scandir(os.path.join(staging, folder)), key=lambda entry: entry.name)
            plain = [entry.path for entry in entries if entry.is_file()]
            if plain:
                run("mcopy", "-i", volume, *plain, f"::/{folder}")
    os.replace(temporary, path)
