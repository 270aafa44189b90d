# SPDX-License-Identifier: BSD-2-Clause
"""Running machines: tools/vm/qemu.py and tools/run-qemu, with a script in the place of QEMU."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

from vm import qemu

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSED = "baton: verdict pass checks=1 repaired=0 warned=0 attempts=1"


def shell(script, **words):
    return qemu.run(["sh", "-c", script], words.pop("seconds", 20), **words)


class Runs(unittest.TestCase):
    def test_status_and_text(self):
        outcome = shell(r"printf '\033[2J\033[01;01Hone\r\ntwo\n'; echo oh >&2; exit 33")
        self.assertEqual((outcome.status, outcome.reason, outcome.text, outcome.errors), (33, "ended", "one\ntwo\n", "oh\n"))

    def test_time_limit_ends_the_process_itself(self):
        outcome = shell("echo begun; exec sleep 60", seconds=1)
        self.assertEqual((outcome.reason, outcome.text), ("time limit", "begun\n"))
        self.assertLess(outcome.seconds, 20)

    def test_stops_at_what_it_waits_for(self):
        outcome = shell("echo 'Boot0001: Not'; sleep 0.2; echo ' Found'; exec sleep 60", until=r"Not\s+Found")
        self.assertEqual(outcome.reason, "matched")
        self.assertLess(outcome.seconds, 20)

    def test_pattern_across_terminal_codes(self):
        self.assertEqual(shell(r"printf 'Not\033[7m Fou'; sleep 0.2; printf 'nd'; exec sleep 60", until="Not Found").reason, "matched")

    def test_firmware_exception_is_no_hang(self):
        outcome = shell("echo '!!!! X64 Exception Type - 0D'; exec sleep 60")
        self.assertEqual(outcome.reason, "firmware exception")

    def test_kvm_that_cannot_run_the_guest_is_seen(self):
        self.assertEqual(shell("echo 'KVM internal error. Suberror: 1' >&2; exec sleep 60").reason, "KVM internal error")

    def test_output_is_echoed_as_it_comes(self):
        pieces = []
        shell("echo one; sleep 0.2; echo two", echo=lambda piece: pieces.append((time.monotonic(), piece)))
        self.assertEqual(b"".join(piece for _, piece in pieces), b"one\ntwo\n")
        self.assertGreater(pieces[-1][0] - pieces[0][0], 0.1)


class RunQemu(unittest.TestCase):
    """tools/run-qemu must have status 0 for a passing verdict and for nothing else."""

    def run_qemu(self, script, *options):
        with tempfile.TemporaryDirectory() as folder:
            fake = os.path.join(folder, "qemu")
            with open(fake, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{script}\n")
            os.chmod(fake, 0o755)
            return subprocess.run([sys.executable, f"{TREE}/tools/run-qemu", *options, "--debug-log", f"{folder}/log", f"{folder}/x.img"],
                                  env={**os.environ, "QEMU": fake, "ACCEL": "tcg"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  check=False)

    def test_pass(self):
        done = self.run_qemu(f"echo '{PASSED}'; exit 33")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(PASSED.encode(), done.stdout)

    def test_everything_else_fails(self):
        for name, script in {
            "no verdict": "exit 33",
            "failing verdict": "echo 'baton: verdict fail rule=K1'; exit 35",
            "failing verdict, passing status": "echo 'baton: verdict fail rule=K1'; exit 33",
            "passing verdict, failing status": f"echo '{PASSED}'; exit 35",
            "passing verdict, power off": f"echo '{PASSED}'; exit 0",
            "two verdicts": f"echo '{PASSED}'; echo '{PASSED}'; exit 33",
            "QEMU fails": "echo 'no such device' >&2; exit 1",
        }.items():
            with self.subTest(name):
                done = self.run_qemu(script)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"run-qemu: ", done.stderr)

    def test_hang_fails(self):
        done = self.run_qemu(f"echo '{PASSED}'; exec sleep 60", "--seconds", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"time limit", done.stderr)

    def test_cursor_codes_stay_out_of_the_terminal(self):
        done = self.run_qemu(r"printf '\033'; sleep 0.2; printf '[2J\342\226'; sleep 0.2; printf '\210 one\r\n'; " + f"echo '{PASSED}'; exit 33")
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertIn("\u2588 one\n".encode(), done.stdout)
