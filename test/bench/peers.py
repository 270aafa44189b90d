# SPDX-License-Identifier: BSD-2-Clause
"""Other loaders, from Debian's packages: fetched by apt and unpacked beside the system, never installed.  Each loads the same
bytes in the way that is natural for it: GRUB a multiboot2 kernel and a module, syslinux a Linux kernel and its
ramdisk, the others the PE image that carries the payload.
"""

import glob
import os
import shutil
import subprocess
from dataclasses import dataclass

from boot.boot import BUILD

from . import disk, payload
from .machine import FOLDER

PACKAGES = os.path.join(BUILD, "cache", "packages")
SYSTEMD_CONF = b"timeout 0\ndefault bench.conf\n"
SYSTEMD_ENTRY = b"title bench\nefi /EFI/BENCH/IMAGE.EFI\n"
REFIND_CONF = (b"timeout -1\ntextonly\nscanfor manual\nuse_nvram false\ndefault_selection 1\n"
               b"menuentry bench {\n  loader /EFI/BENCH/IMAGE.EFI\n}\n")
SYSLINUX_CONF = b"DEFAULT bench\nPROMPT 0\nTIMEOUT 0\nLABEL bench\n  LINUX /linux.bin\n"
SYSLINUX_INITRD = b"  INITRD /payload.bin\n"
SYSLINUX_NO_GIB = "stops while it reads 1 GiB and waits for ever; by its sources it keeps a ramdisk twice, below 2 GiB"
GRUB_MODULES = ("fat", "part_gpt", "multiboot2", "boot")
GRUB_CONF = "multiboot2 /multiboot.elf\n{}boot\n"


@dataclass(frozen=True)
class Peer:
    """A loader: its name, what it is started by, the files it needs for so many MiB; and why it cannot load 1 GiB, if so."""
    name: str
    orders: str
    files: object
    no_gib: str = ""


def unpacked(package, *members):
    """Paths of members of a Debian package, or None where apt or the package is not to be had."""
    folder = os.path.join(PACKAGES, package)
    if not os.path.isdir(folder):
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            return None
        temporary = folder + ".tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        os.makedirs(temporary)
        subprocess.run(["apt-get", "-q", "download", package], cwd=temporary, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        archives = glob.glob(os.path.join(temporary, "*.deb"))
        if not archives:
            return None
        # Only these: a folder of a package may have a name that means something to make.
        contents = subprocess.run(["dpkg-deb", "--fsys-tarfile", archives[0]], stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["tar", "-x", "-C", temporary, "--wildcards", *(f"./{member}" for member in members)],
                       input=contents, check=True)
        os.rename(temporary, folder)
    return [os.path.join(folder, member) for member in members]


def image_file(mib):
    return disk.kept(f"image-{mib}.efi", payload.make_image, os.path.join(FOLDER, "image.efi"), mib)


def systemd_boot():
    found = unpacked("systemd-boot-efi", "usr/lib/systemd/boot/efi/systemd-bootx64.efi")
    return found and Peer("systemd-boot", r"image=\EFI\BOOT\BOOTX64.EFI", lambda mib: {
        "EFI/BOOT/BOOTX64.EFI": found[0], "EFI/BENCH/IMAGE.EFI": image_file(mib),
        "loader/loader.conf": SYSTEMD_CONF, "loader/entries/bench.conf": SYSTEMD_ENTRY})


def refind():
    found = unpacked("refind", "usr/share/refind/refind/refind_x64.efi")
    return found and Peer("rEFInd", r"image=\EFI\BOOT\BOOTX64.EFI", lambda mib: {
        "EFI/BOOT/BOOTX64.EFI": found[0], "EFI/BENCH/IMAGE.EFI": image_file(mib), "EFI/BOOT/refind.conf": REFIND_CONF})


def grub_image(modules, mkimage, mib):
    """grub-mkimage's work: a GRUB of the modules that this takes and no others, with its configuration inside."""
    conf = os.path.join(FOLDER, "files", f"grub-{mib}.cfg")
    target = os.path.join(FOLDER, "files", f"grub-{mib}.efi")
    os.makedirs(os.path.dirname(conf), exist_ok=True)
    with open(conf, "w", encoding="ascii") as file:
        file.write(GRUB_CONF.format("module2 /payload.bin\n" if mib else ""))
    subprocess.run([mkimage, "-O", "x86_64-efi", "-d", modules, "-p", "/EFI/BOOT", "-c", conf, "-o", target, *GRUB_MODULES],
                   check=True)
    return target


def grub():
    modules = unpacked("grub-efi-amd64-bin", "usr/lib/grub/x86_64-efi/*")
    mkimage = shutil.which("grub-mkimage") or next(iter(unpacked("grub-common", "usr/bin/grub-mkimage") or []), None)

    def files(mib):
        made = {"EFI/BOOT/BOOTX64.EFI": grub_image(os.path.dirname(modules[0]), mkimage, mib),
                "multiboot.elf": os.path.join(FOLDER, "multiboot.elf")}
        if mib:
            made["payload.bin"] = disk.kept(f"payload-{mib}.bin", payload.make_file, mib)
        return made
    return modules and mkimage and Peer("GRUB", r"image=\EFI\BOOT\BOOTX64.EFI", files)


def syslinux():
    found = unpacked("syslinux-efi", "usr/lib/SYSLINUX.EFI/efi64/syslinux.efi")
    library = unpacked("syslinux-common", "usr/lib/syslinux/modules/efi64/ldlinux.e64")

    def files(mib):
        made = {"EFI/BOOT/BOOTX64.EFI": found[0], "EFI/BOOT/ldlinux.e64": library[0],
                "EFI/BOOT/syslinux.cfg": SYSLINUX_CONF + (SYSLINUX_INITRD if mib else b""),
                "linux.bin": os.path.join(FOLDER, "linux.bin")}
        if mib:
            made["payload.bin"] = disk.kept(f"payload-{mib}.bin", payload.make_file, mib)
        return made
    return found and library and Peer("syslinux", r"image=\EFI\BOOT\BOOTX64.EFI", files, SYSLINUX_NO_GIB)


def available():
    return [peer for peer in (syslinux(), systemd_boot(), refind(), grub()) if peer]
