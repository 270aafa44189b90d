# SPDX-License-Identifier: BSD-2-Clause
"""The boots, as data.  `fast` ones are a part of `make test`; all of them are `make test-matrix`."""

from disks.fast import FAST as DISKS_DAMAGED
from gremlin.hostile import fast_batches
from vm.qemu import Machine

from . import bad_files
from .bad_input import LEAKCHECK_ITSELF, bad_inputs
from .black_box import BLACK_BOX
from .boot import BUILD, Boot, disk
from .builds import Reproducible
from .consoles import CONSOLES
from .debug_session import DebugSession
from .dumps import DUMPS
from .expect import ends, passes, says, warns_of_nothing
from .installed import INSTALLED
from .kernel_cases import KERNELS
from .machine_facts import machine_facts
from .media import MEDIA
from .memmap import MEMMAPS
from .options import OPTIONS
from .pages import PAGES
from .pictures import PICTURES
from .power import POWER
from .read_errors import READ_ERRORS
from .readme import DOCUMENTS
from .shapes import SHAPES
from .stick import STICKS
from .stops import STOPS
from .writes import WRITES


def on(name, fast=False, **machine):
    """The stub on a machine of this kind: it must pass, and report what QEMU was told to build."""
    return Boot(name, (passes, warns_of_nothing, machine_facts), Machine(**machine), fast=fast)


def with_memory(mib, fast=False):
    return on(f"memory-{mib}m", fast, memory_mib=mib)


NUMA = tuple(word for node in range(2) for word in (
    "-object", f"memory-backend-ram,id=node{node},size=512M", "-numa", f"node,nodeid={node},memdev=node{node},cpus={node}"))

MACHINES = [
    on("q35", fast=True),
    on("pc", fast=True, machine="pc"),
    on("ovmf-2m", fast=True, firmware="2m"),
    on("ovmf-2m-pc", machine="pc", firmware="2m"),
    on("ovmf-4m", firmware="4m"),
    on("ovmf-4m-pc", machine="pc", firmware="4m"),
    on("ovmf-secboot", fast=True, firmware="secboot"),
    on("ovmf-secboot-2m", firmware="secboot-2m"),
]
MEMORY = [
    with_memory(64, fast=True),
    with_memory(256),
    with_memory(3072),
    with_memory(5120, fast=True),
    with_memory(8192),
    on("numa", memory_mib=1024, cpus=2, more=NUMA),
]
PROCESSORS = [
    on("cpus-2", cpus=2),
    on("cpus-8", fast=True, cpus=8),
    on("cpu-max", cpu="max"),
    on("cpu-conroe", fast=True, cpu="Conroe"),
    on("cpu-no-nx", fast=True, cpu="qemu64,-nx"),
]
SCREENS = [on(f"screen-{screen}", screen in ("none", "ramfb"), screen=screen) for screen in ("none", "std", "bochs", "virtio", "virtio-gpu", "qxl", "ramfb")]
DISKS = [
    on("disk-virtio-blk", disk="virtio-blk"),
    on("disk-virtio-scsi", disk="virtio-scsi"),
    on("disk-ide", fast=True, machine="pc", disk="ide"),
    on("disk-ahci", disk="ahci"),
    on("disk-nvme", fast=True, disk="nvme"),
    on("disk-usb", fast=True, disk="usb"),
]
# L23: the firmware's driver lets the controller write to memory, on bus 0 or behind a bridge; the kernel must find none that still can.
STOPPED = says(r"^baton: finding rule=M17 severity=info ")
NETWORK = [
    Boot(f"network-{name}", (passes, warns_of_nothing, machine_facts, STOPPED), Machine(screen="none", more=more), fast=fast)
    for name, fast, more in (("e1000", False, ("-device", "e1000")),
                             ("bridge", True, ("-device", "pcie-root-port,id=bridge", "-device", "virtio-net-pci,bus=bridge")))
]

BAD_INPUT = [
    LEAKCHECK_ITSELF,
    bad_inputs("bad-files", bad_files.FILES, fast=True),
    # Started over the network there is no volume to read from.
    Boot("bad-network", (says(r"baton: error: the loader was not started from a file system"), ends("matched")),
         Machine(screen="none", more=("-netdev", f"user,id=net,tftp={BUILD},bootfile=BOOTX64.EFI",
                                      "-device", "virtio-net-pci,netdev=net,romfile=,bootindex=1")),
         files={}, until=r"(failed to start Boot\d+ .*: Unsupported|Shell>)"),
    bad_inputs("bad-kernels", bad_files.KERNELS, fast=True),
    # Started by the firmware itself, with nobody pressing a key: it must come back too, and the firmware go on.
    Boot("bad-at-boot", (says(r"baton: error: \\baton\\kernel\.elf: cannot be opened on the boot volume \(Not Found\)"), ends("matched")),
         files=disk(kernel=None), until=r"BdsDxe: failed to start Boot\d+ .*: Not Found", fast=True),
]

CASES = [
    *MACHINES,
    *MEMORY,
    *PROCESSORS,
    *SCREENS,
    *DISKS,
    *SHAPES,
    *MEDIA,
    *INSTALLED,
    *STICKS,
    *NETWORK,
    *MEMMAPS,
    *OPTIONS,
    *CONSOLES,
    *BLACK_BOX,
    *POWER,
    *PICTURES,
    *PAGES,
    *DUMPS,
    *KERNELS,
    *STOPS,
    *BAD_INPUT,
    *READ_ERRORS,
    *WRITES,
    *DISKS_DAMAGED,
    *DOCUMENTS,
    *fast_batches(),
    DebugSession(),
    Reproducible(),
]
