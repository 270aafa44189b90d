# SPDX-License-Identifier: BSD-2-Clause
"""Finding the firmware: tools/vm/ovmf.py."""

import json
import os
import tempfile
import unittest
from unittest import mock

from vm import ovmf


def descriptor(**changes):
    """A descriptor as Debian ships it, with some of its members replaced."""
    described = {
        "interface-types": ["uefi"],
        "mapping": {"device": "flash", "executable": {"filename": "/code.fd", "format": "raw"},
                    "nvram-template": {"filename": "/vars.qcow2", "format": "qcow2"}},
        "targets": [{"architecture": "x86_64", "machines": ["pc-i440fx-*", "pc-q35-*"]}],
        "features": ["acpi-s3", "verbose-dynamic"],
        **changes,
    }
    return json.dumps(described)


class Descriptors(unittest.TestCase):
    def test_plain_uefi_is_taken_with_its_formats(self):
        self.assertEqual(ovmf.from_descriptor(descriptor()), ovmf.Firmware("/code.fd", "/vars.qcow2", "raw", "qcow2"))

    def test_others_are_left_alone(self):
        for name, changes in {
            "bios": {"interface-types": ["bios"]},
            "other processor": {"targets": [{"architecture": "i386", "machines": ["pc-q35-*"]}]},
            "needs SMM": {"features": ["requires-smm", "secure-boot"]},
            "has keys": {"features": ["enrolled-keys"]},
            "no flash": {"mapping": {"device": "memory", "filename": "/code.fd"}},
            "combined flash": {"mapping": {"device": "flash", "mode": "combined", "executable": {"filename": "/x", "format": "raw"}}},
            "no mapping": {"mapping": {}},
        }.items():
            with self.subTest(name):
                self.assertIsNone(ovmf.from_descriptor(descriptor(**changes)))
        self.assertIsNone(ovmf.from_descriptor("not JSON"))
        self.assertIsNone(ovmf.from_descriptor("[]"))

    def test_first_by_name_wins_and_missing_files_are_passed_over(self):
        with tempfile.TemporaryDirectory() as folder:
            def put(name, code):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(descriptor(mapping={"device": "flash", "executable": {"filename": code, "format": "raw"},
                                                   "nvram-template": {"filename": __file__, "format": "raw"}}))
            put("50-there.json", __file__)
            put("40-gone.json", "/nowhere/code.fd")
            put("60-later.json", os.devnull)
            self.assertEqual(ovmf.from_descriptors((folder,)).code, __file__)

    def test_a_file_of_the_first_folder_hides_its_namesake(self):
        with tempfile.TemporaryDirectory() as etc, tempfile.TemporaryDirectory() as usr:
            for folder in (etc, usr):
                with open(os.path.join(folder, "60-x.json"), "w", encoding="utf-8"):
                    pass
            self.assertEqual(ovmf.descriptor_files((etc, usr)), [os.path.join(etc, "60-x.json")])


class Environment(unittest.TestCase):
    def test_given_files_come_first(self):
        with mock.patch.dict(os.environ, OVMF_CODE=__file__, OVMF_VARS=__file__):
            self.assertEqual(ovmf.find().code, __file__)

    def test_one_without_the_other_is_refused(self):
        with mock.patch.dict(os.environ, OVMF_CODE=__file__, OVMF_VARS=""), self.assertRaisesRegex(ovmf.FirmwareMissing, "together"):
            ovmf.find()

    def test_a_file_that_is_not_there_is_refused(self):
        with mock.patch.dict(os.environ, OVMF_CODE="/nowhere/c", OVMF_VARS=__file__), \
                self.assertRaisesRegex(ovmf.FirmwareMissing, "/nowhere/c: no such file"):
            ovmf.find()

    def test_nothing_found_names_the_packages(self):
        with mock.patch.dict(os.environ, OVMF_CODE="", OVMF_VARS=""), mock.patch.object(ovmf, "from_descriptors", return_value=None), \
                mock.patch.object(ovmf, "KNOWN_PATHS", {"4m": (), "2m": ()}), self.assertRaisesRegex(ovmf.FirmwareMissing, "edk2-ovmf"):
            ovmf.find()
