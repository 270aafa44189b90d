# SPDX-License-Identifier: BSD-2-Clause
"""Tests of what makes images, finds firmware, runs machines and judges boots: each check is seen failing here."""
