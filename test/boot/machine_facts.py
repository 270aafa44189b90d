# SPDX-License-Identifier: BSD-2-Clause
"""What the stub must report on a machine, from what QEMU was told to build."""

from vm import image, qemu

from .expect import facts, facts_of, in_range

MIB = 1 << 20
GIB = 1 << 30
# What a PC has no RAM for (the window from 0xA0000 to 1 MiB) and what OVMF keeps from the map of RAM: flash variables, page tables and
# stacks of its early phases; in the SMM builds 16 MiB of SMRAM; the pixels of ramfb, which lie in RAM,
# with room for its largest mode.
KEPT_BYTES = 2 * MIB
SMRAM_BYTES = 16 * MIB
RAMFB_BYTES = 1024 * 768 * 4
KERNELS_OWN_BYTES = 64 << 10  # that the stub may have taken for its own page tables before
U_BOOT_KEPT_BYTES = 512 << 10  # of the first MiB; the rest of what it uses it describes
# Where the RAM below 4 GiB ends when there is too much for that room (QEMU hw/i386/pc_q35.c, pc_piix.c): above `room`, at `split`.
SCREENS = {"ramfb": (800, 600), "other": (1280, 800)}  # OVMF's own choices, which the loader keeps
WITHOUT_1G = ("Conroe", "Nehalem", "Westmere", "SandyBridge", "Haswell", "Skylake-Client", "qemu64,-nx", "max,-pdpe1gb")
LOW_MEMORY = {"q35": {"room": 0xB0000000, "split": 2 * GIB}, "pc": {"room": 0xE0000000, "split": 3 * GIB}}


def ram_top(machine):
    """One past the highest byte of RAM."""
    total, low = machine.memory_mib * MIB, LOW_MEMORY[machine.machine]
    return total if total < low["room"] else 4 * GIB + total - low["split"]


def memory(machine):
    total, top, kept = machine.memory_mib * MIB, ram_top(machine), KEPT_BYTES
    if "secboot" in machine.firmware:
        kept += SMRAM_BYTES
    if machine.screen == "ramfb":
        kept += RAMFB_BYTES
    return {
        "ram_bytes": in_range(total - kept, total),
        # RAM above 4 GiB is all described; below, the firmware keeps its share at the top.
        "ram_top": in_range(top if top > 4 * GIB else top - kept, top),
        "descriptor_bytes": 48,  # what edk2 uses
    }


def processor(machine):
    expected = {"levels": 4, "nx": int("-nx" not in machine.cpu), "sev": 0, "hypervisor": 1}
    if machine.cpu in WITHOUT_1G:
        expected["pages_1g"] = 0
    # With KVM "max" is the host, whatever that is.
    if qemu.accelerator() == "tcg":
        expected["physical_bits"] = 40
        expected["x2apic"] = 0
        expected.setdefault("pages_1g", 1)
    return expected


def screen(machine):
    # A virtio-gpu without VGA has no pixels in memory: the firmware draws by copying (PixelBltOnly).
    if machine.screen in ("none", "virtio-gpu"):
        return {"framebuffer": "none"}
    width, height = SCREENS.get(machine.screen, SCREENS["other"])
    return {"framebuffer": f"{width}x{height}", "pitch": width * 4}


def vendor(name):
    """Distributions put their own name in front."""
    return lambda _machine, text: [] if text.endswith(name) else [f"not {name}"]


def firmware(machine):
    return {"firmware": vendor("EDK II"), "volume": image.PARTITION_GUID,
            "runtime_physical": "works", "svam": "works", "runtime_virtual": "works"}


def tests_all_free_memory(_machine, outcome):
    """Every page that the block calls free at once has been written and read back, but for the few the kernel stands on by then."""
    found = facts_of(outcome)
    free, tested = (int(found.get(key, "0")) for key in ("free_bytes", "memory_tested_bytes"))
    return [] if 0 < free - KERNELS_OWN_BYTES <= tested <= free else [f"{tested} bytes tested of {free} free ones"]


def u_boot_facts(machine, outcome):
    """The same of a machine with U-Boot: it shows no RAM above 4 GiB, one graphics mode, and runtime services without the table that
    says which of their pages are code."""
    total, low = machine.memory_mib * MIB, LOW_MEMORY[machine.machine]
    top = total if total <= low["room"] else low["split"]
    shown = {"framebuffer": "none"} if machine.screen == "none" else {"framebuffer": "1024x768", "pitch": 4096}
    expected = {"ram_bytes": in_range(top - U_BOOT_KEPT_BYTES, top), "ram_top": top, "descriptor_bytes": 40, **processor(machine), **shown,
                "firmware": vendor("U-Boot"), "volume": image.PARTITION_GUID, "attempts": 1,
                "runtime_physical": "not_callable", "svam": "not_callable", "runtime_virtual": "not_callable"}
    return facts(**expected)(machine, outcome) + tests_all_free_memory(machine, outcome)


def machine_facts(machine, outcome):
    expected = {**memory(machine), **processor(machine), **screen(machine), **firmware(machine)}
    return facts(**expected)(machine, outcome) + tests_all_free_memory(machine, outcome)
