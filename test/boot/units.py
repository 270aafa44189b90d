# SPDX-License-Identifier: BSD-2-Clause
"""Tests without a machine: cmocka programs, counted from their TAP output (one that dies is a failure), and Python modules."""

import os
import re
import subprocess
import time
import unittest

from .result import Result

TAP = re.compile(r"^(ok|not ok) \d+ - (.*)$", re.MULTILINE)
SKIPPED = re.compile(r"^not ok \d+ # SKIP ", re.MULTILINE)  # cmocka's way to say that a test chose not to run
PLAN = re.compile(r"^1\.\.(\d+)", re.MULTILINE)
SECONDS = 300  # against hangs


class Unit:
    def __init__(self, program):
        self.program = program
        self.name = "unit/" + os.path.basename(program)

    def run(self):
        started = time.monotonic()
        try:
            done = subprocess.run([self.program], env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"}, timeout=SECONDS,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            return [judge(self.name, done.stdout.decode(errors="replace"), done.returncode, time.monotonic() - started)]
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode(errors="replace")
            return [Result(self.name, 0, 1, SECONDS, [f"did not end within {SECONDS} s"], said)]


def judge(name, said, status, seconds):
    """Counts what a program printed; its status must agree with it."""
    lines = TAP.findall(said)
    bad = [title for mark, title in lines if mark == "not ok"]
    result = Result(name, len(lines) - len(bad), len(bad), seconds, [f"not ok: {title}" for title in bad], said)
    planned = sum(int(count) for count in PLAN.findall(said))
    reported = len(lines) + len(SKIPPED.findall(said))
    if not lines or planned != reported:
        result.problems.append(f"{planned} tests planned, {reported} reported")
    if (status != 0) != bool(bad):
        result.problems.append(f"ended with status {status}")
    if result.problems and not bad:
        result.failed = 1
    return result


class PythonTests:
    """The tests of one module of test/tools."""

    def __init__(self, module):
        self.module = module
        self.name = "tools/" + module.rsplit(".", 1)[-1]

    def run(self):
        started = time.monotonic()
        outcome = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromName(self.module).run(outcome)
        wrong = outcome.failures + outcome.errors + [(test, "passed against expectation") for test in outcome.unexpectedSuccesses]
        result = Result(self.name, max(0, outcome.testsRun - len(wrong)), len(wrong), time.monotonic() - started,
                        [f"failed: {test}" for test, _ in wrong], "\n".join(text for _, text in wrong))
        return [result]


def python_tests(folder):
    names = sorted(name[:-3] for name in os.listdir(folder) if name.startswith("test_") and name.endswith(".py"))
    return [PythonTests(f"{os.path.basename(folder)}.{name}") for name in names]
