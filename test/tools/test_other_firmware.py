# SPDX-License-Identifier: BSD-2-Clause
"""How boots on other firmware are judged (test/boot/other_firmware.py), and images that ask for another place (test/boot/shapes.py)."""

import os
import struct
import unittest

from boot import boot, memmap, other_firmware, shapes
from vm.qemu import Machine, Outcome

CAPTURE = os.path.join(boot.TREE, "test", "captures", "q35.txt")


def outcome(text):
    return Outcome(status=33, raw=bytearray(text.encode()))


def said(facts):
    return "".join(f"baton: fact {key}={value}\n" for key, value in facts.items() if value is not None)


class Witnessed(unittest.TestCase):
    def test_each_fact_is_compared(self):
        for name, case in zip(other_firmware.WITNESSED, other_firmware.WITNESSES):
            check, expected = case.expect[0], other_firmware.WITNESSED[name]
            right = {key: "0x2" if callable(want) else hex(want) for key, want in expected.items()}
            self.assertEqual(check(Machine(), outcome(said(right))), [], name)
            for key in right:
                for value in (None, "0x77777777777"):
                    self.assertEqual(len(check(Machine(), outcome(said({**right, key: value})))), 1, (name, key, value))

    def test_each_of_the_17_facts_has_a_row(self):
        with open(os.path.join(boot.TREE, "test", "README.md"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        for number in range(1, 18):
            row, = [line for line in lines if line.startswith(f"| {number} ")]
            self.assertTrue(row.split("|")[3].strip(), row)


class Hung(unittest.TestCase):
    def test_only_u_boot_that_never_came_to_its_prompt_is_started_again(self):
        spl = "U-Boot SPL 2025.01\n"
        for firmware, reason, text, again in (("u-boot", "time limit", spl, True), ("u-boot-bookworm", "time limit", "", True),
                                              ("u-boot", "time limit", spl + "Hit any key to stop autoboot: 0\n", False),
                                              ("u-boot", "ended", spl, False), ("default", "time limit", spl, False)):
            self.assertEqual(boot.firmware_hung(Machine(firmware=firmware), Outcome(reason=reason, raw=bytearray(text.encode()))), again)


class Recorded(unittest.TestCase):
    """A block as this machine's own OVMF left it."""

    def test_edk2(self):
        with open(CAPTURE, encoding="utf-8") as file:
            captured = outcome(file.read())
        self.assertEqual(other_firmware.edk2_record(Machine(), captured), [])
        self.assertEqual([line.split(" is ")[0] for line in other_firmware.u_boot_record(Machine(), captured)], [
            "CR0.WP and EFER.NXE at the start", "the descriptor size", "the map's bytes beyond its descriptors"])

    def test_no_dump(self):
        self.assertEqual(len(other_firmware.edk2_record(Machine(), outcome("baton: fact a=b\n"))), 1)
        self.assertEqual(len(shapes.loaded_high(Machine(), outcome("baton: fact a=b\n"))), 1)

    def test_loader_below_4g_is_not_loaded_high(self):
        with open(CAPTURE, encoding="utf-8") as file:
            self.assertEqual(len(shapes.loaded_high(Machine(), outcome(file.read()))), 1)


class Rebased(unittest.TestCase):
    def test_moves_each_address_and_nothing_else(self):
        """Of the application, because the loader has no addresses to move."""
        with open(memmap.MEMMAP, "rb") as file:
            image = file.read()
        moved = shapes.rebased(image, shapes.HIGH)
        self.assertEqual(shapes.rebased(moved, 0), image)
        different = [at for at in range(len(image)) if image[at] != moved[at]]
        header, = struct.unpack_from("<I", image, 60)
        self.assertIn(header + 48 + 4, different)
        self.assertGreater(len(different), 20)

    def test_loader_is_linked_at_zero(self):
        with open(boot.LOADER, "rb") as file:
            image = file.read()
        header, = struct.unpack_from("<I", image, 60)
        self.assertEqual(struct.unpack_from("<Q", image, header + 48), (0,))
