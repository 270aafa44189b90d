# SPDX-License-Identifier: BSD-2-Clause
"""What .ci/run makes of its parts, with a script in the place of make."""

import os
import shutil
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOOD = {"run": "true", "test": "echo '5 passed, 0 failed'", "test-matrix": "echo '7 passed, 0 failed'",
        "test-hostile": "echo '20 passed, 0 failed'", "test-firmware": "echo '9 passed, 0 failed'",
        "test-disks": "echo '30 passed, 0 failed'", "test-power": "echo '11 passed, 0 failed'"}


class ContinuousIntegration(unittest.TestCase):
    def ci(self, **parts):
        """The last line and the status of .ci/run when make does this for its targets."""
        with tempfile.TemporaryDirectory() as folder:
            for name in (".ci", "tools", "bin"):
                os.mkdir(os.path.join(folder, name))
            shutil.copy(os.path.join(TREE, ".ci", "run"), os.path.join(folder, ".ci"))
            with open(os.path.join(folder, "tools", "setup"), "w", encoding="ascii"):
                pass
            make = os.path.join(folder, "bin", "make")
            with open(make, "w", encoding="ascii") as file:
                file.write('#!/bin/sh\ncase $1 in\n' + "".join(f"{target}) {does} ;;\n" for target, does in {**GOOD, **parts}.items()) + "esac\n")
            os.chmod(make, 0o755)
            done = subprocess.run([os.path.join(folder, ".ci", "run")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"})
        return done.stdout.decode().splitlines()[-1], done.returncode

    def test_sum(self):
        self.assertEqual(self.ci(), ("83 passed, 0 failed", 0))

    def test_each_failure_counts(self):
        for parts, last in (({"run": "false"}, "82 passed, 1 failed"),
                            ({"test": "echo '4 passed, 1 failed'; exit 1"}, "82 passed, 1 failed"),
                            ({"test": "echo '5 passed, 0 failed'; exit 2"}, "83 passed, 1 failed"),
                            ({"test": "echo 'error: it does not build'; exit 2"}, "78 passed, 1 failed"),
                            ({"run": "kill -9 $$"}, "82 passed, 1 failed")):
            with self.subTest(parts):
                self.assertEqual(self.ci(**parts), (last, 1))
