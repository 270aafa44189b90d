# SPDX-License-Identifier: BSD-2-Clause
"""tools/add-map: a report becomes a map of the corpus, with the findings that test/unit/test_maps.c expects."""

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAPS = os.path.join(TREE, "test", "maps")
REPORT = """# machine: Example Co. Notebook 13 (2024)
# firmware: UEFI 2.8 by Example, revision 0x1
# os: none, before ExitBootServices
# source: the report of Baton 0.1.0, 2026-01-02 03:04:05
# status: complete
# form: the report, as GetMemoryMap returned it; descriptors of 48 bytes, version 1
# command line: password=secret
# disk 0: whole, path 2.1 1.1
# log: segment 0: virtual 0xffffffff80000000
0 7 0x1000 159 0xf
1 7 0x100000 65536 0xf
2 9 0x10100000 16 0xf
"""
DMESG = """[    0.000000] efi: EFI v2.70 by Example Software
[    0.000000] efi: mem00: [Conventional Memory|   |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000001000-0x000000000009ffff] (0MB)
[    0.000000] efi: mem01: [Conventional Memory|   |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000100000-0x00000000200fffff] (512MB)
[    0.000000] DMI: Example Co. Desktop/Board, BIOS 1.23 04/05/2024
"""


def script():
    """The tool as a module."""
    loader = importlib.machinery.SourceFileLoader("add_map", f"{TREE}/tools/add-map")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("add_map", loader))
    loader.exec_module(module)
    return module


class AddMap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "maps")
        self.file = os.path.join(folder.name, "report.txt")
        os.mkdir(self.folder)

    def add(self, text, *options):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)
        return subprocess.run([sys.executable, f"{TREE}/tools/add-map", "--folder", self.folder, self.file, *options], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def added(self, name):
        files = []
        for suffix in (".map", ".findings"):
            with open(os.path.join(self.folder, name + suffix), encoding="utf-8") as file:
                files.append(file.read())
        return files

    def refused(self, done, reason):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, f"^add-map: .*{reason}")
        self.assertEqual(os.listdir(self.folder), [])

    def test_report(self):
        done = self.add(REPORT)
        self.assertEqual(done.returncode, 0, done.stderr)
        text, findings = self.added("example-co-notebook-13-2024")
        head = [line for line in REPORT.splitlines() if line.split(":")[0] in
                ("# machine", "# firmware", "# os", "# source", "# status", "# form")]
        self.assertEqual(text, "\n".join(head + REPORT.splitlines()[-3:]) + "\n")
        self.assertEqual(findings, "K20 info 1\nK44 info 1\n")
        self.assertIn(findings, done.stdout)

    def test_nothing_else_of_a_report_goes_in(self):
        self.add(REPORT)
        self.assertNotIn("secret", self.added("example-co-notebook-13-2024")[0])

    def test_kernel_log(self):
        done = self.add(DMESG, "--source", "a mailing list")
        self.assertEqual(done.returncode, 0, done.stderr)
        text, _ = self.added("example-co-desktop-board")
        for line in ("# machine: Example Co. Desktop/Board\n", 
                     "# firmware: BIOS 1.23 04/05/2024, EFI v2.70 by Example Software\n", "# source: a mailing list\n", "# status: complete\n", "\n1 7 0x100000 131072 0xf\n"):
            self.assertIn(line, text)

    def test_machine_must_be_known(self):
        rows = "".join(f"{line}\n" for line in REPORT.splitlines() if not line.startswith("#"))
        self.refused(self.add(rows), "--machine")
        self.assertEqual(self.add(rows, "--machine", "My Own", "--name", "mine").returncode, 0)
        self.assertIn("# machine: My Own\n# source: its owner\n", self.added("mine")[0])

    def test_same_machine_and_same_map_again(self):
        self.assertEqual(self.add(REPORT).returncode, 0)
        again = self.add(REPORT)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already: --name gives another", again.stderr)
        again = self.add(REPORT, "--name", "other")
        self.assertEqual(again.returncode, 1)
        self.assertIn("the same map is there already, as example-co-notebook-13-2024.map", again.stderr)
        self.assertEqual(len(os.listdir(self.folder)), 2)

    def test_no_map(self):
        self.refused(self.add("nothing of the kind\n"), "no memory map of a known form")

    def test_missing_file(self):
        done = subprocess.run([sys.executable, f"{TREE}/tools/add-map", "/nowhere"], stderr=subprocess.PIPE, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("add-map: ", done.stderr)

    def test_fatal_findings(self):
        broken = REPORT.replace("0x10100000 16", "0x10100001 16")
        self.refused(self.add(broken), "fatal findings")
        self.assertEqual(self.add(broken, "--fragment").returncode, 0)
        text, findings = self.added("example-co-notebook-13-2024")
        self.assertIn("# status: truncated\n", text)
        self.assertIn(" fatal ", findings)

    def test_findings_of_all_known_maps(self):
        """The counts are those that the unit test has recorded."""
        findings_of, count = script().findings_of, 0
        for name in sorted(os.listdir(MAPS)):
            if name.endswith(".map"):
                with self.subTest(name), open(os.path.join(MAPS, name[:-4] + ".findings"), encoding="utf-8") as file:
                    self.assertEqual(findings_of(os.path.join(MAPS, name))[0], file.read())
                count += 1
        self.assertGreaterEqual(count, 46)

    def test_unit_test_takes_what_was_added(self):
        """With the new map among the others, the unit test still passes; with other findings it does not."""
        shutil.copytree(MAPS, self.folder, dirs_exist_ok=True)
        self.assertEqual(self.add(REPORT).returncode, 0)

        def passes():
            return subprocess.run([f"{TREE}/build/unit/test_maps"], env={**os.environ, "MAPS_DIR": self.folder},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        self.assertTrue(passes())
        with open(os.path.join(self.folder, "example-co-notebook-13-2024.findings"), "a", encoding="utf-8") as file:
            file.write("K99 info 1\n")
        self.assertFalse(passes())
