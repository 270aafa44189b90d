# SPDX-License-Identifier: BSD-2-Clause
"""Finds OVMF, the UEFI firmware of QEMU's machines, and the other firmware that tools/get-firmware gets.

Search order: what the user names in OVMF_CODE and OVMF_VARS, then QEMU's firmware descriptors (docs/interop/firmware.json of
QEMU: the order of the file names is the distribution's order of preference, and a descriptor also names the format, which
Fedora needs: its images are qcow2), then paths where distributions are known to put the files.
"""

import glob
import json
import os
from dataclasses import dataclass

DESCRIPTOR_FOLDERS = ("/etc/qemu/firmware", "/usr/share/qemu/firmware", "/usr/local/share/qemu/firmware",
                      "/opt/homebrew/share/qemu/firmware")

# (code, vars) for machines without descriptors, most specific first.
KNOWN_PATHS = {
    "4m": (("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
           ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
           ("/usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2", "/usr/share/edk2/ovmf/OVMF_VARS_4M.qcow2"),
           ("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
           ("/opt/homebrew/share/qemu/edk2-x86_64-code.fd", "/opt/homebrew/share/qemu/edk2-i386-vars.fd"),
           ("/usr/local/share/qemu/edk2-x86_64-code.fd", "/usr/local/share/qemu/edk2-i386-vars.fd"),
           ("/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd")),
    "2m": (("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
           ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
           ("/usr/share/edk2-ovmf/OVMF_CODE.fd", "/usr/share/edk2-ovmf/OVMF_VARS.fd"),
           ("/usr/share/edk2/OvmfX64/OVMF_CODE.fd", "/usr/share/edk2/OvmfX64/OVMF_VARS.fd")),
    "secboot": (("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
                ("/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
                ("/usr/share/edk2/ovmf/OVMF_CODE_4M.secboot.qcow2", "/usr/share/edk2/ovmf/OVMF_VARS_4M.qcow2")),
    "secboot-2m": (("/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
                   ("/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd")),
}
# What tools/get-firmware has put there: code and variable store; U-Boot is one image for QEMU's -bios and keeps no variables.
FETCHED_FOLDER = os.environ.get("FIRMWARE") or os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "build", "firmware")
BOOKWORM, TRIXIE = "bookworm/ovmf/usr/share/OVMF", "trixie/ovmf/usr/share/OVMF"
U_BOOT = "u-boot-qemu/usr/lib/u-boot/qemu-x86_64/u-boot.rom"
FETCHED = {
    "bookworm": (f"{BOOKWORM}/OVMF_CODE_4M.fd", f"{BOOKWORM}/OVMF_VARS_4M.fd"),
    "bookworm-secboot": (f"{BOOKWORM}/OVMF_CODE_4M.secboot.fd", f"{BOOKWORM}/OVMF_VARS_4M.fd"),
    "trixie": (f"{TRIXIE}/OVMF_CODE_4M.fd", f"{TRIXIE}/OVMF_VARS_4M.fd"),
    "trixie-secboot": (f"{TRIXIE}/OVMF_CODE_4M.secboot.fd", f"{TRIXIE}/OVMF_VARS_4M.fd"),
    "trixie-secboot-strictnx": (f"{TRIXIE}/OVMF_CODE_4M.secboot.strictnx.fd", f"{TRIXIE}/OVMF_VARS_4M.fd"),
    "u-boot": (f"trixie/{U_BOOT}", ""),
    "u-boot-bookworm": (f"bookworm/{U_BOOT}", ""),
}
VARIANTS = ("default", *KNOWN_PATHS, *FETCHED)

HELP = """no OVMF firmware found; install it (`sh tools/setup` does):
  Debian, Ubuntu: ovmf     Fedora, Arch: edk2-ovmf     openSUSE: qemu-ovmf-x86_64     Gentoo: sys-firmware/edk2
  macOS: part of brew's qemu     Nix: OVMF.fd
or name the two files: OVMF_CODE=/path/to/OVMF_CODE.fd OVMF_VARS=/path/to/OVMF_VARS.fd"""


class FirmwareMissing(Exception):
    """No firmware of the wanted kind; the text says what to install."""


@dataclass(frozen=True)
class Firmware:
    """A pair of flash images: code, and the template of the variable store; or without the latter a ROM image for -bios."""
    code: str
    vars: str
    code_format: str = "raw"
    vars_format: str = "raw"
    smm: bool = False  # built for system management mode: needs a q35 machine with smm=on


def format_of(path):
    return "qcow2" if path.endswith(".qcow2") else "raw"


def from_environment():
    code, variables = os.environ.get("OVMF_CODE"), os.environ.get("OVMF_VARS")
    if not code and not variables:
        return None
    if not code or not variables:
        raise FirmwareMissing("OVMF_CODE and OVMF_VARS must be given together")
    for path in (code, variables):
        if not os.path.isfile(path):
            raise FirmwareMissing(f"{path}: no such file (from OVMF_CODE or OVMF_VARS)")
    return Firmware(code, variables, format_of(code), format_of(variables), "secboot" in os.path.basename(code))


def descriptor_files(folders):
    """Descriptors in order of preference; a file in /etc hides the one of the same name in /usr/share."""
    by_name = {}
    for folder in reversed(folders):
        by_name.update((os.path.basename(path), path) for path in glob.glob(os.path.join(folder, "*.json")))
    return [by_name[name] for name in sorted(by_name)]


def from_descriptor(text):
    """The Firmware that one descriptor names, or None when it is for something else than plain x86-64 UEFI in flash."""
    try:
        described = json.loads(text)
        flash = described["mapping"]
        fits = ("uefi" in described["interface-types"] and flash["device"] == "flash"
                and flash.get("mode", "split") == "split"
                and any(target["architecture"] == "x86_64" for target in described["targets"])
                and not {"requires-smm", "enrolled-keys"} & set(described["features"]))
        if not fits:
            return None
        code, variables = flash["executable"], flash["nvram-template"]
        return Firmware(code["filename"], variables["filename"], code["format"], variables["format"])
    except (ValueError, KeyError, TypeError):
        return None


def from_descriptors(folders=DESCRIPTOR_FOLDERS):
    for path in descriptor_files(folders):
        with open(path, encoding="utf-8") as file:
            firmware = from_descriptor(file.read())
        if firmware and os.path.isfile(firmware.code) and os.path.isfile(firmware.vars):
            return firmware
    return None


def from_known_paths(variants):
    for variant in variants:
        for code, variables in KNOWN_PATHS[variant]:
            if os.path.isfile(code) and os.path.isfile(variables):
                return Firmware(code, variables, format_of(code), format_of(variables), variant.startswith("secboot"))
    return None


def fetched(variant):
    code, variables = (os.path.join(FETCHED_FOLDER, path) if path else "" for path in FETCHED[variant])
    for path in (code, variables):
        if path and not os.path.isfile(path):
            raise FirmwareMissing(f"{path}: no such file; run tools/get-firmware")
    return Firmware(code, variables, smm="secboot" in variant)


def find(variant="default"):
    """The firmware to use, or FirmwareMissing.  A named variant is one of the builds that distributions ship side by side."""
    if variant in FETCHED:
        return fetched(variant)
    if variant == "default":
        found = from_environment() or from_descriptors() or from_known_paths(("4m", "2m"))
    else:
        found = from_known_paths((variant,))
    if not found:
        raise FirmwareMissing(HELP if variant == "default" else f"no OVMF of the variant {variant} on this machine")
    return found
