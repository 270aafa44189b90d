# SPDX-License-Identifier: BSD-2-Clause
"""The host tool's frame, and `baton pe` on the loader that the build has made."""

import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATON = os.path.join(TREE, "build", "baton")
LOADER = os.path.join(TREE, "build", "BOOTX64.EFI")


def run(*arguments):
    return subprocess.run([BATON, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding="utf-8")


class Frame(unittest.TestCase):
    def test_help_goes_to_standard_output(self):
        for arguments in (["--help"], ["-h"], ["help"], ["pe", "--help"], ["kernel", "-h"], ["checksum", "-h"]):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("usage: baton ", done.stdout)
                self.assertIn("xit codes: 0", done.stdout)

    def test_wrong_usage_is_2_and_goes_to_standard_error(self):
        for arguments in ([], ["fly"], ["pe"], ["pe", "check"], ["pe", "fly", "x"], ["pe", "check", "a", "b"], ["kernel"], ["checksum"], ["checksum", "--sha256"],
                          ["checksum", "--md5", "a"]):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertTrue(done.stderr)

    def test_unknown_command_is_named(self):
        self.assertIn('no command "fly"', run("fly").stderr)


class Checksum(unittest.TestCase):
    def test_lines_for_baton_conf(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("digits", "nothing")]
            for path, data in zip(paths, (b"123456789", b"")):
                with open(path, "wb") as file:
                    file.write(data)
            self.assertEqual(run("checksum", *paths).stdout, f"crc32c = e3069283 {paths[0]}\ncrc32c = 00000000 {paths[1]}\n")
            self.assertEqual(run("checksum", "--sha256", paths[0]).stdout,
                             f"sha256 = {hashlib.sha256(b'123456789').hexdigest()} {paths[0]}\n")

    def test_missing_file(self):
        done = run("checksum", "/nowhere/kernel")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("/nowhere/kernel", done.stderr)


class Pe(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.path = os.path.join(self.folder.name, "loader.efi")
        shutil.copyfile(LOADER, self.path)

    def tearDown(self):
        self.folder.cleanup()

    def change(self, offset, data):
        with open(self.path, "r+b") as file:
            file.seek(offset)
            file.write(data)

    def coff(self):
        with open(self.path, "rb") as file:
            return struct.unpack_from("<I", file.read(64), 60)[0] + 4

    def test_the_loader_is_sound_and_sealing_it_again_changes_nothing(self):
        self.assertEqual(run("pe", "check", self.path).returncode, 0)
        self.assertEqual(run("pe", "seal", self.path).returncode, 0)
        with open(self.path, "rb") as again, open(LOADER, "rb") as first:
            self.assertEqual(again.read(), first.read())

    def test_a_lost_property_fails_and_says_what_to_do(self):
        self.change(self.coff() + 20 + 70, bytes(2))  # DllCharacteristics
        done = run("pe", "check", self.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("NX_COMPAT is not set", done.stderr)
        self.assertIn("run `baton pe seal`", done.stderr)
        self.assertEqual(run("pe", "seal", self.path).returncode, 0)
        self.assertEqual(run("pe", "check", self.path).returncode, 0)

    def test_the_section_at_fault_is_named(self):
        with open(self.path, "rb") as file:
            image = file.read()
        optional_bytes, = struct.unpack_from("<H", image, self.coff() + 16)
        text = image.index(b".text\0\0\0", self.coff() + 20 + optional_bytes)
        self.change(text + 36, struct.pack("<I", 0xE0000020))
        done = run("pe", "check", self.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("section .text: section is writable and executable", done.stderr)

    def test_what_is_no_pe_file_is_unusable(self):
        for action in ("check", "seal"):
            with self.subTest(action=action):
                self.change(0, b"xx")
                self.assertEqual(run("pe", action, self.path).returncode, 2)
                self.assertEqual(run("pe", action, self.path + ".absent").returncode, 2)


if __name__ == "__main__":
    unittest.main()
