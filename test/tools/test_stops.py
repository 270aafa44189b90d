# SPDX-License-Identifier: BSD-2-Clause
"""How boots that end in a stop are judged: each of the four witnesses is believed only when it says the same as the others."""

import unittest

from boot import stops
from boot.consoles import spcr
from vm import qemu, screen

SHORT = "244M-R3G2-G8T1-5100-T3N0-T63C-SX"
LINES = ['baton: stop code=9 stage=jump reason="..." a=0xe b=0x2 c=0xffffffff80001234 d=0xdead000',
         'baton: exception vector=14 name="page fault" error=0x2 meaning="..." at=kernel+0x1234',
         "baton: registers RIP=0xffffffff80001234 RSP=0x1000 RFL=0x2 CS=0x8 CR2=0xdead000", f"baton: short {SHORT}"]
CODE = f"BATON STOP {SHORT} CODE 9 STAGE 12 VECTOR 14 ERROR 2 AT KERNEL+1234"


def record(magic=stops.RECORD_MAGIC, stage=12, code=9, attempts=1, detail=(14, 2, 0, 0), log="\n".join(LINES) + "\n"):
    data = log.encode()
    return stops.RECORD.pack(magic, 1, 8192, stage, code, attempts, len(data), *detail, *([0] * 16), data)


def judged(serial=LINES, debug=LINES, codes=(CODE,), kept=None):
    outcome = qemu.Outcome(raw=bytearray("\r\n".join(["provoking", *serial, ""]).encode()))
    outcome.pictures = stops.Witnesses(list(codes), (640, 480), record() if kept is None else kept, "\n".join(["x", *debug]) + "\n")
    return stops.reported(14, 2, r" at=kernel\+0x[0-9a-f]+$")(None, outcome)


class Judging(unittest.TestCase):
    def test_good(self):
        self.assertEqual(judged(), [])

    def test_each_witness_is_heard(self):
        for name, arguments in {
                "another vector": {"serial": [LINES[0].replace("a=0xe", "a=0xd"), *LINES[1:]]},
                "another error": {"serial": [LINES[0], LINES[1].replace("error=0x2", "error=0x3"), *LINES[2:]]},
                "no place": {"serial": [LINES[0], LINES[1].replace("kernel+", ""), *LINES[2:]]},
                "nothing on the serial line": {"serial": []},
                "nothing on the debug port": {"debug": []},
                "another line on the debug port": {"debug": [*LINES[:3], "baton: short 1234"]},
                "no code on the screen": {"codes": ()},
                "two codes": {"codes": (CODE, CODE)},
                "another code": {"codes": (CODE.replace("SX", "SY"),)},
                "another error in the code": {"codes": (CODE.replace("ERROR 2", "ERROR 22"),)},
                "no record": {"kept": b""},
                "a record of something else": {"kept": record(magic=1)},
                "a record of another stage": {"kept": record(stage=11)},
                "a record without a stop": {"kept": record(code=0)},
                "other attempts": {"kept": record(attempts=2)},
                "another vector in the record": {"kept": record(detail=(13, 2, 0, 0))},
                "another error in the record": {"kept": record(detail=(14, 3, 0, 0))},
                "a log without the stop": {"kept": record(log="segment 0\n")}}.items():
            with self.subTest(name):
                self.assertTrue(judged(**arguments))

    def test_the_size_of_the_screen(self):
        outcome = qemu.Outcome()
        outcome.pictures = stops.Witnesses([], (640, 480))
        right, wrong = (stops.is_shown_at(*size, lambda *_: []) for size in ((640, 480), (800, 600)))
        self.assertEqual((right(None, outcome), len(wrong(None, outcome))), ([], 1))

    def test_a_file_that_is_no_picture_is_an_error(self):
        with self.assertRaises(OSError):
            stops.read_codes(__file__)


class Tables(unittest.TestCase):
    def test_the_console_table_has_its_size(self):
        """With the header of 36 bytes SPCR has 80 (revision 2)."""
        self.assertEqual(len(spcr(0x2F8)), 44)
        self.assertEqual(spcr(0x2F8)[8:16], (0x2F8).to_bytes(8, "little"))


class Pictures(unittest.TestCase):
    def test_without_a_machine_there_is_no_picture(self):
        with screen.monitor_folder() as folder, self.assertRaises(OSError):
            screen.Monitor(folder).memory(0, 16)
