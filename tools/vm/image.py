# SPDX-License-Identifier: BSD-2-Clause
"""Makes a disk image that UEFI firmware boots: protective MBR, GPT and one FAT32 EFI system partition, the latter by mtools.

No root, no mounts, no loop devices.  The same files give the same bytes: every GUID and serial number is fixed, files go in
sorted, and mtools takes its time stamps from SOURCE_DATE_EPOCH.
"""

import os
import shutil
import subprocess
import tempfile

from . import gpt

MIB = 1 << 20
FIRST_MIB = 1  # in front of the partition; as much again behind it holds the backup GPT
# By sector size: with clusters of one sector 48 MiB give 96,000 clusters; below 65,525 the same bytes would be FAT16, and firmware
# that counts them (as the FAT specification says to do) would misread the volume.
ESP_MIB_MIN = {512: 48, 4096: 264}
DISK_GUID = "ba70ba70-0000-4000-8000-000000000001"
PARTITION_GUID = "ba70ba70-0000-4000-8000-000000000002"
VOLUME_SERIAL = "ba70ba70"
EPOCH = "1735689600"  # 2025-01-01T00:00:00Z, unless the user's SOURCE_DATE_EPOCH says otherwise
PACKAGES = {"mformat": "mtools", "mcopy": "mtools", "mmd": "mtools",
            "qemu-img": "qemu-utils (Fedora, Arch: qemu-img)", "xorriso": "xorriso (Arch: libisoburn)"}
# What qemu-img calls the formats of hypervisors, by the suffix of their files.  VHD: of fixed size and a whole number of MiB, as Azure
# wants it; Hyper-V starts UEFI machines from VHDX only.
FORMATS = {"qcow2": ("qcow2",), "vmdk": ("vmdk",), "vhdx": ("vhdx",), "vhd": ("vpc", "-o", "subformat=fixed,force_size=on")}


class ImageError(Exception):
    """The image could not be made; the text says why."""


def epoch():
    """The time that everything in an image bears, in seconds."""
    return int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))


def run(*command):
    environment = {**os.environ, "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1", "SOURCE_DATE_EPOCH": str(epoch())}
    program = shutil.which(command[0])
    if not program:
        raise ImageError(f"{command[0]} is missing; install {PACKAGES[command[0]]} or run: sh tools/setup")
    done = subprocess.run([program, *command[1:]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise ImageError(f"{' '.join(command)}: {done.stdout.decode(errors='replace').strip()}")


def make_empty(path, esp_mib, sector_bytes, cluster_sectors=1):
    """An image with an empty volume."""
    first, sectors = FIRST_MIB * MIB // sector_bytes, esp_mib * MIB // sector_bytes
    disk_bytes = (esp_mib + 2 * FIRST_MIB) * MIB
    with open(path, "wb") as file:
        file.truncate(disk_bytes)
        gpt.write(file, disk_bytes, sector_bytes, (first, first + sectors - 1), DISK_GUID, PARTITION_GUID, "EFI system partition")
    # -S: the logarithm of the sector size, less 7.  -H: the volume's boot sector must say where it starts on the disk.
    run("mformat", "-i", f"{path}@@{FIRST_MIB}M", "-S", str(sector_bytes.bit_length() - 8), "-F", "-c", str(cluster_sectors),
        "-T", str(sectors), "-h", "255", "-s", "63", "-H", str(first), "-N", VOLUME_SERIAL, "-v", "BATON", "::")


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


def make_image(path, files, *, sector_bytes=512, cluster_sectors=1):
    """Makes the image `path`.  files: {name on the volume, with "/": path of a file, its bytes, or None for an empty folder};
    sector_bytes: of the disk that it is meant for, 512 or 4096; cluster_sectors: of the volume."""
    sizes = [len(source) if isinstance(source, bytes) else os.path.getsize(source) for source in files.values() if source is not None]
    esp_mib = max(ESP_MIB_MIN[sector_bytes] * cluster_sectors, sum(sizes) * 11 // 10 // MIB + 8)
    temporary = f"{path}.tmp"
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    make_empty(temporary, esp_mib, sector_bytes, cluster_sectors)
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


def convert(path, form):
    """Makes an image in the format of a hypervisor of a raw one; returns its path, which has the format's name for its suffix."""
    target = f"{os.path.splitext(path)[0]}.{form}"
    run("qemu-img", "convert", "-f", "raw", "-O", *FORMATS[form], path, f"{target}.tmp")
    os.replace(f"{target}.tmp", target)
    return target
