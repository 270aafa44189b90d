# SPDX-License-Identifier: BSD-2-Clause
"""The boots, as data."""

CASES = []
