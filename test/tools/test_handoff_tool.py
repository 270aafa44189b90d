# SPDX-License-Identifier: BSD-2-Clause
"""`baton handoff` over a real capture: shown, checked, extracted; damaged in each way, it says where and how."""

import json
import os
import re
import struct
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATON = os.path.join(TREE, "build", "baton")
CAPTURE = os.path.join(TREE, "test", "captures", "q35.txt")
DUMP = re.compile(rb"baton: dump [0-9a-f]{8,} ([0-9a-f]+) crc=")
CRC_OFFSET = 40  # of handoff_header.crc32c


def baton(*arguments, stdin=b""):
    return subprocess.run([BATON, "handoff", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sealed(block):
    block = bytearray(block)
    block[CRC_OFFSET:CRC_OFFSET + 4] = bytes(4)
    block[CRC_OFFSET:CRC_OFFSET + 4] = struct.pack("<I", crc32c(block))
    return bytes(block)


class Handoff(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(CAPTURE, "rb") as file:
            cls.text = file.read()
        cls.lines = cls.text.splitlines(keepends=True)
        cls.block = b"".join(bytes.fromhex(match.decode()) for match in DUMP.findall(cls.text))
        cls.first = next(i for i, line in enumerate(cls.lines) if b"baton: dump 00000000 " in line)
        cls.last = next(i for i, line in enumerate(cls.lines) if b"baton: dump end " in line)

    def part(self, kind):
        """Where a part of the block begins."""
        header_bytes, = struct.unpack_from("<I", self.block, 12)
        count, entry_bytes = struct.unpack_from("<II", self.block, 44)
        for i in range(count):
            found, _, offset, _ = struct.unpack_from("<IIQQ", self.block, header_bytes + i * entry_bytes)
            if found == kind:
                return offset
        raise KeyError(kind)

    def fails(self, stdin, says, code=2, action="check"):
        done = baton(action, "-", stdin=stdin)
        self.assertEqual(done.returncode, code, done)
        self.assertIn(says, (done.stderr if code == 2 else done.stdout).decode())

    def test_check_passes_and_says_so(self):
        done = baton("check", CAPTURE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertRegex(done.stdout.decode(), r"q35\.txt: pass: \d+ checks, 0 fatal, \d+ repaired")
        said = json.loads(baton("check", "--json", CAPTURE).stdout)
        self.assertEqual((said["pass"], said["fatal"], said["first_fatal"]), (True, 0, None))
        self.assertEqual(len(said["findings"]), said["repaired"] + said["warnings"] + said["information"])
        self.assertIn("K33", [finding["rule"] for finding in said["findings"]])

    def test_extract_gives_the_bytes_of_the_dump(self):
        self.assertEqual(baton("extract", CAPTURE, "-o", "-").stdout, self.block)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "block")
            self.assertEqual(baton("extract", "-o", path, "-", stdin=self.text).returncode, 0)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), self.block)
            # Of a saved block that is longer than it says, only the block.
            self.assertEqual(baton("extract", "-", "-o", "-", stdin=self.block + bytes(100)).stdout, self.block)

    def test_block_and_capture_are_the_same(self):
        for action in (["show", "--json"], ["show"]):
            with self.subTest(action=action):
                self.assertEqual(baton(*action, "-", stdin=self.block).stdout, baton(*action, CAPTURE).stdout)

    def test_show_names_everything(self):
        said = baton("show", CAPTURE).stdout.decode()
        for words in ("Handoff block 1.0", "EDK II", "exit=qemu dump", "segment 0", "kernel text 0", "boot services", "Totals",
                      "attempt 1", "CR0 0x80010033", "framebuffer 1280x800", "page tables", "Log of the loader"):
            self.assertIn(words, said)
        self.assertNotIn("\x1b", said)

    def test_show_json_agrees_with_the_block(self):
        said = json.loads(baton("show", "--json", CAPTURE).stdout)
        self.assertEqual(said["total_bytes"], len(self.block))
        self.assertEqual(said["cmdline"], "exit=qemu dump")
        self.assertEqual(said["firmware"]["vendor"], "EDK II")
        cr0, cr3 = struct.unpack_from("<QQ", self.block, self.part(6) + 24)
        self.assertEqual((said["cpu"]["cr0"], said["cpu"]["cr3"]), (hex(cr0), hex(cr3)))
        self.assertEqual(said["kernel"]["page_tables_phys"], hex(cr3))
        starts = [int(each["start_phys"], 16) for each in said["memory"]]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual(len(said["exit"]["attempts"]), 1)
        self.assertEqual([each["rights"] for each in said["kernel"]["segments"]], ["r-x", "r--", "rw-"])

    def test_the_last_boot_is_shown_where_a_block_has_it(self):
        golden = os.path.join(TREE, "test", "golden", "block-v1.1.bin")
        said = baton("show", golden).stdout.decode()
        self.assertIn("the last boot stopped at stage 12 (jump): ", said)
        self.assertIn("page fault", said)
        self.assertIn("this boot is armed: SetVariable at 0x103109040", said)
        last = json.loads(baton("show", "--json", golden).stdout)["last_boot"]
        self.assertEqual((last["state"], last["stage"], last["code"], last["attempts"]), ("stopped", 12, 9, 3))
        self.assertEqual(last["detail"], ["0xe", "0x2", "0xffffffff80000123", "0xdeadbeef"])
        self.assertNotIn("last_boot", json.loads(baton("show", "--json", CAPTURE).stdout))
        self.assertEqual(baton("check", golden).returncode, 0)

    def test_strings_of_the_block_cannot_command_the_terminal(self):
        broken = sealed(self.block.replace(b"exit=qemu dump", b"exit=\x1b[31m ump"))
        said = baton("show", "-", stdin=broken).stdout
        self.assertIn(b"exit=?[31m ump", said)
        self.assertEqual(json.loads(baton("show", "--json", "-", stdin=broken).stdout)["cmdline"], "exit=\x1b[31m ump")

    def test_k1_a_changed_byte_is_a_fatal_finding(self):
        broken = bytearray(self.block)
        broken[-8] ^= 1
        self.fails(bytes(broken), "K1", code=1)
        self.fails(bytes(broken)[:-8], "K1", code=1)
        done = baton("show", "-", stdin=bytes(broken))
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    def test_a_broken_rule_is_named_with_its_meaning(self):
        at = self.part(6) + 48  # EFER
        broken = bytearray(self.block)
        broken[at + 1] &= ~4  # LMA
        self.fails(sealed(broken), "M1", code=1)
        said = json.loads(baton("check", "--json", "-", stdin=sealed(broken)).stdout)
        self.assertEqual((said["pass"], said["first_fatal"]), (False, "M1"))
        self.assertTrue([each for each in said["findings"] if each["rule"] == "M1" and each["severity"] == "fatal"])

    def test_a_damaged_line_is_reported_by_its_number(self):
        for action in ("show", "check", "extract"):
            lines = list(self.lines)
            lines[self.first + 5] = lines[self.first + 5].replace(b" crc=", b" crc=0")
            done = baton(action, "-", *(["-o", "-"] if action == "extract" else []), stdin=b"".join(lines))
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(f"line {self.first + 6}: damaged line; 160 bytes were understood before it", done.stderr.decode())

    def test_missing_lines_and_missing_ends_are_reported(self):
        self.fails(b"".join(self.lines[:self.first + 2] + self.lines[self.first + 3:]), f"line {self.first + 3}: ")
        self.fails(b"".join(self.lines[:self.last]), f"the dump has no end; {len(self.block)} bytes were understood")
        self.fails(b"".join(self.lines[:self.last - 1] + self.lines[self.last:]),
                   f"line {self.last}: dump incomplete or damaged")
        self.fails(b"".join(self.lines[:self.first]), "neither a handoff block nor a capture")
        self.fails(b"", "neither a handoff block nor a capture")
        self.fails(b"baton: dump end bytes=0 crc=00000000\n", "the dump is empty")

    def test_of_several_boots_the_last_complete_one_counts(self):
        twice = self.text + b"".join(self.lines[:self.first + 20])
        done = baton("extract", "-", "-o", "-", stdin=twice)
        self.assertEqual((done.returncode, done.stdout), (0, self.block))
        self.assertIn(b"the dump has no end; 640 bytes", done.stderr)
        done = baton("extract", "-", "-o", "-", stdin=self.lines[self.first + 3] + self.text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, self.block, b""))
        spoilt = list(self.lines)
        spoilt[self.first + 9] = b"baton: dump 00000120 zz crc=00000000\n"
        done = baton("extract", "-", "-o", "-", stdin=self.text + b"".join(spoilt))
        self.assertEqual((done.returncode, done.stdout), (0, self.block))
        self.assertIn(b"taking the last complete dump instead", done.stderr)

    def test_usage(self):
        for arguments in ([], ["show"], ["fly", "x"], ["show", "--strict", CAPTURE], ["extract", CAPTURE],
                          ["check", CAPTURE, CAPTURE]):
            with self.subTest(arguments=arguments):
                done = baton(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(b"wrong usage", done.stderr)
        self.assertIn(b"Exit codes: 0", baton("--help").stdout)
        self.assertEqual(baton("show", "/absent").returncode, 2)


if __name__ == "__main__":
    unittest.main()
