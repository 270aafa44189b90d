# SPDX-License-Identifier: BSD-2-Clause
"""How boots and unit programs are judged: test/boot/expect.py, bad_input.py, units.py.  Each check fails here on what it is for."""

import unittest
from unittest import mock

from boot import bad_input, boot, expect, units
from vm import ovmf
from vm.qemu import FAIL, PASS, Machine, Outcome

GOOD = "baton: fact ram=0x10000000\nbaton: fact name=a b=c\nbaton: fact tested=4096\nbaton: verdict pass checks=9 repaired=0 warned=1 attempts=1\n"


def outcome(text=GOOD, status=PASS, reason="ended"):
    return Outcome(status=status, reason=reason, raw=bytearray(text.encode()))


class Verdicts(unittest.TestCase):
    def wrong(self, check, *arguments, **words):
        self.assertTrue(check(Machine(), outcome(*arguments, **words)))

    def test_pass(self):
        self.assertEqual(expect.passes(Machine(), outcome()), [])

    def test_not_a_pass(self):
        for name, text in {
            "none": "baton: fact a=b\n",
            "two": GOOD + GOOD,
            "fail": "baton: verdict fail rule=K17 text=\"x\"\n",
            "no checks": GOOD.replace("checks=9", "checks=0"),
            "cut off": "baton: verdict pass checks=9\n",
            "a stop after it": GOOD + "baton: stop code=3 stage=jump\n",
            "in the middle of a line": "x" + GOOD.splitlines()[-1],
        }.items():
            with self.subTest(name):
                self.wrong(expect.passes, text)

    def test_other_ends_than_the_verdict_says(self):
        self.wrong(expect.passes, status=FAIL)
        self.wrong(expect.passes, status=0)
        self.wrong(expect.passes, reason="time limit")
        self.wrong(expect.passes, reason="firmware exception")

    def test_failing_rule(self):
        text = "baton: verdict fail rule=K4 text=\"x\"\n"
        self.assertEqual(expect.fails_rule("K4")(Machine(), outcome(text, FAIL)), [])
        self.wrong(expect.fails_rule("K4"), text, PASS)
        self.wrong(expect.fails_rule("K4"), text.replace("K4", "K41"), FAIL)
        self.wrong(expect.fails_rule("K4"))

    def test_warnings(self):
        self.assertEqual(expect.warns_of_nothing(Machine(), outcome()), [])
        self.wrong(expect.warns_of_nothing, 'baton: finding rule=M4 severity=warning start=0x1 end=0x0 text="x"\n' + GOOD)

    def test_warnings_that_are_due(self):
        said = 'baton: finding rule=M4 severity=warning start=0x1 end=0x0 text="x"\n' + GOOD
        self.assertEqual(expect.warns_of("M4")(Machine(), outcome(said)), [])
        self.wrong(expect.warns_of("M4"), GOOD)
        self.wrong(expect.warns_of("K45", "M4"), said)
        self.wrong(expect.warns_of(), said)

    def test_says(self):
        self.assertEqual(expect.says("^baton: verdict")(Machine(), outcome()), [])
        self.wrong(expect.says("^baton: verdicts"))
        self.wrong(expect.says("baton"))
        self.assertEqual(expect.says("baton", 4)(Machine(), outcome()), [])

    def test_ends(self):
        self.assertEqual(expect.ends(status=PASS)(Machine(), outcome()), [])
        self.wrong(expect.ends())
        self.wrong(expect.ends("matched"))
        self.assertEqual(expect.ends("matched")(Machine(), outcome(reason="matched", status=-15)), [])

    def test_facts(self):
        self.assertEqual(expect.facts(ram="0x10000000")(Machine(), outcome()), [])
        self.wrong(expect.facts(ram="0x1000000"))
        self.wrong(expect.facts(rom="1"))
        self.assertEqual(expect.facts(ram=expect.in_range(1, 1 << 28))(Machine(), outcome()), [])
        self.wrong(expect.facts(ram=expect.in_range(1, (1 << 28) - 1)))
        self.assertEqual(expect.facts(name="a b=c", tested=4096)(Machine(), outcome()), [])
        self.wrong(expect.facts(name="a b"))


class BadInput(unittest.TestCase):
    LINE = "leakcheck: case 1 status=0x8000000000000001 before=5 after=5 leaked=pages:0,pools:0,events:0,files:0 takings=3\n"
    TEXT = "baton: error: x: not an\nELF file (Load Error)\n" + LINE

    def complaints(self, text, settles=True):
        return bad_input.complaints(bad_input.Bad("x", r"x: not an ELF file"), bad_input.starts_of(text).get(1), settles)

    def test_clean(self):
        self.assertEqual(self.complaints(self.TEXT), [])

    def test_each_complaint(self):
        for name, text in {
            "other message": self.TEXT.replace("not an", "an"),
            "of another start": self.LINE.replace("case 1", "case 0") + self.LINE,
            "success": self.TEXT.replace("0x8000000000000001", "0x0"),
            "pages": self.TEXT.replace("pages:0", "pages:1"),
            "pools": self.TEXT.replace("pools:0", "pools:1"),
            "events": self.TEXT.replace("events:0", "events:1"),
            "files": self.TEXT.replace("files:0", "files:1"),
            "ledger saw nothing": self.TEXT.replace("takings=3", "takings=0"),
            "map": self.TEXT.replace("after=5", "after=6"),
            "did not return": "baton: error: x: not an ELF file\n",
        }.items():
            with self.subTest(name):
                self.assertEqual(len(self.complaints(text)), 1)

    def test_firmware_that_keeps_memory_itself(self):
        self.assertEqual(self.complaints(self.TEXT.replace("after=5", "after=8"), settles=False), [])
        self.assertEqual(len(self.complaints(self.TEXT.replace("pages:0", "pages:1"), settles=False)), 1)


class UnitPrograms(unittest.TestCase):
    GOOD = "1..2\nok 1 - first\nok 2 - second\n"

    def judge(self, text, status):
        result = units.judge("x", text, status, 0.0)
        return result.passed, result.failed

    def test_counts(self):
        self.assertEqual(self.judge(self.GOOD, 0), (2, 0))
        self.assertEqual(self.judge(self.GOOD.replace("ok 2", "not ok 2"), 1), (1, 1))
        self.assertEqual(self.judge(self.GOOD.replace("ok 2 - ", "not ok 2 # SKIP "), 0), (1, 0))

    def test_nothing_passes_unseen(self):
        for name, (text, status) in {
            "dies after the last test": (self.GOOD, 1),
            "dies in the middle": ("1..2\nok 1 - first\n", 0),
            "says nothing": ("", 0),
            "fails with status 0": (self.GOOD.replace("ok 2", "not ok 2"), 0),
        }.items():
            with self.subTest(name):
                self.assertGreaterEqual(self.judge(text, status)[1], 1)


class WhatThisHostCannotDo(unittest.TestCase):
    def missing(self, **machine):
        return boot.Boot("x", (), Machine(**machine)).what_is_missing()

    def test_memory(self):
        with mock.patch.object(boot, "available_mib", return_value=4096):
            self.assertIsNone(self.missing(memory_mib=256))
            self.assertRegex(self.missing(memory_mib=5120), "4096 MiB")
        with mock.patch.object(boot, "available_mib", return_value=None):
            self.assertIsNone(self.missing(memory_mib=5120))

    def test_firmware(self):
        with mock.patch.object(boot.ovmf, "find", side_effect=ovmf.FirmwareMissing("none")):
            self.assertEqual(self.missing(firmware="secboot"), "none")
            self.assertIsNone(self.missing())
            self.assertIsNone(self.missing(firmware="u-boot"))
