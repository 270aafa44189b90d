# SPDX-License-Identifier: BSD-2-Clause
"""`baton map`: every kind of input, damage named by line, the actions in text, JSON and SVG, exit codes."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATON = os.path.join(TREE, "build", "baton")
SAMPLES = os.path.join(TREE, "test", "fuzz", "corpus", "fuzz_memory_import")
MAPS = os.path.join(TREE, "test", "maps")
OVMF = os.path.join(MAPS, "qemu-ovmf-128mb-shell.map")
DELL = os.path.join(MAPS, "dell-r630-bios243.map")
CAPTURE = os.path.join(TREE, "test", "captures", "q35.txt")
CORRUPTED = os.path.join(MAPS, "fragment-snp-kexec-corrupted.map")
SVG = "{http://www.w3.org/2000/svg}"

FORMS = {
    "corpus": "corpus format", "linux": "Linux kernel log", "linux-journal": "Linux kernel log", "linux-numbers": "Linux kernel log",
    "linux-arm": "Linux kernel log", "xen": "Xen log", "shell": "UEFI shell memmap", "shell-utf16": "UEFI shell memmap",
    "shell-serial": "UEFI shell memmap", "shell-sfo": "UEFI shell memmap", "grub": "GRUB lsefimmap", "freebsd": "FreeBSD EFI map",
    "e820": "Linux e820 map",
}


def sample(name):
    return os.path.join(SAMPLES, name)


def baton_map(*arguments, code=0, stdin=None, binary=False):
    """Runs it, demands the exit code, returns what it said."""
    done = subprocess.run([BATON, "map", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}, wanted {code}: {done.stderr.decode()}")
    return (done.stdout if binary else done.stdout.decode()), done.stderr.decode()


def descriptors(path):
    return [line for line in baton_map("convert", path)[0].splitlines() if not line.startswith("#")]


class Inputs(unittest.TestCase):
    def test_every_form_is_recognised_and_says_the_same(self):
        expected = descriptors(sample("corpus"))
        self.assertEqual(len(expected), 15)
        for name, form in FORMS.items():
            with self.subTest(name):
                result = json.loads(baton_map("show", "--json", sample(name))[0])["maps"][0]
                self.assertEqual(result["form"], form)
                self.assertEqual(result["problems"], [])
                if name != "e820":  # which knows neither boot services nor attributes
                    self.assertEqual(descriptors(sample(name)), expected)

    def test_no_sample_is_forgotten(self):
        self.assertEqual(set(os.listdir(SAMPLES)), set(FORMS) | {"damaged"})

    def test_standard_input(self):
        with open(sample("grub"), "rb") as file:
            said = baton_map("show", "-", stdin=file.read())[0]
        self.assertIn("standard input: 15 descriptors", said)

    def test_binary_dumps_find_their_stride(self):
        binary = baton_map("convert", "--to=raw", OVMF, binary=True)[0]
        self.assertEqual(len(binary), 117 * 48)
        narrow = b"".join(binary[at:at + 40] for at in range(0, len(binary), 48))
        expected = descriptors(OVMF)
        for stride, data in ((48, binary), (40, narrow)):
            for options in ([], [f"--stride={stride}"]):
                with self.subTest(stride=stride, options=options), tempfile.NamedTemporaryFile() as file:
                    file.write(data)
                    file.flush()
                    self.assertEqual([line for line in baton_map("convert", *options, file.name)[0].splitlines()
                                      if not line.startswith("#")], expected)

    def test_a_wrong_stride_is_fatal(self):
        binary = baton_map("convert", "--to=raw", OVMF, binary=True)[0]
        said, _ = baton_map("check", "--stride=40", "-", stdin=binary, code=1)
        self.assertIn("K13", said)

    def test_a_directory_like_sys_firmware_memmap(self):
        ranges = [("0x0", "0x9ffff", "System RAM"), ("0x100000", "0x7ffffff", "System RAM"), ("0x8000000", "0x8000fff", "ACPI Tables"),
                  ("0xfeffc000", "0xfeffffff", "Reserved"), ("0x100000000", "0x13fffffff", "System RAM")]
        with tempfile.TemporaryDirectory() as folder:
            for number in (10, 2, 0, 1, 3):  # 10 after 3
                start, end, kind = ranges[min(number, 4)]
                os.mkdir(os.path.join(folder, str(number)))
                for name, text in (("start", start), ("end", end), ("type", kind)):
                    with open(os.path.join(folder, str(number), name), "w", encoding="ascii") as file:
                        file.write(text + "\n")
            self.assertEqual(descriptors(folder), ["0 7 0x0 160 0xf", "1 7 0x100000 32512 0xf", "2 9 0x8000000 1 0xf",
                                                   "3 0 0xfeffc000 4 0x0", "4 7 0x100000000 262144 0xf"])
        self.assertIn("Linux e820 map", baton_map("convert", sample("e820"))[0])

    def test_a_capture_and_its_block_bring_owners(self):
        with tempfile.TemporaryDirectory() as folder:
            block = os.path.join(folder, "block")
            subprocess.run([BATON, "handoff", "extract", CAPTURE, "-o", block], check=True)
            for path, form in ((CAPTURE, "dump of a handoff block"), (block, "handoff block")):
                result = json.loads(baton_map("show", "--json", path)[0])["maps"][0]
                self.assertEqual(result["form"], form)
                self.assertEqual(result["descriptor_bytes"], 48)
                owners = {one["owner"] for one in result["ranges"]}
                self.assertTrue({"kernel text", "stack", "page tables", "handoff block", "boot record"} <= owners, owners)
            self.assertIn("(stack)", baton_map("plot", block)[0])
            self.assertIn("0 fatal", baton_map("check", block)[0])

    def test_damage_is_named_by_line_with_what_was_understood(self):
        said, complaints = baton_map("check", sample("damaged"))
        self.assertIn(":5: descriptors are missing before this line", complaints)
        self.assertIn(":13: this line of the map is damaged, left out", complaints)
        self.assertIn("12 descriptors were understood (Linux kernel log)", complaints)
        self.assertIn("12 descriptors", said)
        problems = json.loads(baton_map("check", "--json", sample("damaged"))[0])["maps"][0]["problems"]
        self.assertEqual([problem["line"] for problem in problems], [5, 13])

    def test_input_that_is_no_map(self):
        for data in (b"", b"hello\n", b"\0\1\2\3", b"BatonHnd" + bytes(100), b"baton: dump 00000000 00 crc=00000000\n"):
            with self.subTest(data):
                _, complaints = baton_map("show", "-", stdin=data, code=2)
                self.assertIn("baton: standard input: ", complaints)
        self.assertIn("baton: ", baton_map("show", "/nowhere", code=2)[1])
        with tempfile.TemporaryDirectory() as folder:
            baton_map("show", folder, code=2)

    def test_one_bad_file_does_not_hide_the_others(self):
        said, _ = baton_map("show", "/nowhere", OVMF, code=2)
        self.assertIn("117 descriptors", said)
        result = json.loads(baton_map("check", "--json", "/nowhere", OVMF, code=2)[0])
        self.assertEqual(len(result["maps"]), 1)


class Actions(unittest.TestCase):
    def test_show_accounts_for_every_byte(self):
        result = json.loads(baton_map("show", "--json", DELL)[0])["maps"][0]
        ranges, totals = result["ranges"], result["totals"]
        self.assertEqual(result["status"], "ok")
        self.assertEqual(result["descriptors"], 250)
        gaps = 0
        for one, two in zip(ranges, ranges[1:]):
            gaps += int(two["start"], 16) - int(one["end"], 16)
        classes = sum(bytes_ for name, bytes_ in totals.items() if name not in ("end of RAM", "not described"))
        self.assertEqual(classes, sum(one["bytes"] for one in ranges))
        self.assertEqual(totals["not described"], gaps)
        self.assertEqual(int(totals["end of RAM"], 16), 0x1080000000)

    def test_show_for_people(self):
        said, complaints = baton_map("show", OVMF)
        self.assertEqual(complaints, "")
        self.assertIn("0000000000001000 - 000000000009ffff   636 KiB  usable ", said)
        self.assertIn("384 KiB  not described", said)
        self.assertIn("usable in all              123 MiB in 18 ranges", said)
        self.assertNotIn("\33", said)  # colours are for terminals only

    def test_show_raw_keeps_the_order_of_the_firmware(self):
        said = baton_map("show", "--raw", DELL)[0]
        rows = [line.split() for line in said.splitlines() if re.match(r" *\d+ [A-Z]\w+ +[0-9a-f]{16} ", line)]
        self.assertEqual([int(row[0]) for row in rows], list(range(250)))
        starts = [int(row[2], 16) for row in rows]
        self.assertNotEqual(starts, sorted(starts))

    def test_check_finds_and_proves(self):
        said, _ = baton_map("check", DELL)
        self.assertRegex(said, r"K15 +repaired")
        self.assertIn("proof: the 43 ranges are what the descriptors say", said)
        self.assertIn("fine: 36 checks, 0 fatal, 2 repaired, 3 warnings, 6 notes", said)
        said, _ = baton_map("check", CORRUPTED, code=1)
        self.assertRegex(said, r"K13 +fatal")

    def test_check_of_a_map_without_usable_memory_is_fatal(self):
        said, _ = baton_map("check", "-", stdin=b"0 0 0x0 16 0xf\n", code=1)
        self.assertRegex(said, r"K8 +fatal +there is no usable memory")

    def test_physical_bits_reveal_impossible_ram(self):
        line = b"0 7 0x1000 16 0xf\n1 7 0x100000 16 0xf\n2 7 0x200000 16 0xf\n3 7 0x400000000000 1 0xf\n"
        self.assertNotIn("K13", baton_map("check", "-", stdin=line)[0])
        self.assertRegex(baton_map("check", "--physical-bits=46", "-", stdin=line)[0], r"K13 +repaired")

    def test_every_map_of_the_corpus(self):
        for name in sorted(os.listdir(MAPS)):
            if name.endswith(".map"):
                with self.subTest(name):
                    baton_map("check", os.path.join(MAPS, name), code=1 if name.startswith("fragment-") else 0)

    def test_diff_of_a_map_with_itself_is_empty(self):
        said = baton_map("diff", sample("corpus"), sample("xen"))[0]
        self.assertIn("0 ranges differ", said)
        self.assertEqual(json.loads(baton_map("diff", "--json", OVMF, OVMF)[0])["changes"], [])

    def test_diff_names_each_range(self):
        old = b"0 7 0x1000 1 0xf\n1 7 0x100000 256 0xf\n2 4 0x200000 256 0xf\n"
        new = b"0 7 0x1000 1 0xf\n1 7 0x100000 128 0xf\n2 0 0x180000 128 0xf\n3 4 0x200000 128 0xf\n4 7 0x300000 1 0x8\n"
        with tempfile.NamedTemporaryFile() as file:
            file.write(old)
            file.flush()
            said = baton_map("diff", file.name, "-", stdin=new)[0]
            result = json.loads(baton_map("diff", "--json", file.name, "-", stdin=new)[0])
        self.assertIn("~ 0000000000180000 - 00000000001fffff   512 KiB  usable -> reserved", said)
        self.assertIn("- 0000000000280000 - 00000000002fffff   512 KiB  boot services -> not described", said)
        self.assertIn("+ 0000000000300000 - 0000000000300fff     4 KiB  not described -> usable", said)
        self.assertIn("3 ranges differ", said)
        self.assertEqual([(change["start"], change["end"]) for change in result["changes"]],
                         [("0x180000", "0x200000"), ("0x280000", "0x300000"), ("0x300000", "0x301000")])
        self.assertIsNone(result["changes"][2]["old"])
        self.assertEqual(result["changes"][0]["new"]["type"], "reserved")

    def test_convert_writes_what_the_corpus_holds(self):
        with open(OVMF, encoding="utf-8") as file:
            expected = [line.strip() for line in file if not line.startswith("#")]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.map")
            self.assertEqual(baton_map("convert", "-o", path, OVMF)[0], "")
            with open(path, encoding="utf-8") as file:
                written = file.read().splitlines()
        self.assertEqual([line for line in written if not line.startswith("#")], expected)
        self.assertIn("# status: complete", written)


class Plot(unittest.TestCase):
    def rectangles(self, path, *options):
        root = ElementTree.fromstring(baton_map("plot", *options, path)[0])
        self.assertEqual(root.tag, SVG + "svg")
        width, height = float(root.get("width")), float(root.get("height"))
        for element in root.iter(SVG + "rect"):
            x, y = float(element.get("x", 0)), float(element.get("y", 0))
            # Important ranges may be widened over the edge by a pixel and a half.
            self.assertGreaterEqual(x, -1.5)
            self.assertLessEqual(x + float(element.get("width")), width + 1.5)
            self.assertLessEqual(y + float(element.get("height")), height + 0.5)
        return root

    def test_every_map_becomes_a_sound_picture(self):
        for name in sorted(os.listdir(MAPS)):
            if name.endswith(".map") and not name.startswith("fragment-"):
                with self.subTest(name):
                    self.rectangles(os.path.join(MAPS, name))

    def test_every_range_is_in_the_picture(self):
        ranges = json.loads(baton_map("show", "--json", DELL)[0])["maps"][0]["ranges"]
        titles = [title.text for title in self.rectangles(DELL).iter(SVG + "title")]
        for one in ranges:
            wanted = f"{one['start']} - {hex(int(one['end'], 16) - 1)}, "
            self.assertTrue(any(title.startswith(wanted) for title in titles), wanted)

    def test_important_ranges_are_never_too_narrow_to_see(self):
        for element in self.rectangles(DELL).iter(SVG + "rect"):
            title = element.find(SVG + "title")
            if title is not None and ("runtime" in title.text or "ACPI" in title.text) and title.text.startswith("0x"):
                self.assertGreaterEqual(float(element.get("width")), 3)

    def test_widths_are_to_scale(self):
        data = b"0 7 0x100000 256 0xf\n1 0 0x200000 512 0xf\n2 7 0x400000 256 0xf\n"
        root = ElementTree.fromstring(baton_map("plot", "-", stdin=data)[0])
        widths = [float(element.get("width")) for element in root.iter(SVG + "rect")
                  if element.find(SVG + "title") is not None and element.find(SVG + "title").text.startswith("0x")]
        self.assertEqual([round(width) for width in widths], [284, 568, 284] if widths[1] > 500 else [284, 284, 568])

    def test_themes(self):
        auto, light, dark = (baton_map("plot", *options, OVMF)[0] for options in ([], ["--theme=light"], ["--theme=dark"]))
        self.assertIn("prefers-color-scheme", auto)
        self.assertNotIn("prefers-color-scheme", light + dark)
        self.assertIn(".ground{fill:#ffffff}", light)
        self.assertNotIn(".ground{fill:#ffffff}", dark)

    def test_names_are_escaped(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a<b>&c.map")
            shutil.copy(OVMF, path)
            self.assertIn("a<b>&c.map", self.rectangles(path).find(SVG + "title").text)

    def test_what_cannot_be_normalised_is_no_picture(self):
        self.assertEqual(baton_map("plot", CORRUPTED, code=2)[0], "")


class Usage(unittest.TestCase):
    def test_help(self):
        for arguments in (["--help"], ["show", "--help"]):
            self.assertIn("usage: baton map show", baton_map(*arguments)[0])

    def test_wrong_usage(self):
        for arguments in ([], ["show"], ["diff", OVMF], ["plot", OVMF, OVMF], ["nonsense", OVMF], ["show", "--nonsense", OVMF],
                          ["show", "-o", "x", OVMF], ["plot", "--json", OVMF], ["plot", "--theme=pink", OVMF], ["check", "--raw", OVMF],
                          ["show", "--stride=41", OVMF], ["show", "--stride=", OVMF], ["show", "--stride=-48", OVMF],
                          ["show", "--physical-bits=64", OVMF], ["diff", "-", "-"], ["convert", "--to=png", OVMF]):
            with self.subTest(arguments):
                self.assertIn("wrong usage", baton_map(*arguments, code=2)[1])

    def test_a_file_whose_name_begins_with_a_dash(self):
        self.assertIn("baton: -nowhere: ", baton_map("show", "--", "-nowhere", code=2)[1])


if __name__ == "__main__":
    unittest.main()
