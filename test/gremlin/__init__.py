# SPDX-License-Identifier: BSD-2-Clause
"""The loader under a firmware that misbehaves on purpose: efi/ is that firmware's gremlin, cases.py says what it does and what must happen."""
