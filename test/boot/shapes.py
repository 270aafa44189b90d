# SPDX-License-Identifier: BSD-2-Clause
"""Shapes of machines: memory that comes later or lies elsewhere, many processors of many kinds, and the loader above 4 GiB."""

import dataclasses
import json
import os
import struct
from dataclasses import dataclass

from vm.qemu import Machine

from .boot import LOADER, Boot, disk
from .dumps import host_tool
from .expect import passes, warns_of_nothing
from .machine_facts import machine_facts

EXPECT = (passes, warns_of_nothing, machine_facts)
# With and without pages of 1 GiB, x2APIC, PCID, SMEP and the rest, as the years brought them.
PROCESSORS = ("Nehalem", "Westmere", "SandyBridge", "Haswell", "Skylake-Client", "Icelake-Server", "Opteron_G5", "EPYC", "max,-x2apic",
              "max,-pdpe1gb")


def shape(name, *more, fast=False, **machine):
    return Boot(name, EXPECT, Machine(more=more, **machine), fast=fast)


def ram(name, size):
    return ("-object", f"memory-backend-ram,id={name},size={size}")


# The middle one of three nodes has processors and no memory; the last one memory and no processors.
NUMA_HOLES = (*ram("m0", "512M"), *ram("m2", "512M"), "-numa", "node,nodeid=0,memdev=m0,cpus=0-1", "-numa", "node,nodeid=1,cpus=2-3",
              "-numa", "node,nodeid=2,memdev=m2")

# --- the loader where the firmware puts an image that asks for a place above 4 GiB ------------------------------------------------

HIGH = 0x140000000
RELOCATION_TABLE, DIR64 = 5, 10  # Microsoft PE/COFF specification, "Optional Header Data Directories", ".reloc Section"


def sections(image, header):
    """(address, file offset) functions of a PE32+ image: where in the file an address of the loaded image is."""
    count, = struct.unpack_from("<H", image, header + 6)
    first = header + 24 + struct.unpack_from("<H", image, header + 20)[0]
    table = [struct.unpack_from("<IIII", image, first + 40 * i + 8) for i in range(count)]

    def offset(address):
        return next(start + address - virtual for size, virtual, _, start in table if virtual <= address < virtual + size)
    return offset


def rebased(image, base):
    """The image as if linked there: firmware tries an image's own address first."""
    image = bytearray(image)
    header, = struct.unpack_from("<I", image, 60)
    offset = sections(image, header)
    old, = struct.unpack_from("<Q", image, header + 48)
    at, size = struct.unpack_from("<II", image, header + 24 + 112 + 8 * RELOCATION_TABLE)
    at, end = offset(at), offset(at) + size
    while at < end:
        page, block = struct.unpack_from("<II", image, at)
        for entry in struct.unpack_from(f"<{(block - 8) // 2}H", image, at + 8):
            if entry >> 12 == DIR64:
                place = offset(page + (entry & 0xfff))
                struct.pack_into("<Q", image, place, struct.unpack_from("<Q", image, place)[0] - old + base)
        at += block
    struct.pack_into("<Q", image, header + 48, base)
    return bytes(image)


def loaded_high(_machine, outcome):
    shown = host_tool("show", "--json", "-", text=outcome.text)
    if shown.returncode != 0:
        return [f"baton handoff show ends with {shown.returncode}"]
    at = json.loads(shown.stdout)["loader"]["image_phys"]
    return [] if at == hex(HIGH) else [f"the loader ran at {at}"]


@dataclass(frozen=True)
class LoadedHigh(Boot):
    def boot(self, folder):
        path = os.path.join(folder, "loader.efi")
        with open(LOADER, "rb") as file, open(path, "wb") as to:
            to.write(rebased(file.read(), HIGH))
        return Boot.boot(dataclasses.replace(self, files={**self.files, "EFI/BOOT/BOOTX64.EFI": path}), folder)


SHAPES = [
    # What was plugged in beside the first memory is not in the firmware's map, and neither is an NVDIMM: ACPI tells of them.
    shape("memory-hotplug", *ram("dimm", "512M"), "-device", "pc-dimm,memdev=dimm", memory_mib=512, memory_room="slots=4,maxmem=8G"),
    # Near the end of what 40 address bits reach, which is all that QEMU's own processor has.
    shape("memory-hole", *ram("far", "256M"), "-device", "pc-dimm,memdev=far,addr=0x6000000000", memory_mib=1024,
          memory_room="slots=4,maxmem=480G"),
    shape("nvdimm", "-machine", "nvdimm=on", *ram("nv", "256M"), "-device", "nvdimm,memdev=nv", memory_mib=512,
          memory_room="slots=4,maxmem=4G"),
    shape("numa-holes", *NUMA_HOLES, memory_mib=1024, cpus=4),
    shape("cpus-64", cpus=64),
    shape("iommu", "-device", "intel-iommu"),
    shape("no-hpet", "-no-hpet"),
    *(shape(f"cpu-{cpu.lower().replace(',', '').replace('_', '-')}", cpu=cpu) for cpu in PROCESSORS),
    LoadedHigh("loader-above-4g", (*EXPECT, loaded_high), Machine(memory_mib=6144, screen="none"), files=disk(cmdline="exit=qemu dump")),
]
