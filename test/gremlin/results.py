# SPDX-License-Identifier: BSD-2-Clause
"""The table of what was injected and what happened, from a run of every case: RESULTS.md beside this file."""

import os
import re

from .cases import ELSEWHERE

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md")
HEAD = """# The loader under a firmware that misbehaves

Written by `make test-hostile`; do not edit. Every case starts the real loader in QEMU on OVMF with [the gremlin](efi/gremlin.c) between
the two. What the words mean stands in the headers of [`efi/`](efi/), what must happen in [`cases.py`](cases.py): **B** boots, **Bw** boots
with the finding named here, **PRE** comes back to the firmware with a message, an error and nothing left behind, **POST** ends in a
[coded stop](../../loader/after/stop.h) after the first exit attempt, **kernel F** is for the kernel to find. In a case without `exit=real`
the run ends at the good exit (`left`) or at the reset after the coded stop, so that the next one can follow in the same machine; `k = 1 to N`
is a sweep over all calls of a boot with modules and a command line.

"""


def order(name):
    """H2 before H10, and what has no number last."""
    number = re.match(r"H(\d+)", name)
    return (int(number.group(1)) if number else 1000, name)


def figures(done, seconds):
    starts = sum(one.evidence.starts for one in done)
    left = sum(one.case.real for one in done)
    minutes = max(seconds, 1) / 60
    return (f"{len(done)} cases in {minutes:.1f} minutes ({len(done) / minutes:.0f} a minute): {starts} judged starts of the loader "
            f"({starts / minutes:.0f} a minute), of them {left} that left boot services or stopped for good.")


def write(done):
    lines = ["| case | what the firmware does | wanted | what happened |", "|---|---|---|---|"]
    for one in sorted(done, key=lambda one: order(one.case.name)):
        words = one.case.words.replace("|", "\\|") or "nothing unusual"
        lines.append(f"| {one.case.name} | `{words}` | {one.case.expect.wanted} | {one.evidence.happened} |")
    lines += ["", "Not here:", "", "| rule | why, and where instead |", "|---|---|"]
    lines += [f"| {rule} | {why} |" for rule, why in sorted(ELSEWHERE.items(), key=lambda item: order(item[0]))]
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(HEAD + "\n".join(lines) + "\n")
