# SPDX-License-Identifier: BSD-2-Clause
"""What tools/install-esp is made of: volume.py writes files, installing.py decides which, boot_entries.py tells the firmware."""
