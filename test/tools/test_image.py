# SPDX-License-Identifier: BSD-2-Clause
"""Disk images: tools/vm/image.py and tools/make-image, and the damage that test/boot/fat32.py does to them."""

import hashlib
import os
import struct
import subprocess
import tempfile
import unittest
import zlib
from unittest import mock

from boot import fat32
from vm import checksums, image

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = {"EFI/BOOT/BOOTX64.EFI": b"loader", "baton/kernel.elf": bytes(range(256)) * 20, "baton/a long name.txt": b"x", "empty": None}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "disk.img")
        image.make_image(cls.path, FILES)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def read(self, name):
        return subprocess.run(["mtype", "-i", f"{self.path}@@1M", f"::/{name}"], stdout=subprocess.PIPE, check=True).stdout

    def test_files_read_back(self):
        for name, data in FILES.items():
            if data is not None:
                self.assertEqual(self.read(name), data)

    def test_partition_table_is_sound(self):
        environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
        said = subprocess.run(["sgdisk", "--verify", "--info=1", self.path], env=environment, stdout=subprocess.PIPE, check=True).stdout
        self.assertIn(b"No problems found", said)
        self.assertIn(b"C12A7328-F81F-11D2-BA4B-00A0C93EC93B", said)
        self.assertIn(b"First sector: 2048 ", said)
        with open(self.path, "rb") as file:
            sector = file.read(512)
        self.assertEqual((sector[450], sector[510:]), (0xEE, b"\x55\xaa"), "protective MBR")

    def test_volume_is_fat32_and_says_where_it_starts(self):
        with fat32.Volume(self.path) as volume:
            self.assertGreaterEqual(volume.clusters, 65525)
            hidden, = struct.unpack_from("<I", volume._read(0, 512), 28)
        self.assertEqual(hidden, 2048)

    def test_same_bytes_again(self):
        again = os.path.join(self.folder.name, "again.img")
        image.make_image(again, dict(reversed(FILES.items())))
        self.assertEqual(digest(again), digest(self.path))

    def test_other_time_other_bytes(self):
        other = os.path.join(self.folder.name, "other.img")
        with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH="1000000000"):
            image.make_image(other, FILES)
        self.assertNotEqual(digest(other), digest(self.path))

    def test_grows_with_its_files(self):
        big = os.path.join(self.folder.name, "big.img")
        image.make_image(big, {"big": bytes(60 << 20)})
        self.assertGreater(os.path.getsize(big), 62 << 20)

    def test_missing_tool_is_named_with_its_package(self):
        with mock.patch.object(image.shutil, "which", return_value=None), self.assertRaisesRegex(image.ImageError, "install mtools"):
            image.run("mcopy")

    def test_make_image_reports_a_missing_file(self):
        done = subprocess.run([f"{TREE}/tools/make-image", "-o", os.path.join(self.folder.name, "x.img"), "--kernel", "/nowhere/kernel"],
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"make-image: ", done.stderr)
        self.assertIn(b"/nowhere/kernel", done.stderr)


class Formats(unittest.TestCase):
    def test_each_is_what_its_suffix_says_and_holds_the_image(self):
        with tempfile.TemporaryDirectory() as folder:
            raw = os.path.join(folder, "disk.img")
            image.make_image(raw, FILES)
            for form, (name, *_) in image.FORMATS.items():
                with self.subTest(form):
                    path = image.convert(raw, form)
                    self.assertEqual(path, os.path.join(folder, f"disk.{form}"))
                    subprocess.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", name, raw, path], check=True)

    def test_unknown_one_is_refused(self):
        done = subprocess.run([f"{TREE}/tools/make-image", "--format", "vdi"], stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)


class Sectors4096(unittest.TestCase):
    """No tool that knows such sectors in a file: the table is read here, by UEFI 2.10 section 5.3."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "disk.img")
        image.make_image(cls.path, FILES, sector_bytes=4096)
        with open(cls.path, "rb") as file:
            cls.head = file.read(6 * 4096)
            file.seek(-5 * 4096, os.SEEK_END)
            cls.tail = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def header(self, sector, here, other, entries_at, entries):
        fields = struct.unpack_from("<8sIIIIQQQQ16sQIII", sector)
        self.assertEqual(fields[0], b"EFI PART")
        self.assertEqual(fields[3], zlib.crc32(sector[:16] + bytes(4) + sector[20:92]))
        self.assertEqual((fields[5], fields[6], fields[10], fields[13]), (here, other, entries_at, zlib.crc32(entries)))
        return fields[7:10]

    def test_both_tables(self):
        last = os.path.getsize(self.path) // 4096 - 1
        entries = self.head[2 * 4096:]
        self.assertEqual(self.tail[:-4096], entries)
        usable = self.header(self.head[4096:8192], 1, last, 2, entries)
        self.assertEqual(self.header(self.tail[-4096:], last, 1, last - 4, entries), usable)
        first, end = struct.unpack_from("<QQ", entries, 32)
        self.assertEqual(first * 4096, 1 << 20)
        self.assertLess(usable[0], first)
        self.assertLessEqual(end, usable[1])
        record = struct.unpack_from("<B3sB3sII", self.head, 446)
        self.assertEqual((record[2], record[4], record[5]), (0xEE, 1, last))

    def test_volume(self):
        with open(self.path, "rb") as file:
            file.seek(1 << 20)
            sector = file.read(512)
        bytes_per_sector, sectors_per_cluster = struct.unpack_from("<HB", sector, 11)
        hidden, sectors = struct.unpack_from("<II", sector, 28)
        self.assertEqual((bytes_per_sector, sectors_per_cluster, hidden), (4096, 1, 256))
        self.assertGreater(sectors, 65525 + 2 * 66, "FAT32 needs as many clusters")
        for name, data in FILES.items():
            if data is not None:
                read = subprocess.run(["mtype", "-i", f"{self.path}@@1M", f"::/{name}"], stdout=subprocess.PIPE, check=True).stdout
                self.assertEqual(read, data)


def crc32c(data):
    """The division bit by bit (RFC 3720 appendix B.4)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return f"{crc ^ 0xFFFFFFFF:08x}"


class Checksums(unittest.TestCase):
    def conf_of(self, files):
        files = checksums.checked(files, f"{TREE}/build/baton")
        return files, files["baton/baton.conf"].decode().splitlines()

    def test_every_file_that_is_read_and_the_configuration_itself(self):
        files = {"baton/kernel.elf": b"kernel", "baton/cmdline.txt": b"words", "baton/one": b"1", "Two": b"", "other": b"x", "empty": None,
                 "baton/baton.conf": b"\xef\xbb\xbf# text\nmodule = \\baton\\one a name\nmodule=/two\r\nmodule = /two\nmodule = /absent"}
        checked, lines = self.conf_of(files)
        self.assertEqual(checked["baton/boot/kernel.elf"], b"kernel")
        self.assertNotIn("baton/kernel.elf", checked)
        rest = checked["baton/baton.conf"].split(b"\n", 1)[1]
        self.assertEqual(lines[0], f"crc32c = {crc32c(rest)}")
        self.assertEqual(lines[1], "kernel = \\baton\\boot\\kernel.elf")
        self.assertEqual(lines[7:], [f"crc32c = {crc32c(data)} {path}" for data, path in (
            (b"kernel", "\\baton\\boot\\kernel.elf"), (b"words", "\\baton\\cmdline.txt"), (b"1", "\\baton\\one"), (b"", "/two"))])

    def test_what_the_user_says_stays(self):
        conf = f"kernel = /k\ncmdline = words\nmodule = /m\nsha256 = {'0' * 64} \\M\n"
        checked, lines = self.conf_of({"K": b"kernel", "m": b"m", "baton/cmdline.txt": b"x", "baton/kernel.elf": b"y",
                                       "baton/baton.conf": conf.encode()})
        self.assertIn("baton/kernel.elf", checked)
        self.assertEqual(lines[1:], [*conf.splitlines(), f"crc32c = {crc32c(b'kernel')} /k"])

    def test_files_by_their_paths(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kernel")
            with open(path, "wb") as file:
                file.write(b"kernel")
            _, lines = self.conf_of({"baton/kernel.elf": path})
        self.assertEqual(lines[1:], ["kernel = \\baton\\boot\\kernel.elf", f"crc32c = {crc32c(b'kernel')} \\baton\\boot\\kernel.elf"])

    def test_make_image_writes_them_unless_told_not_to(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "disk.img")
            for options, first in (((), b"crc32c = "), (("--no-checksums",), b"# Baton's")):
                subprocess.run([f"{TREE}/tools/make-image", "-o", path, *options], check=True)
                said = subprocess.run(["mtype", "-i", f"{path}@@1M", "::/baton/baton.conf"], stdout=subprocess.PIPE, check=True).stdout
                self.assertTrue(said.startswith(first))

    def test_make_image_puts_the_command_line_where_it_fits(self):
        with tempfile.TemporaryDirectory() as folder:
            path, conf = os.path.join(folder, "disk.img"), os.path.join(folder, "conf")
            for text, own, line in (("exit=qemu words", b"", True), ("two\nlines", b"", False), (" blank", b"", False), ("\u00e4", b"", False),
                                    ("x" * 901, b"", False), ("", b"", None), ("words", b"cmdline-file = \\baton\\cmdline.txt\n", False)):
                with open(conf, "wb") as file:
                    file.write(own)
                subprocess.run([f"{TREE}/tools/make-image", "-o", path, "--conf", conf, "--cmdline", text], check=True)
                said, kept = (subprocess.run(["mtype", "-i", f"{path}@@1M", f"::/baton/{name}"], stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, check=False).stdout for name in ("baton.conf", "cmdline.txt"))
                self.assertEqual(f"\ncmdline = {text}\n".encode() in said, line is True)
                self.assertEqual(kept, f"{text}\n".encode() if line is False else b"")

    def test_missing_file_is_an_error(self):
        with self.assertRaises(OSError):
            checksums.checked({"baton/kernel.elf": "/nowhere/kernel"}, f"{TREE}/build/baton")


class Damage(unittest.TestCase):
    def damaged(self, damage):
        """The volume after the damage, with the clusters that the file had before."""
        path = os.path.join(self.folder.name, "disk.img")
        image.make_image(path, FILES)
        volume = fat32.Volume(path)
        self.addCleanup(volume.file.close)
        entry = volume.entry("baton/kernel.elf")
        clusters = volume.chain(volume.first_cluster(entry))
        damage(volume, "baton/kernel.elf")
        return volume, entry, clusters

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_sound_file_has_its_clusters(self):
        _, _, clusters = self.damaged(lambda volume, path: None)
        self.assertEqual(len(clusters), 10)

    def test_each_damage(self):
        for damage, what in ((fat32.cut_chain, fat32.END_OF_CHAIN), (fat32.chain_to_free, 0), (fat32.chain_to_bad, fat32.BAD_CLUSTER)):
            with self.subTest(damage.__name__):
                volume, _, clusters = self.damaged(damage)
                self.assertEqual(volume.next(clusters[0]), what)
        volume, _, clusters = self.damaged(fat32.chain_outside)
        self.assertGreaterEqual(volume.next(clusters[0]), volume.clusters + 2)
        volume, entry, _ = self.damaged(fat32.start_outside)
        self.assertGreaterEqual(volume.first_cluster(entry), volume.clusters + 2)
        volume, entry, _ = self.damaged(fat32.start_missing)
        self.assertEqual(volume.first_cluster(entry), 0)
        volume, entry, _ = self.damaged(fat32.size_beyond_chain)
        self.assertEqual(volume._read(entry + 28, 4), b"\xff" * 4)

    def test_missing_file_is_an_error(self):
        with self.assertRaises(KeyError):
            self.damaged(lambda volume, path: volume.entry("baton/absent.elf"))
