# SPDX-License-Identifier: BSD-2-Clause
"""Why a disk must not be written.  A reason that a person may know better about has a flag of its own, the others have none."""

import os
from dataclasses import dataclass

GIB = 1 << 30
LARGE_BYTES = 256 * GIB
# Where systems are mounted that are now running.
SYSTEM_POINTS = ("/", "/usr", "/var", "/boot", "/boot/efi", "/efi", "/nix", "/sysroot")
# Parts of something larger, which may be asleep: nothing holds them then.
MEMBERS = ("LVM2_member", "linux_raid_member", "zfs_member", "bcache", "drbd", "ceph_bluestore", "ddf_raid_member",
           "isw_raid_member")
GPT_SIGNATURE = b"EFI PART"


@dataclass(frozen=True)
class Refusal:
    flag: str  # what allows it, without "--"; "": nothing does
    reason: str


def refuse_system(system, disk):
    points = [mount.point for mount in system.mounts()
              if mount.point in SYSTEM_POINTS and disk.name in system.disks_of_mount(mount)]
    return [Refusal("allow-system", f"the running system is on it ({', '.join(points)})")] if points else []


def mount_points(system, disk):
    """Where anything that lies on the disk is mounted, the last one mounted first."""
    return [mount.point for mount in system.mounts() if disk.name in system.disks_of_mount(mount)][::-1]


def refuse_mounted(system, disk):
    points = mount_points(system, disk)
    return [Refusal("allow-mounted", f"it is mounted on {', '.join(points)} (--unmount unmounts it)")] if points else []


def refuse_in_use(system, disk):
    reasons = [f"{holder} is built on it" for holder in system.holders(disk)]
    reasons += [f"{path} is swapped to" for path in system.swaps() if disk.name in system.disks_of_path(path)]
    reasons += [f"{one.name} is a part of something larger ({one.filesystem})"
                for one in system.content(disk) if one.filesystem in MEMBERS]
    return [Refusal("allow-in-use", f"it is in use: {', '.join(reasons)}")] if reasons else []


def is_candidate(disk):
    """What a person can take away."""
    return disk.kind in ("USB", "SD card") or disk.removable


def refuse_fixed(_system, disk):
    return [] if is_candidate(disk) else [Refusal("allow-fixed", "it is neither removable nor on USB")]


def refuse_large(_system, disk):
    if disk.size_bytes <= LARGE_BYTES:
        return []
    return [Refusal("allow-large", f"it is larger than {LARGE_BYTES // GIB} GiB, which few sticks are")]


def refuse_unwritable(_system, disk):
    if disk.size_bytes == 0:
        return [Refusal("", "there is no medium in it")]
    return [Refusal("", "it is write-protected")] if disk.read_only else []


USES = (refuse_unwritable, refuse_system, refuse_mounted, refuse_in_use, refuse_fixed, refuse_large)


def of_disk(system, disk):
    return [refusal for refuse in USES for refusal in refuse(system, disk)]


def of_image(system, disk, path):
    """Why this image does not go on this disk."""
    size = os.path.getsize(path)
    if 0 < disk.size_bytes < size:
        return [Refusal("", f"it is too small: {disk.size_bytes} bytes for an image of {size}")]
    if disk.name in system.disks_of_file(os.path.realpath(path)):
        return [Refusal("", f"{path} itself is on it")]
    with open(path, "rb") as file:
        file.seek(disk.sector_bytes)
        if file.read(len(GPT_SIGNATURE)) != GPT_SIGNATURE:
            return [Refusal("", f"{path} has no partition table for sectors of {disk.sector_bytes} bytes, which are the disk's "
                                f"(make stick SECTOR={disk.sector_bytes} makes one)")]
    return []
