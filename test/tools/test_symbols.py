# SPDX-License-Identifier: BSD-2-Clause
"""The loader's table of names, as it stands in the finished image, against what nm says of the code that it was linked with."""

import os
import re
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TREE, "build")
IMAGE = os.path.join(BUILD, "loader.so")
MAKE = os.path.join(TREE, "tools", "make-symbols")


def symbols():
    """{offset: names} of all that nm calls code, but for the bounds of the sections."""
    said = subprocess.run(["nm", IMAGE], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    found = {}
    for offset, name in re.findall(r"^([0-9a-f]+) [tT] (?!image_)(\S+)$", said, re.MULTILINE):
        found.setdefault(int(offset, 16), set()).add(name.split(".")[0])
    return found


def table():
    """[(offset, name)] from the bytes behind the symbol symbol_table of the PE image: offsets in it are offsets in memory."""
    said = subprocess.run(["nm", IMAGE], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    start = int(re.search(r"^([0-9a-f]+) [rR] symbol_table$", said, re.MULTILINE).group(1), 16)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rodata")
        subprocess.run(["objcopy", "-O", "binary", "--only-section=.rodata", os.path.join(BUILD, "BOOTX64.EFI"), path], check=True)
        with open(path, "rb") as file:
            data = file.read()
    begin = int(re.search(r"^([0-9a-f]+) [tTrR] image_rodata_start$", said, re.MULTILINE).group(1), 16)
    at, entries, offset = start - begin, [], 0
    while data[at:at + 2] != b"\xff\xff":
        end = data.index(b"\0", at + 2)
        offset += int.from_bytes(data[at:at + 2], "little")
        entries.append((offset, data[at + 2:end].decode("ascii")))
        at = end + 1
    return entries


class Symbols(unittest.TestCase):
    def test_every_name_is_where_nm_says(self):
        known = symbols()
        for offset, name in table():
            with self.subTest(name=name, offset=hex(offset)):
                self.assertIn(offset, known)
                if name:
                    self.assertIn(name, known[offset])

    def test_it_is_sorted_and_small(self):
        entries = table()
        self.assertEqual(entries, sorted(entries))
        self.assertEqual(len({offset for offset, _ in entries}), len(entries))
        self.assertLess(sum(3 + len(name) for _, name in entries), 2500)

    def test_what_runs_after_exit_has_its_name_and_what_does_not_has_none(self):
        names = {name for _, name in table()}
        # Those that the optimiser must not take apart; which others it leaves whole is its affair.
        for name in ("exit_boot_services", "after_exit", "stop", "stop_exception", "tables_switch", "exception_common", "memcpy"):
            self.assertIn(name, names)
        self.assertGreater(len(names), 50)
        for name in ("settings_read", "kernel_load", "elf64_plan", "graphics_start", "console_show", "image_base"):
            self.assertNotIn(name, names)

    def test_no_code_goes_by_its_neighbours_name(self):
        """A function that is not in the table must lie behind an entry without a name."""
        entries, named = table(), dict(table())
        for offset in symbols():
            if offset not in named and offset >= entries[0][0]:
                before = max(start for start, _ in entries if start <= offset)
                self.assertEqual(named[before], "", f"code at {offset:#x} would be called {named[before]}")

    def test_a_table_that_does_not_fit_is_noticed(self):
        with open(os.path.join(BUILD, "symbols.inc"), encoding="ascii") as file:
            text = file.read()
        for wrong in (text.replace("after_switch", "after_witch"), text[text.index("\n") + 1:], ""):
            with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
                file.write(wrong)
                file.flush()
                done = subprocess.run([MAKE, "--check", file.name, IMAGE], stderr=subprocess.PIPE, check=False, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("does not fit", done.stderr)
        self.assertEqual(subprocess.run([MAKE, "--check", os.path.join(BUILD, "symbols.inc"), IMAGE], check=False).returncode, 0)
