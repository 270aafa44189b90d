# SPDX-License-Identifier: BSD-2-Clause
"""The tests that test/run runs: unit programs and boots of virtual machines."""
