# SPDX-License-Identifier: BSD-2-Clause
"""What test/proof/prove makes of Frama-C's answers, with a script in the place of Frama-C, and that its mutants still fit."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROVE = os.path.join(TREE, "test", "proof", "prove")
ALL, ONE_SHORT = "[wp] Proved goals:    4 / 4", "[wp] Proved goals:    3 / 4"
UNPROVED = "[wp] [Failed] Goal typed_$3_ensures"  # $3: the function that is asked about


def load():
    loader = importlib.machinery.SourceFileLoader("prove", PROVE)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("prove", loader))
    loader.exec_module(module)
    return module


class Prove(unittest.TestCase):
    def prove(self, whole, mutant):
        """Output and status when Frama-C says `whole` of a file and `mutant` of a function of its mutant."""
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("why3", "z3", "cvc4", "frama-c"):
                path = os.path.join(folder, tool)
                with open(path, "w", encoding="ascii") as file:
                    file.write('#!/bin/sh\nwhile [ "${1--wp-fct}" != -wp-fct ]; do shift; done\nset -- x y "${2-}"\n'
                               f'if [ -n "$3" ]; then\necho "{mutant}"\nelse\necho "{whole}"\nfi\n')
                os.chmod(path, 0o755)
            done = subprocess.run([sys.executable, PROVE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, encoding="utf-8")
        return done.stdout, done.returncode

    def test_all_proved_and_every_mutant_seen(self):
        said, status = self.prove(ALL, f"{UNPROVED}\n{ONE_SHORT}")
        self.assertEqual(status, 0, said)
        self.assertIn("lib/elf64.c: 4 of 4 goals\nlib/memory_map.c: 4 of 4 goals\n", said)
        self.assertTrue(said.endswith(": all proved\n"), said)

    def test_an_unproved_goal_fails_and_is_named(self):
        said, status = self.prove(f"[wp] [CVC4 1.8] Goal typed_place_ensures : Timeout (10s)\n{ONE_SHORT}", f"{UNPROVED}\n{ONE_SHORT}")
        self.assertEqual(status, 1)
        self.assertIn("lib/elf64.c: 3 of 4 goals\n    typed_place_ensures\nlib/memory_map.c: 3 of 4", said)
        self.assertTrue(said.endswith(": FAILED\n"), said)

    def test_a_warning_is_no_proof(self):
        said, status = self.prove(f"[wp] lib/elf64.c:51: Warning: \n  Cast with incompatible pointers types\n{ALL}", f"{UNPROVED}\n{ONE_SHORT}")
        self.assertEqual(status, 1)
        self.assertIn("Cast with incompatible", said)

    def test_a_mutant_that_is_proved_or_fails_elsewhere_fails(self):
        for mutant in (ALL, f"[wp] [Failed] Goal typed_other_ensures\n{ONE_SHORT}"):
            said, status = self.prove(ALL, mutant)
            self.assertEqual(status, 1)
            self.assertIn("the proof is worth nothing", said)

    def test_a_missing_tool_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, PROVE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  env={**os.environ, "PATH": folder}, encoding="utf-8")
        self.assertEqual(done.returncode, 1)
        self.assertIn("frama-c, why3, z3, cvc4 missing: run `sh tools/setup prove`", done.stdout)

    def test_the_mutants_fit(self):
        prove = load()
        self.assertEqual({mutant[0] for mutant in prove.MUTANTS}, set(prove.FILES))
        for source, function, check, instead in prove.MUTANTS:
            with open(os.path.join(TREE, source), encoding="utf-8") as file:
                text = file.read()
            self.assertEqual(text.count(check), 1, (source, check))
            self.assertIn(f"{function}(", text)
            self.assertNotEqual(check, instead)


if __name__ == "__main__":
    unittest.main()
