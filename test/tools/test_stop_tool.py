# SPDX-License-Identifier: BSD-2-Clause
"""`baton stop decode`: what it makes of short forms and QR texts, of slips, and of the files that name functions."""

import os
import re
import struct
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATON, LOADER, KERNEL = (os.path.join(TREE, "build", *path.split("/")) for path in ("baton", "loader.so", "kernels/exceptions.elf"))
# A write into a guard page at kernel+0x80; eight keys refused; a read in the loader at 0xd8cd.
GUARD, KEYS, IN_LOADER = "244M-R3G2-G608-9Y0F-YR6G-BSBA-P", "300G-G251-0835-V1V", "244J-R3G0-GB6X-H5G0-0000-004V-5D5Y-1"


def decode(*arguments):
    return subprocess.run([BATON, "stop", "decode", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)


def functions(path):
    """[(address, name)] as nm has them, in order of addresses."""
    said = subprocess.run(["nm", path], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    return sorted((int(at, 16), name) for at, name in re.findall(r"^([0-9a-f]+) [tT] (\S+)$", said, re.MULTILINE))


class Decode(unittest.TestCase):
    def test_an_exception(self):
        done = decode(GUARD)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ("code     9, a processor exception that the kernel does not handle yet", "stage    12, jump", "attempts 1",
                     "vector   14, page fault", "error    0x2, write to a page that is not mapped", "CR2      0xdf60ff8", "at       kernel+0x80"):
            self.assertIn(line + "\n", done.stdout)

    def test_another_stop(self):
        done = decode(KEYS)
        self.assertEqual(done.returncode, 0)
        self.assertIn("code     1, the firmware refused every memory map key\nstage    8, exit\nattempts 8\n", done.stdout)
        self.assertIn("last status 0x8000000000000002\n", done.stdout)

    def test_it_may_be_typed_in_many_ways(self):
        due = decode(GUARD).stdout
        for words in ([GUARD.lower()], GUARD.split("-"), ["244mr3g2g6o89yofyr6gbsbap"], ["baton: short " + GUARD], ["BATON", "STOP", GUARD]):
            with self.subTest(words):
                self.assertEqual(decode(*words).stdout, due)

    def test_the_words_of_a_qr_code_are_shown(self):
        done = decode(f"BATON STOP {GUARD} CODE 9 STAGE 12 VECTOR 14 ERROR 2 AT KERNEL+80 RIP FFFFFFFF80000080")
        self.assertEqual(done.returncode, 0)
        self.assertIn("\nsaid     CODE 9 STAGE 12 VECTOR 14 ERROR 2 AT KERNEL+80 RIP FFFFFFFF80000080\n", done.stdout)

    def test_a_slip_is_explained(self):
        for wrong in (GUARD.replace("G608", "G6O9"), GUARD.replace("9Y0F-YR", "9Y0Y-FR"), GUARD.replace("BSBA", "SBBA")):
            with self.subTest(wrong):
                done = decode(wrong)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("the checksum does not fit", done.stderr)
                self.assertIn("  perhaps 244M-", done.stderr)
        self.assertIn("no single slip explains it", decode(GUARD.replace("244M-R3", "2557-R3")).stderr)

    def test_what_is_no_short_form_is_2(self):
        for text in ("", "244M", "UUUU-UUUU-UUUU", "244M_R3G2", GUARD * 4):
            with self.subTest(text):
                done = decode(text) if text else decode()
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertTrue(done.stderr)
        self.assertEqual(decode("--fly", GUARD).returncode, 2)
        self.assertEqual(decode("x" * 3000).returncode, 2)


class Functions(unittest.TestCase):
    def name_at(self, path, address):
        return max((at, name) for at, name in functions(path) if at <= address)

    def test_the_kernels_is_named(self):
        base = 0xFFFFFFFF80000000
        start, _ = self.name_at(KERNEL, base + 0x80)
        names = [name for at, name in functions(KERNEL) if at == start]
        done = decode(f"--kernel={KERNEL}", GUARD)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, rf"\n +({'|'.join(map(re.escape, names))})\+{base + 0x80 - start:#x}, address {base + 0x80:#x} of ")

    def test_the_loaders_is_named(self):
        start, name = self.name_at(LOADER, 0xD8CD)
        done = decode(f"--loader={LOADER}", IN_LOADER)
        self.assertEqual(done.returncode, 0)
        self.assertIn(f" {name}+{0xD8CD - start:#x}, address 0xd8cd of ", done.stdout)

    def test_a_file_that_does_not_matter_is_not_read(self):
        self.assertEqual(decode("--loader=/nowhere", GUARD).returncode, 0)

    def test_files_that_cannot_be_used(self):
        self.assertEqual(decode("--kernel=/nowhere", GUARD).returncode, 2)
        self.assertEqual(decode(f"--kernel={__file__}", GUARD).returncode, 2)

    def test_a_broken_symbol_table_is_no_harm(self):
        with open(KERNEL, "rb") as file:
            sound = file.read()
        sections, = struct.unpack_from("<Q", sound, 40)
        count, = struct.unpack_from("<H", sound, 60)
        with tempfile.NamedTemporaryFile() as file:
            for size in [*range(0, 300, 20), sections - 1, sections + 100, len(sound) - 1]:
                self.try_file(file, sound[:size])
            for section in range(count):
                for field in (4, 24, 32, 40):  # type, offset, size, link
                    for value in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
                        broken = bytearray(sound)
                        struct.pack_into("<I", broken, sections + 64 * section + field, value)
                        self.try_file(file, broken)

    def try_file(self, file, data):
        file.seek(0)
        file.truncate()
        file.write(data)
        file.flush()
        self.assertIn(decode(f"--kernel={file.name}", GUARD).returncode, (0, 2))
