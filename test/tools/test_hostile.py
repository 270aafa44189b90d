# SPDX-License-Identifier: BSD-2-Clause
"""How the gremlin's cases are judged: each complaint, on evidence made for it."""

import unittest

from gremlin import cases, outcomes
from gremlin.outcomes import Boots, Evidence, KernelRefuses, StopsForGood, leaves, returns, stops, sweep
from vm import qemu

PASS = "baton: verdict pass checks=9 repaired=1 warned=0 attempts={}\n"
K6 = 'baton: finding rule=K6 severity=warning start=0x0 end=0x0 text="..."\n'


def run_line(name="x", k=1, end="returned", status="0x8000000000000009", **numbers):
    values = dict(attempts=0, hits=0, pages=0, pools=0, events=0, files=0, guarded=0, bad=0, map=0, settled=1, handles=0, opens=0,
                  permissions=0, misuses=0, writes=0, wrong=0, shrunk=0) | numbers
    left = ",".join(f"{key}:{values.pop(key)}" for key in outcomes.LEFT + ("bad",))
    return (f"gremlin: run {name} k={k} end={end} status={status} left={left} " + " ".join(f"{key}={value}" for key, value in values.items())
            + " calls=pages:1,pool:1,free:1,protocol:1,maps:1\n")


def complaints(expect, text, status=qemu.PASS, debug="", name="x"):
    outcome = qemu.Outcome(status=status, raw=bytearray(text.encode()))
    return expect(Evidence(name, outcome, debug, runs=outcomes.runs_of(outcome.text, name)))


class Runs(unittest.TestCase):
    MESSAGE = "baton: error: no memory (Out of Resources)\n"

    def test_a_clean_return_passes(self):
        self.assertEqual(complaints(returns(), self.MESSAGE + run_line()), [])

    def test_each_number_counts(self):
        for key in (*outcomes.ZERO, *outcomes.LEFT):
            self.assertTrue(complaints(returns(), self.MESSAGE + run_line(**{key: 1})), key)
        self.assertTrue(complaints(returns(), self.MESSAGE + run_line(settled=0)))

    def test_writes_are_there_where_they_are_asked_for(self):
        end = run_line(end="caught", attempts=1, writes="{}")
        self.assertEqual(complaints(leaves(writes=True), end.format(3)), [])
        self.assertEqual(complaints(leaves(writes=True), end.format(0)), ["k=1: nothing was written"])
        self.assertEqual(complaints(leaves(writes=None), end.format(0)), [])
        self.assertEqual(complaints(leaves(), end.format(1)), ["k=1: writes=1"])
        self.assertTrue(complaints(outcomes.writes_unasked(), end.format(1)))

    def test_a_return_says_why_and_is_an_error(self):
        self.assertIn("k=1: no message", complaints(returns(), run_line()))
        self.assertTrue(complaints(returns(), self.MESSAGE + run_line(status="0x0")))

    def test_a_case_that_never_came_back_fails(self):
        self.assertEqual(complaints(returns(), self.MESSAGE + run_line(name="y")), ["the loader did not come back"])

    def test_the_last_start_of_a_k_counts(self):
        self.assertEqual(complaints(returns(), self.MESSAGE + run_line(settled=0) + self.MESSAGE + run_line()), [])

    def test_the_end_and_the_attempts_count(self):
        self.assertEqual(complaints(leaves(2), run_line(end="caught", attempts=2)), [])
        self.assertTrue(complaints(leaves(2), run_line(end="caught", attempts=3)))
        self.assertTrue(complaints(leaves(2), self.MESSAGE + run_line(attempts=2)))

    def test_a_stop_has_its_code(self):
        line = 'baton: stop code={} stage=exit reason="..." a=0x0 b=0x0 c=0x0 d=0x0\n'
        end = run_line(end="stopped", attempts=8)
        self.assertEqual(complaints(stops(1, 8), line.format(1) + end), [])
        self.assertTrue(complaints(stops(1, 8), line.format(2) + end))
        self.assertTrue(complaints(stops(1, 8), end))

    def test_a_sweep_ends_with_a_good_boot(self):
        failing, good = self.MESSAGE + run_line(hits=1), run_line(k=2, end="caught", attempts=1)
        self.assertEqual(complaints(sweep("returned"), failing + good), [])
        self.assertTrue(complaints(sweep("returned"), failing + self.MESSAGE + run_line(k=2)))
        self.assertTrue(complaints(sweep("returned"), run_line(end="caught", hits=1) + good))


class RealExits(unittest.TestCase):
    def test_boots(self):
        self.assertEqual(complaints(Boots(), PASS.format(1)), [])
        self.assertTrue(complaints(Boots(), PASS.format(2)))
        self.assertTrue(complaints(Boots(), ""))
        self.assertTrue(complaints(Boots(), PASS.format(1), status=qemu.FAIL))

    def test_findings_are_the_ones_that_are_due(self):
        self.assertEqual(complaints(outcomes.warned("K6"), K6 + PASS.format(1)), [])
        self.assertTrue(complaints(outcomes.warned("K6"), PASS.format(1)))
        self.assertTrue(complaints(Boots(), K6 + PASS.format(1)))

    def test_the_debug_port_has_its_say(self):
        self.assertEqual(complaints(Boots(debug="base=0x1"), PASS.format(1), debug="base=0x12"), [])
        self.assertTrue(complaints(Boots(debug="base=0x1"), PASS.format(1), debug="base=0x2"))

    def test_a_trap_is_a_failure(self):
        self.assertTrue(complaints(Boots(), "gremlin: trap service=3 from=0x10\n" + PASS.format(1)))

    def test_the_kernel_refuses_by_the_rule(self):
        text = "baton: verdict fail rule=K18 checks=1 fatal=1 repaired=0 warned=0 attempts=1\n"
        self.assertEqual(complaints(KernelRefuses("K18"), text, qemu.FAIL), [])
        self.assertTrue(complaints(KernelRefuses("K13"), text, qemu.FAIL))

    def test_a_stop_is_on_serial_line_and_debug_port(self):
        line = 'baton: stop code=1 stage=exit reason="..." a=0x0 b=0x0 c=0x0 d=0x0\n'
        self.assertEqual(complaints(StopsForGood(1), line, 0, line), [])
        self.assertTrue(complaints(StopsForGood(1), line, 0))
        self.assertTrue(complaints(StopsForGood(1), "", 0, line))


class Table(unittest.TestCase):
    def test_names_are_used_once_and_fit_the_gremlin(self):
        names = [case.name for case in cases.CASES]
        self.assertEqual(len(names), len(set(names)))
        self.assertLess(max(len(f"{case.name} {case.words}") for case in cases.CASES), 256)

    def test_every_rule_has_a_case_or_a_reason(self):
        """handoff rules H1-H92; numbers that the list leaves free are not there."""
        there = [*range(1, 19), *range(20, 37), *range(40, 48), *range(50, 67), *range(70, 79), *range(80, 84), 90, 91, 92]
        named = {case.name.split("-")[0] for case in cases.CASES} | set(cases.ELSEWHERE)
        self.assertEqual([f"H{number}" for number in there if f"H{number}" not in named], [])
