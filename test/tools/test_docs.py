# SPDX-License-Identifier: BSD-2-Clause
"""The documents: their links lead somewhere, and the commands of the README are those that CI runs."""

import os
import re
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMANDS = ("sh tools/setup && make run", "sh tools/setup && make test")


def documents():
    for folder, folders, files in os.walk(TREE):
        folders[:] = [name for name in folders if name not in ("build", ".git")]
        yield from (os.path.join(folder, name) for name in files if name.endswith(".md"))


def broken_links(text, folder):
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    return [link for link in links if not os.path.exists(os.path.join(folder, link))]


class Documents(unittest.TestCase):
    def test_links_lead_to_files(self):
        for path in documents():
            with self.subTest(os.path.relpath(path, TREE)), open(path, encoding="utf-8") as file:
                self.assertEqual(broken_links(file.read(), os.path.dirname(path)), [])

    def test_a_broken_link_is_seen(self):
        self.assertEqual(broken_links("[a](README.md) [b](https://x.org/y) [c](gone.md#d)", TREE), ["gone.md"])

    def test_ci_runs_the_commands_of_the_readme(self):
        for name in ("README.md", ".ci/run"):
            with open(os.path.join(TREE, name), encoding="utf-8") as file:
                lines = {line.strip().removeprefix("part ").strip("'") for line in file}
            self.assertEqual([command for command in COMMANDS if command not in lines], [], name)
