# SPDX-License-Identifier: BSD-2-Clause
"""Boots on other firmware than this machine's own: what tools/get-firmware gets.  `make test-firmware`, and not a part of the matrix.

A witness (efi/witness.c) says first what each firmware is like, so that what the loader survives there is known to be there; then
the loader and the stub boot on it.  Nothing here is skipped: firmware that is missing is a failure.
"""

import json
import os

from vm.qemu import PASS, Machine

from . import bad_files
from .bad_input import bad_inputs
from .boot import BUILD, LOADER, Boot, disk
from .dumps import host_tool
from .expect import ends, facts, in_range, passes, says, warns_of, warns_of_nothing
from .machine_facts import GIB, machine_facts, u_boot_facts
from .memmap import WHOLE, Memmap, last_says, shows_the_map
from .options import MODULES_CONF, MODULES, module_facts
from .stops import STOPS_ON_OTHER_FIRMWARE

WITNESS = os.path.join(BUILD, "test", "witness.efi")
WRITE_PROTECT, NO_EXECUTE = 1 << 16, 1 << 11
ERROR = 1 << 63
INVALID_PARAMETER, UNSUPPORTED, BUFFER_TOO_SMALL = ERROR | 2, ERROR | 3, ERROR | 5
# The witness says UEFI's memory type and one; 0 is what the map does not describe.
BOOT_SERVICES_CODE, BOOT_SERVICES_DATA, CONVENTIONAL = 4, 5, 8
NX_STACK = ("-fw_cfg", "name=opt/ovmf/PcdSetNxForStack,string=yes")
U_BOOTS = ("u-boot", "u-boot-bookworm")


# --- what each firmware is like ------------------------------------------------------------------------------------------------

COMMON = {"descriptor_version": 1, "query_status": BUFFER_TOO_SMALL, "free_at_1m": 1, "free_at_2m": 1, "os_type": 1, "la57": 0,
          "stale_key": INVALID_PARAMETER, "exit": 0, "interrupts_after": 0, "table_cleared": 1, "time_before": 0}
EDK2 = {**COMMON, "descriptor_bytes": 48, "query_slack": in_range(1, 32), "free_at_16m": 0, "oem_type": 1,
        "stack_type": BOOT_SERVICES_DATA, "write_protection": 1, "nxe": 1, "interrupts": 1, "cs": 0x38, "load_options": 0, "screens": 2, "time_after": 0}
U_BOOT = {**COMMON, "descriptor_bytes": 40, "query_slack": 0, "naive_map": BUFFER_TOO_SMALL, "unsorted": 0, "page_zero": CONVENTIONAL,
          "free_at_16m": 1, "oem_type": 0, "write_protection": 0, "nxe": 0, "interrupts": 0, "cs": 0x10, "load_options": in_range(2, 512),
          "stack_nx": 0, "nx_protocol": 0, "time_after": UNSUPPORTED}
# The hole below 1 TiB that OVMF has described since 2025.
TIB_HOLE = {"page_zero": CONVENTIONAL, "map_top": 1024 * GIB}
WITNESSED = {
    "bookworm": {**EDK2, "unsorted": 0, "page_zero": BOOT_SERVICES_CODE, "map_top": 4 * GIB, "nx_protocol": 0, "stack_nx": 0},
    "bookworm-secboot": {**EDK2, "unsorted": 1, "page_zero": BOOT_SERVICES_CODE, "nx_protocol": 0, "stack_nx": 0},
    "trixie": {**EDK2, **TIB_HOLE, "unsorted": 0, "nx_protocol": 0, "stack_nx": 0},
    "trixie-secboot": {**EDK2, **TIB_HOLE, "unsorted": 1, "nx_protocol": 0, "stack_nx": 0},
    "trixie-secboot-strictnx": {**EDK2, **TIB_HOLE, "unsorted": 1, "nx_protocol": 1, "stack_nx": 0},
    "u-boot": {**U_BOOT, "stack_type": BOOT_SERVICES_CODE, "screens": 1},
    # Its own stack in what its map calls free.
    "u-boot-bookworm": {**U_BOOT, "stack_type": CONVENTIONAL, "screens": 0},
}


def hexadecimal(expected):
    return {key: want if callable(want) else hex(want) for key, want in expected.items()}


def pc(firmware, **machine):
    """U-Boot has drivers for the devices of the one machine, OVMF for both; and it writes a file of variables to the disk itself."""
    special = {"machine": "pc", "disk_mode": "snapshot=on,cache=unsafe"} if firmware in U_BOOTS else {}
    return Machine(**{"firmware": firmware, **special, **machine})


def witness(name, firmware, more=(), **expected):
    return Boot(f"witness-{name}", (facts(**hexadecimal({**WITNESSED[firmware], **expected})), ends(status=PASS)), pc(firmware, more=more),
                files={"EFI/BOOT/BOOTX64.EFI": WITNESS})


WITNESSES = [witness(name, name) for name in WITNESSED] + [witness("trixie-nx-stack", "trixie", NX_STACK, stack_nx=1)]

# --- what the block has recorded -------------------------------------------------------------------------------------------------


def recorded(write_protect, no_execute, descriptor_bytes):
    """How the processor was when the loader started, how the kernel found it, and the map of the exit: from a dump of the block."""
    def check(_machine, outcome):
        shown = host_tool("show", "--json", "-", text=outcome.text)
        if shown.returncode != 0:
            return [f"baton handoff show ends with {shown.returncode}"]
        block = json.loads(shown.stdout)
        cpu, left = block["cpu"], block["exit"]
        before = [int(cpu["firmware_cr0"], 16) & WRITE_PROTECT, int(cpu["firmware_efer"], 16) & NO_EXECUTE]
        after = [int(cpu["cr0"], 16) & WRITE_PROTECT, int(cpu["efer"], 16) & NO_EXECUTE]
        attempt, = left["attempts"]
        return [f"{what} is {found}, where {want} is due" for what, found, want in (
            ("CR0.WP and EFER.NXE at the start", before, [write_protect, no_execute]),
            ("CR0.WP and EFER.NXE in the kernel", after, [WRITE_PROTECT, NO_EXECUTE]),
            ("the descriptor size", attempt["descriptor_bytes"], descriptor_bytes),
            ("the map's bytes beyond its descriptors", left["returned_bytes"] - attempt["descriptor_count"] * descriptor_bytes, 0),
            ("slack of a page or more", left["capacity_bytes"] >= left["probe_bytes"] + 4096, True),
        ) if found != want]
    return check


edk2_record = recorded(WRITE_PROTECT, NO_EXECUTE, 48)
u_boot_record = recorded(0, 0, 40)
DUMP = disk(cmdline="exit=qemu dump")

# --- U-Boot ----------------------------------------------------------------------------------------------------------------------

# Its system table lies in runtime code, and its SetVirtualAddressMap in what ends with boot services.
U_BOOT_EXPECT = (passes, warns_of("K45", "K48"))


def u_boot(name, *more, files=None, **machine):
    return Boot(f"u-boot-{name}", (*U_BOOT_EXPECT, u_boot_facts, *more), pc("u-boot", **machine), files=files or disk())


def built(kernel):
    return os.path.join(BUILD, "kernels", f"{kernel}.elf")


def old_u_boot(name, *more, kernel=None, **machine):
    """U-Boot 2023.01 runs on a stack at 1 MiB that its map calls free: nothing may be placed there, whatever a kernel asks for."""
    return Boot(f"u-boot-bookworm-{name}", (passes, *more), pc("u-boot-bookworm", screen="none", **machine),
                files=disk(kernel=built(kernel)) if kernel else disk())


U_BOOT_BOOTS = [
    u_boot("record", u_boot_record, files=DUMP),
    u_boot("memory-64m", memory_mib=64, screen="none"),
    u_boot("memory-6g", memory_mib=6144, screen="none"),
    u_boot("ide", disk="ide"),
    u_boot("q35-ahci", machine="q35", disk="ide", screen="none"),
    u_boot("cpus-4", cpus=4),
    u_boot("no-nx", cpu="qemu64,-nx"),
    u_boot("modules", facts(**module_facts()),
           files=disk(conf=MODULES_CONF, **{f"baton/{name}": data for name, data in MODULES.items()})),
    Boot("u-boot-aligned-1g", (passes,), pc("u-boot", memory_mib=3072, screen="none"), files=disk(kernel=built("aligned-1g"))),
    Boot("u-boot-low-1m", (passes,), pc("u-boot", screen="none"), files=disk(kernel=built("low-1m"))),
    # Its FAT driver follows a chain that leads astray for ever, so only what is wrong with files and configurations.
    bad_inputs("u-boot-bad-files", bad_files.CONFIGURATIONS + bad_files.FILES_MISSING, settles=False, machine=pc("u-boot")),
    old_u_boot("stub", *U_BOOT_EXPECT, u_boot_facts),
    old_u_boot("aligned-64k", kernel="aligned-64k"),
    old_u_boot("aligned-2m", kernel="aligned-2m"),
    old_u_boot("low-1m", kernel="low-1m"),
]

# --- OVMF --------------------------------------------------------------------------------------------------------------------------

EDK2_EXPECT = (passes, warns_of_nothing, machine_facts)


def ovmf(name, firmware, *more, files=None, **machine):
    return Boot(f"ovmf-{name}", (*EDK2_EXPECT, *more), pc(firmware, **machine), files=files or disk())


OVMF_BOOTS = [
    ovmf("trixie-record", "trixie", edk2_record, files=DUMP),
    ovmf("trixie-pc", "trixie", machine="pc"),
    ovmf("trixie-5g", "trixie", memory_mib=5120, screen="none"),
    ovmf("trixie-nx-stack", "trixie", more=NX_STACK),
    ovmf("trixie-secboot", "trixie-secboot", edk2_record, files=DUMP),
    ovmf("trixie-strictnx", "trixie-secboot-strictnx", edk2_record, files=DUMP),
    ovmf("bookworm", "bookworm"),
    ovmf("bookworm-secboot", "bookworm-secboot", edk2_record, files=DUMP),
    bad_inputs("ovmf-trixie-bad-files", bad_files.FILES, machine=pc("trixie")),
    bad_inputs("ovmf-strictnx-bad-files", bad_files.FILES, machine=pc("trixie-secboot-strictnx")),
    # Started over the network there is no volume; this OVMF asks the network only where there is a source of random numbers.
    Boot("ovmf-trixie-network", (says(r"baton: error: the loader was not started from a file system"), ends("matched")),
         pc("trixie", screen="none", more=("-device", "virtio-rng-pci", "-netdev", f"user,id=net,tftp={BUILD},bootfile=BOOTX64.EFI",
                                           "-device", "virtio-net-pci,netdev=net,romfile=,bootindex=1")),
         files={}, until=r"failed to start Boot\d+ .*: Unsupported"),
    # QEMU's -kernel: load options without a program's name in front, and a volume that holds nothing but the loader, as "kernel".
    Boot("ovmf-trixie-kernel", (says(r"baton: error: \\from_here\.conf: cannot be opened"), ends("matched")),
         pc("trixie", screen="none", disk="none", more=("-kernel", LOADER, "-append", r"conf=\from_here.conf nowait")),
         files={}, until=r"failed to load Boot\d+ .*: Not Found"),
]

# --- memmap.efi, which tests the firmware's memory services ------------------------------------------------------------------------

# The one thing that U-Boot does otherwise there: AllocatePages below address 0 succeeds.
U_BOOT_TESTS = (shows_the_map, last_says(r"^memmap: test \d+ fail +UEFI 7\.2\.1 AllocatePages: at most address 0$"),
                last_says(r"^memmap: tests 3\d passed, 1 failed, 0 quirks, 0 skipped$"))


def memory_services(firmware, expect):
    return Memmap(f"memmap-{firmware}", expect, pc(firmware, disk_mode="snapshot=off"), files={})


MEMMAPS = [memory_services("trixie", WHOLE), memory_services("trixie-secboot-strictnx", WHOLE), memory_services("u-boot", U_BOOT_TESTS)]

# --- disks without a driver in Debian 12's OVMF: it goes on to its shell and the loader is never started -------------------------------

CONTROLLERS = {
    "lsi": ("lsi53c895a,id=scsi", "scsi-hd,drive=disk,bus=scsi.0,bootindex=0"),
    "pvscsi": ("pvscsi,id=scsi", "scsi-hd,drive=disk,bus=scsi.0,bootindex=0"),
    "megasas": ("megasas,id=scsi", "scsi-hd,drive=disk,bus=scsi.0,bootindex=0"),
    "sdhci": ("sdhci-pci", "sd-card,drive=disk"),
}


SD_CARD_BYTES = 64 << 20  # a power of two, which QEMU wants of a card


def cannot(name, devices):
    expect = (says("baton: ", times=0), says(r"BdsDxe: starting Boot\d+ \"EFI Internal Shell\""), ends("matched"))
    return Boot(f"ovmf-bookworm-cannot-{name}", expect,
                pc("bookworm", screen="none", disk="none", more=tuple(word for device in devices for word in ("-device", device))),
                damage=(lambda path: os.truncate(path, SD_CARD_BYTES),), until="Shell>")


CANNOT = [cannot(name, devices) for name, devices in CONTROLLERS.items()]

FIRMWARE = [*WITNESSES, *U_BOOT_BOOTS, *OVMF_BOOTS, *MEMMAPS, *STOPS_ON_OTHER_FIRMWARE, *CANNOT]
