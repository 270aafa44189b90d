# SPDX-License-Identifier: BSD-2-Clause
"""What judges the states that a power cut leaves: it must see each thing that it looks for."""

import os
import shutil
import struct
import tempfile
import unittest

from boot.power_log import SECTOR_BYTES, read_log, steps
from boot.power_state import BLACK_BOX, black_box, check_volume, same_files, same_variables, variables
from vm import image

FILES = {"EFI/BOOT/BOOTX64.EFI": b"loader" * 1000, "baton/kernel.elf": bytes(range(256)) * 100, "baton/baton.conf": b"report = yes\n"}
VOLUME = image.FIRST_MIB * image.MIB
GLOBAL = bytes(range(16))


def variable(name, vendor, data, state=0x3F, attributes=7):
    name = (name + "\0").encode("utf-16-le")
    found = struct.pack("<HBBIQ16sIII16s", 0x55AA, state, 0, attributes, 0, bytes(16), 0, len(name), len(data), vendor) + name + data
    return found + b"\xff" * (-len(found) % 4)


def store(*found):
    content = b"".join(found)
    head = bytes(48) + struct.pack("<H", 72) + bytes(22) + bytes(16) + struct.pack("<I", 0x1000) + bytes(8)
    return head + content + b"\xff" * (0x1000 - 28 - len(content))


def record(state, magic=b"BatonBox"):
    return magic + bytes(8) + struct.pack("<I", state) + bytes(60)


class Store(unittest.TestCase):
    def test_what_counts_is_what_firmware_reads(self):
        bytes_ = store(variable("A", GLOBAL, b"old", 0x3C), variable("A", GLOBAL, b"new"), variable("B", GLOBAL, b"going", 0x3E),
                       variable("C", GLOBAL, b"head only", 0x7F))
        self.assertEqual(variables(bytes_), {("A", GLOBAL): (7, b"new"), ("B", GLOBAL): (7, b"going")})
        # Both are there for a moment: the new one counts, wherever it stands.
        for order in ((0x3E, 0x3F), (0x3F, 0x3E)):
            both = store(*(variable("A", GLOBAL, b"%02x" % state, state) for state in order))
            self.assertEqual(variables(both)["A", GLOBAL], (7, b"3f"))

    def test_the_black_box(self):
        self.assertEqual(black_box(store()), "none")
        self.assertEqual(black_box(store(variable(*BLACK_BOX, record(2)))), "armed")
        self.assertEqual(black_box(store(variable(*BLACK_BOX, record(4)))), "passed")
        for half in (record(2)[:40], record(2, b"\xff" * 8), record(99)):
            self.assertIsNone(black_box(store(variable(*BLACK_BOX, half))))
            self.assertEqual(same_variables(store(), store(variable(*BLACK_BOX, half))), ["the black box holds half a record"])

    def test_other_variables_must_stay(self):
        before = store(variable("Boot0000", GLOBAL, b"one"), variable("BootOrder", GLOBAL, b"00"))
        self.assertEqual(same_variables(before, store(variable("BootOrder", GLOBAL, b"00"), variable("Boot0000", GLOBAL, b"one"),
                                                      variable(*BLACK_BOX, record(2)))), [])
        self.assertEqual(same_variables(before, store(variable("BootOrder", GLOBAL, b"00"))), ["variable Boot0000 has changed"])
        self.assertEqual(same_variables(before, store(variable("Boot0000", GLOBAL, b"two"), variable("BootOrder", GLOBAL, b"00"))),
                         ["variable Boot0000 has changed"])
        self.assertEqual(same_variables(store(), store(variable("New", GLOBAL, b"x"))), ["variable New is new"])


class Log(unittest.TestCase):
    def log(self, *entries, head=struct.pack("<QQQI", 0x6A736677736872, 1, 0, SECTOR_BYTES)):
        content = head.ljust(SECTOR_BYTES, b"\0")
        for sector, flags, data in entries:
            content += struct.pack("<QQQQ", sector, len(data) // SECTOR_BYTES, flags, 0).ljust(SECTOR_BYTES, b"\0") + data
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            return read_log(file.name)

    def test_writes_come_in_their_order_without_flushes(self):
        one, two = b"1" * SECTOR_BYTES, b"2" * 2 * SECTOR_BYTES
        self.assertEqual(self.log((7, 0, one), (0, 1, b""), (3, 0, two)), [(7 * SECTOR_BYTES, one), (3 * SECTOR_BYTES, two)])
        self.assertEqual(self.log((1, 0, one), head=bytes(28)), [(SECTOR_BYTES, one)])
        with self.assertRaises(ValueError):
            self.log(head=b"something else " * 3)

    def test_each_sector_is_half_new_first(self):
        two = b"a" * SECTOR_BYTES + b"b" * SECTOR_BYTES
        self.assertEqual(list(steps([(1024, two)])), [(1024, b"a" * 256), (1024, b"a" * 512), (1536, b"b" * 256), (1536, b"b" * 512)])


class Volume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.whole = os.path.join(cls.folder, "whole.img")
        image.make_image(cls.whole, FILES)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def copy(self):
        return shutil.copyfile(self.whole, os.path.join(self.folder, "copy.img"))

    def test_nothing_is_wrong_with_a_new_one(self):
        self.assertEqual(same_files(self.whole, FILES), [])
        self.assertEqual(check_volume(self.whole, FILES), (["clean"], []))

    def test_a_file_that_has_changed_or_gone(self):
        path = self.copy()
        self.assertEqual(same_files(path, {**FILES, "baton/kernel.elf": FILES["baton/kernel.elf"][:-1] + b"\0"}), ["baton/kernel.elf has changed"])
        image.run("mdel", "-i", f"{path}@@{image.FIRST_MIB}M", "::/baton/kernel.elf")
        self.assertEqual(same_files(path, FILES), ["baton/kernel.elf is gone"])

    def damage(self, offset, content):
        path = self.copy()
        with open(path, "r+b") as file:
            file.seek(VOLUME + offset)
            file.write(content)
        return path

    def test_what_fsck_says_is_passed_on(self):
        with open(self.whole, "rb") as file:
            file.seek(VOLUME)
            boot = file.read(512)
        reserved, = struct.unpack_from("<H", boot, 14)
        sectors, = struct.unpack_from("<I", boot, 36)
        first, second = reserved * 512, (reserved + sectors) * 512
        # A chain that nobody owns, in one of the copies; then in both.
        kinds, worse = check_volume(self.damage(second + 4 * 5000, struct.pack("<I", 0x0FFFFFFF)), FILES)
        self.assertEqual((kinds, worse), (["FATs differ"], []))
        path = self.damage(first + 4 * 5000, struct.pack("<I", 0x0FFFFFFF))
        with open(path, "r+b") as file:
            file.seek(VOLUME + second + 4 * 5000)
            file.write(struct.pack("<I", 0x0FFFFFFF))
        kinds, worse = check_volume(path, FILES)
        self.assertIn("lost clusters", kinds)
        self.assertEqual(worse, [])
        # Files that the repair cannot save.
        kinds, worse = check_volume(self.damage(first, bytes(4 * 300)), FILES)
        self.assertNotEqual(kinds, ["clean"])


if __name__ == "__main__":
    unittest.main()
