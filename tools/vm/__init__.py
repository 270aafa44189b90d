# SPDX-License-Identifier: BSD-2-Clause
"""Disk images, firmware and virtual machines: what the scripts in tools/ and the boot tests share.  Standard library only."""
