# SPDX-License-Identifier: BSD-2-Clause
"""What a boot costs: machines that count instructions, what is loaded in them, and what is made of the figures."""
