# SPDX-License-Identifier: BSD-2-Clause
"""Damaged disks: how they are damaged, started from, and judged."""
