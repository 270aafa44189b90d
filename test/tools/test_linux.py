# SPDX-License-Identifier: BSD-2-Clause
"""What is made of a Linux kernel's last words, and of all outcomes: on evidence made for it."""

import os
import unittest

from gremlin import cases, linux, results
from vm import qemu

LEFT = "gremlin: exit attempt=1 status=0x0\n"
E820 = "[    0.000000] BIOS-e820: [mem 0x{:016x}-0x{:016x}] usable\n"
CLEAN = E820.format(0x1000, 0x9ffff) + E820.format(0x100000, 0xfffffff) + "[    0.1] rtc: failed with 5\n"
CPU0 = "[    1.5] smpboot: CPU0: AMD\n"
RUN = ("gremlin: run x k={} end={} status={} attempts=1 hits=1 left=pages:{},pools:0,events:0,files:0,guarded:0,bad:0 map=0\n")


def words(text, found=None, reason="ended", status=0):
    return linux.end_words(text, qemu.Outcome(status=status, reason=reason), found, CLEAN)


class Ends(unittest.TestCase):
    def test_a_boot_is_one_when_linux_has_come_far_enough(self):
        self.assertEqual(words(LEFT + CLEAN + CPU0, reason="matched"), "boots")
        self.assertNotEqual(words(LEFT + CLEAN), "boots")

    def test_new_complaints_count_and_old_ones_do_not(self):
        said = "[    0.2] rtc: failed with 6\n[    0.3] efi: [Firmware Bug]: Invalid EFI memory map entries:\n"
        self.assertEqual(words(LEFT + CLEAN + said + CPU0), 'boots, says "efi: [Firmware Bug]: Invalid EFI memory map entries:"')

    def test_memory_that_is_none_is_noticed(self):
        self.assertIn("takes 1024 KiB", words(LEFT + CLEAN + E820.format(0x20000000, 0x200fffff) + CPU0))
        self.assertIn("lacks 255 MiB", words(LEFT + E820.format(0x1000, 0x9ffff) + CPU0))

    def test_a_call_after_a_failed_attempt(self):
        self.assertEqual(words("gremlin: exit attempt=1 refused\ngremlin: exit attempt=2 refused\ngremlin: trap console=ConOut\n"),
                         "calls the firmware after 2 failed attempts (console ConOut)")

    def test_exceptions(self):
        self.assertEqual(words("!!!! X64 Exception Type - 06(#UD - Invalid Opcode)\n", reason="firmware exception"), "exception before the exit")
        self.assertEqual(words(LEFT + "gremlin: exception after exit: stack 0x3\n"), "exception after the exit")

    def test_panics_halts_resets(self):
        self.assertEqual(words(LEFT + "[    0.1] Kernel panic - not syncing: No memory\n"), "panics: No memory")
        self.assertEqual(words(LEFT + "\nOut of memory\n\n -- System halted", reason="matched"), "halts: Out of memory")
        self.assertEqual(words(LEFT), "resets without a word")
        self.assertEqual(words(LEFT + "[    0.0] Linux version 6.1\n"), "resets")

    def test_a_hang_needs_evidence(self):
        self.assertEqual(words(LEFT, found="stands still with interrupts off", status=0), "hangs: stands still with interrupts off")
        self.assertIsNone(words(LEFT, reason="time limit", status=124))

    def test_a_stub_that_comes_back(self):
        self.assertEqual(words(RUN.format(1, "returned", "0x8000000000000009", 0)), "returned 0x9")
        self.assertEqual(words(RUN.format(1, "returned", "0x8000000000000009", 3)), "returned 0x9, 3 pages left behind")


class Machines(unittest.TestCase):
    def test_standing_still(self):
        self.assertTrue(linux.stands_still("RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\n"))
        self.assertFalse(linux.stands_still("RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\n"))
        self.assertFalse(linux.stands_still("RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\n"))
        self.assertFalse(linux.stands_still(""))

    def test_the_clock(self):
        clock = '{{"tm_sec": {}, "tm_year": 126, "tm_hour": 15, "tm_mon": 10, "tm_mday": 21, "tm_min": 41}}'
        self.assertEqual(linux.guest_seconds(clock.format(59)) - linux.guest_seconds(clock.format(1)), 58)
        self.assertIsNone(linux.guest_seconds("Error: no such property"))

    def test_beyond(self):
        self.assertEqual(linux.beyond([(0, 10)], [(2, 4), (6, 20)]), 4)
        self.assertEqual(linux.beyond([(0, 10), (30, 40)], []), 20)
        self.assertEqual(linux.beyond([(5, 8)], [(0, 10)]), 0)


class Tables(unittest.TestCase):
    def test_a_sweep_counts_its_starts(self):
        self.assertEqual(results.tally("k = 1 to 12: 11 caught, 1 returned"), {"leave at the exit": 11, "come back": 1})
        self.assertEqual(linux.summary({1: "returned 0x9", 2: "returned 0x9, 3 pages left behind", 3: "left, 1 attempts"}, True),
                         "k = 1 to 3: 1 come back, 1 come back and leave something behind, 1 leave at the exit")

    def test_every_outcome_has_a_kind(self):
        known = {name for _, name in results.KINDS}
        for name, row in results.load()[1].items():
            for words in row:
                with self.subTest(name, words=words):
                    self.assertLessEqual(set(results.tally(words)) if words else set(), known)

    def test_nothing_is_missing(self):
        _, rows = results.load()
        self.assertEqual([case.name for case in cases.CASES if not rows.get(case.name, [""])[0]], [], "make test-hostile TESTS='...'")
        for_linux = {case.name for case in cases.linux_cases()}
        self.assertEqual([name for name, row in rows.items() if row[1] and name not in for_linux], [])

    def test_the_tables_are_those_of_the_outcomes(self):
        version, rows = results.load()
        with open(results.RESULTS, encoding="utf-8") as file:
            self.assertEqual(file.read(), results.table(version, rows), "make test-hostile TESTS='...' writes it")
        with open(results.README, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(results.with_summary(text, version, rows), text)
        self.assertTrue(text.rstrip().endswith(results.END), "test/README.md ends with the table")
