# SPDX-License-Identifier: BSD-2-Clause
"""`baton kernel check` over the kernels of test/elf/make_bad.py: each is refused in its words, the good ones pass."""

import json
import os
import subprocess
import tempfile
import unittest

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATON = os.path.join(TREE, "build", "baton")
NO_ELF = {"empty", "short", "text"}  # not even understood: exit code 2


def check(*arguments, **more):
    return subprocess.run([BATON, "kernel", "check", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, encoding="utf-8", **more)


class KernelCheck(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        subprocess.run([os.path.join(TREE, "test", "elf", "make_bad.py"), cls.folder.name], check=True)
        with open(os.path.join(cls.folder.name, "bad.tsv"), encoding="ascii") as listing:
            cls.kernels = [line.rstrip("\n").split("\t") for line in listing]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, f"{name}.elf")

    def test_each_bad_kernel_is_refused_in_its_words(self):
        self.assertGreater(len(self.kernels), 40)
        for name, says, _ in self.kernels:
            with self.subTest(kernel=name):
                done = check(self.path(name))
                if says:
                    self.assertIn(f"cannot be booted: {says}", done.stdout)
                    self.assertEqual(done.returncode, 2 if name in NO_ELF else 1)
                else:
                    self.assertIn(": can be booted: ", done.stdout)
                    self.assertEqual(done.returncode, 0)

    def test_help_follows_and_the_header_at_fault_is_marked(self):
        lines = check(self.path("wx")).stdout.splitlines()
        self.assertIn("(program header 0)", lines[0])
        self.assertIn("FLAGS(5)", lines[1])
        self.assertEqual([line[0] for line in lines[3:]], [">", " ", " "])

    def test_json_says_the_same(self):
        for name, says, _ in self.kernels:
            with self.subTest(kernel=name):
                done = check("--json", self.path(name))
                said = json.loads(done.stdout)
                self.assertEqual(said["bootable"], not says)
                self.assertIn(says or "fine", said["status"])
                self.assertEqual("segments" in said, not says)

    def test_position_independent_kernel_moves_to_the_top(self):
        said = json.loads(check("--json", self.path("goodpie")).stdout)
        self.assertEqual(said["base_virt"], "0xffffffff80000000")
        self.assertEqual(said["bias"], "0xffffffff7ffff000")
        self.assertTrue(said["relocations_tried"])

    def test_takes_what_compiler_and_linker_make(self):
        source = os.path.join(self.folder.name, "kernel.c")
        with open(source, "w", encoding="ascii") as file:
            file.write("int a, *b = &a; void _start(void) { *b = 1; for (;;); }\n")
        flags = ["-nostdlib", "-ffreestanding", "-fno-stack-protector", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096"]
        for name, more in (("fixed", ["-static", "-fno-pie", "-no-pie"]),
                           ("pie", ["-static-pie", "-fpie", "-Wl,--no-dynamic-linker"])):
            with self.subTest(kernel=name):
                path = self.path("real" + name)
                subprocess.run(["cc", *flags, *more, "-o", path, source], check=True)
                said = json.loads(check("--json", path).stdout)
                self.assertTrue(said["bootable"], said)
                self.assertEqual(said["bias"] != "0x0", name == "pie")

    def test_reads_standard_input_and_names_it(self):
        with open(self.path("good"), "rb") as file:
            done = check("-", stdin=file)
        self.assertIn("standard input: can be booted", done.stdout)

    def test_no_colour_in_a_pipe(self):
        self.assertNotIn("\x1b", check(self.path("good"), env={**os.environ, "TERM": "xterm"}).stdout)

    def test_missing_file_and_wrong_usage(self):
        done = check(self.path("absent"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such file", done.stderr)
        for arguments in ([], ["a", "b"], ["--yaml", "a"], ["-o", "x", "a"]):
            with self.subTest(arguments=arguments):
                done = check(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("wrong usage", done.stderr)

    def test_help_names_the_exit_codes(self):
        done = check("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Exit codes:", done.stdout)


if __name__ == "__main__":
    unittest.main()
