# SPDX-License-Identifier: BSD-2-Clause
"""Damaged disks: damages are the same for the same seed and touch what they say; what happened is judged by what was seen."""

import os
import tempfile
import unittest
from types import SimpleNamespace

from boot.fat32 import Volume
from disks import boots, fast, mutations
from disks.expected import segments, signature
from disks.layout import SECTOR, Layout
from disks.mutants import BROKEN, DAMAGED, HUNG, NEVER, REFUSED, RIGHT, WRONG, Fate, Mutant, fate_of, packed
from elf import make_bad
from vm import image

FILES = {"EFI/BOOT/BOOTX64.EFI": bytes(3000), "baton/kernel.elf": bytes(range(256)) * 40, "baton/baton.conf": b"module = \\baton\\one\n",
         "baton/cmdline.txt": b"words", "baton/one": b"1" * 1000}
LEFT = "left=pages:0,pools:0,events:0,files:0,overflow:0 takings=9 writes=0"


class Damages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "disk.img")
        image.make_image(cls.path, FILES)
        cls.layout = Layout(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def before(self, sector, offset, data):
        start = sector * SECTOR + offset
        return self.layout.data[start:start + len(data)]

    def test_layout_finds_every_file(self):
        for name, data in FILES.items():
            name = name.upper().replace("BATON.CONF", "BATON~1.CON")
            chain = self.layout.files[name]
            found = b"".join(self.layout.data[offset:offset + SECTOR] for offset in self.layout.bytes_of(chain))
            self.assertEqual(found[:len(data)], data)
        with Volume(self.path) as volume:
            self.assertEqual(self.layout.files["BATON/KERNEL.ELF"], volume.chain(volume.first_cluster(volume.entry("baton/kernel.elf"))))
        self.assertEqual(set(self.layout.folders), {"", "EFI", "EFI/BOOT", "BATON"})

    def test_every_damage_changes_something_and_comes_again(self):
        again = Layout(self.path)
        for kind in mutations.KINDS:
            for seed in range(30):
                changes = mutations.damage(kind, seed, self.layout)
                self.assertEqual(changes, mutations.damage(kind, seed, again))
                self.assertTrue(any(self.before(*change) != change[2] for change in changes))
                for sector, offset, data in changes:
                    self.assertTrue(0 <= sector < self.layout.sectors and 0 < len(data) <= SECTOR - offset)

    def test_damages_touch_what_they_say(self):
        def inside(kind, start, end):
            for seed in range(30):
                for sector, offset, data in mutations.damage(kind, seed, self.layout):
                    self.assertTrue(start <= sector * SECTOR + offset and sector * SECTOR + offset + len(data) <= end, (kind, seed))
        inside("boot-sector", self.layout.volume, self.layout.volume + 7 * SECTOR)
        inside("fat", self.layout.fats[0], self.layout.data_offset)
        kernel = self.layout.at(self.layout.files["BATON/KERNEL.ELF"][0])
        inside("elf-headers", kernel, kernel + SECTOR)
        conf = self.layout.at(self.layout.files["BATON/BATON~1.CON"][0])
        inside("configuration", conf, conf + len(FILES["baton/baton.conf"]))

    def test_real_boots_spare_the_loader(self):
        spared = boots.loader_sectors(self.layout)
        chosen = boots.choose(SimpleNamespace(layout=self.layout), 20, 5)
        self.assertEqual(len(chosen), 20)
        self.assertFalse([change for _, _, changes in chosen for change in changes if change[0] in spared])

    def test_file_for_the_program_inside(self):
        mutants = [Mutant(0, "", 0), Mutant(7, "fat", 3)]
        data = packed(mutants, self.layout)
        self.assertEqual(data[:8], bytes(8))
        self.assertEqual(data[8:12], b"\7\0\0\0")
        self.assertEqual(data[-8:], b"\xff\xff\xff\xff\0\0\0\0")


class Judgement(unittest.TestCase):
    disk = SimpleNamespace(signature=0x1234ABCD)

    def outcome(self, end, rest):
        return fate_of(Mutant(1, "fat", 2), end, rest, self.disk).outcome

    def test_each_line(self):
        for end, rest, wanted in (
                ("volume", "", NEVER), ("file", " status=0x8000000000000007", NEVER), ("damaged", "", DAMAGED), ("hung", " started=0 opening=0", HUNG),
                ("hung", " started=1 opening=1", HUNG), ("hung", " started=1 opening=0", BROKEN), ("unable", " status=0x8000000000000007", BROKEN),
                ("caught", " blocks=1 signature=1234abcd", RIGHT), ("caught", " blocks=1 signature=1234abce", WRONG),
                ("caught", " blocks=0 signature=1234abcd", WRONG),
                ("returned", f" status=0x800000000000001b {LEFT} message=baton: error: x", REFUSED),
                ("returned", f" status=0x0 {LEFT} message=baton: error: x", BROKEN),
                ("returned", f" status=0x800000000000001b {LEFT} message=", BROKEN),
                ("returned", f" status=0x800000000000001b {LEFT.replace('writes=0', 'writes=1')} message=baton: error: x", BROKEN),
                *(("returned", f" status=0x800000000000001b {LEFT.replace(f'{what}:0', f'{what}:1')} message=baton: error: x", BROKEN)
                  for what in ("pages", "pools", "events", "files", "overflow"))):
            with self.subTest(end=end, rest=rest):
                self.assertEqual(self.outcome(end, rest), wanted)

    def test_real_boots(self):
        def outcome(text, debug="", reason="matched"):
            return boots.judge(Mutant(1, "fat", 2), SimpleNamespace(text=text, reason=reason, status=-15, seconds=1), debug, {"a": "1"}).outcome
        verdict = "baton: verdict pass checks=100 repaired=1 warned=0 attempts=1\n"
        self.assertEqual(outcome(f"baton: fact a=1\n{verdict}"), RIGHT)
        self.assertEqual(outcome(f"baton: fact a=2\n{verdict}"), WRONG)
        self.assertEqual(outcome(verdict), WRONG)
        self.assertEqual(outcome("baton: verdict fail rule=K1\n"), BROKEN)
        self.assertEqual(outcome("baton: stop code=9\n"), BROKEN)
        self.assertEqual(outcome("baton: error: x\nBdsDxe: failed to start Boot0001", "baton: image base=0x1"), REFUSED)
        self.assertEqual(outcome("", "baton: image base=0x1", "time limit"), BROKEN)
        self.assertEqual(outcome("Shell>"), NEVER)
        self.assertEqual(outcome("!!!! X64 Exception", "", "firmware exception"), BROKEN)

    def test_complaints(self):
        self.assertFalse(fast.complaints([Fate(Mutant(0, "", 0), RIGHT, ""), Fate(Mutant(1, "fat", 2), REFUSED, "x")]))
        for fate in (Fate(Mutant(0, "", 0), REFUSED, "x"), Fate(Mutant(1, "fat", 2), WRONG, "x"), Fate(Mutant(1, "fat", 2), BROKEN, "x")):
            self.assertTrue(fast.complaints([fate]))

    def test_signature_sees_what_is_loaded(self):
        elf, modules = make_bad.Kernel().bytes(), [("one", b"1"), ("two", b"")]
        entry, loaded = segments(elf)
        self.assertEqual(entry, loaded[0][0])
        self.assertEqual([(len(content), permissions) for _, permissions, content in loaded], [(4096, 5), (4096, 4), (4096, 6)])
        good = signature(elf, modules, "x")
        for offset in (24, 64 + 4, 64 + 16, 4096, 8191, 3 * 4096):
            self.assertNotEqual(signature(elf[:offset] + bytes([elf[offset] ^ 1]) + elf[offset + 1:], modules, "x"), good, offset)
        for others in ([("one", b"2"), ("two", b"")], [("one", b"1")], [("One", b"1"), ("two", b"")], [("two", b""), ("one", b"1")]):
            self.assertNotEqual(signature(elf, others, "x"), good)
        self.assertNotEqual(signature(elf, modules, "y"), good)
