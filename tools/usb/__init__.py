# SPDX-License-Identifier: BSD-2-Clause
"""What tools/flash-usb is made of: disks.py sees, guards.py refuses, copying.py writes, restoring.py makes an empty stick."""
