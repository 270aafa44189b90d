# SPDX-License-Identifier: BSD-2-Clause
"""What happened, kept in outcomes.tsv beside this file, and the two tables made of it: RESULTS.md, a line for each case, and the
summary at the end of test/README.md.  Runs of Baton (test/run-hostile) and of Linux (test/compare-linux) write one column each.
"""

import collections
import os
import re

from .cases import CASES, ELSEWHERE, GROUPS, NOT_FOR_LINUX, linux_cases

FOLDER = os.path.dirname(os.path.abspath(__file__))
DATA, RESULTS = os.path.join(FOLDER, "outcomes.tsv"), os.path.join(FOLDER, "RESULTS.md")
README = os.path.join(os.path.dirname(FOLDER), "README.md")
NONE = "–"
NO_CALL = "makes no such call"
HEAD = """# The loader under a firmware that misbehaves

Written by `make test-hostile` and, for Linux, by `make compare-linux`; do not edit. Every case starts the real loader in QEMU on OVMF with
[the gremlin](efi/gremlin.c) between the two. What the words mean stands in the headers of [`efi/`](efi/), what must happen in
[`cases.py`](cases.py): **B** boots, **Bw** boots with the finding named here, **PRE** comes back to the firmware with a message, an error
and nothing left behind, **POST** ends in a [coded stop](../../loader/after/stop.h) after the first exit attempt, **kernel F** is for the
kernel to find. In a case without `exit=real` the run ends at the good exit (`left`) or at the reset after the coded stop, so that the next
one can follow in the same machine; `k = 1 to N` is a sweep over all calls of a boot with modules and a command line.

The last column is a kernel of Debian, {version}, started by its own EFI stub in the loader's place, with an `initrd=` on its command line
so that it reads a file as well. *calls the firmware after N failed attempts* is a boot service or a console where only GetMemoryMap and
ExitBootServices are allowed (UEFI 2.10 §7.4.6): here the run ends. *left behind* is memory that is still allocated when the stub has
returned. [`linux.py`](linux.py) says how the rest is told apart.

"""
BEGIN, END = "<!-- summary: written by make test-hostile and make compare-linux -->", "<!-- end of summary -->"
# Of either column: what an outcome begins with or holds, and the kind of start that it counts as.  The first that fits.
KINDS = (
    (r"^verdict pass|^boots$", "boot"),
    (r"^boots, .*takes", "boot with memory that is none"),
    (r"^boots, .*says", "boot and complain"),
    (r"^boots, .*lacks", "boot with less memory"),
    (r"^verdict fail", "are refused by the kernel"),
    (r"^left$|^left,|^caught$", "leave at the exit"),
    (r"left behind", "come back and leave something behind"),
    (r"^returned", "come back"),
    (r"^stop", "stop with a code"),
    (r"^trapped", "stopped at the first write"),
    (r"^calls the firmware", "call the firmware after a failed exit"),
    (r"^exception", "end in an exception"),
    (r"^panics", "panic"),
    (r"^halts|^hangs", "hang"),
    (r"^resets", "reset"),
)


def kind(words):
    """The name of the kind; a sweep already has the names."""
    return next((name for pattern, name in KINDS if re.search(pattern, words)), words)


def load():
    """(version of Linux, {case: [Baton's outcome, Linux's]}); what is not known is ""."""
    if not os.path.exists(DATA):
        return "", {}
    with open(DATA, encoding="utf-8") as file:
        head, *lines = file.read().splitlines()
    return head.split("\t")[2], {name: [baton, other] for name, baton, other in (line.split("\t") for line in lines)}


def order(name):
    """H2 before H10, and what has no number last."""
    number = re.match(r"H(\d+)", name)
    return (int(number.group(1)) if number else 1000, name)


def save(column, outcomes, version=None):
    """Puts {case: outcome} into a column (0 Baton, 1 Linux), drops cases that there are no more, and writes both tables."""
    known, rows = load()
    names = {case.name for case in CASES}
    for name, words in outcomes.items():
        rows.setdefault(name, ["", ""])[column] = words
    rows = {name: rows[name] for name in sorted(rows, key=order) if name in names}
    lines = ["\t".join(("case", "Baton", version or known)), *("\t".join((name, *row)) for name, row in rows.items())]
    write(DATA, "\n".join(lines) + "\n")
    render(*load())


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def render(version, rows):
    write(RESULTS, table(version, rows))
    with open(README, encoding="utf-8") as file:
        text = file.read()
    write(README, with_summary(text, version, rows))


def cell(text):
    return text.replace("|", "\\|") or NONE


def table(version, rows):
    lines = ["| case | what the firmware does | wanted | what happened | Linux |", "|---|---|---|---|---|"]
    for case in sorted(CASES, key=lambda case: order(case.name)):
        baton, other = rows.get(case.name, ["", ""])
        words = cell(case.words or "nothing unusual")
        other = other or ("not run" if case in linux_cases() else "")
        lines.append(f"| {case.name} | `{words}` | {case.expect.wanted} | {cell(baton)} | {cell(other)} |")
    lines += ["", "Not here:", "", "| rule | why, and where instead |", "|---|---|"]
    lines += [f"| {rule} | {why} |" for rule, why in sorted(ELSEWHERE.items(), key=lambda item: order(item[0]))]
    lines += ["", "Not for Linux:", "", "| cases with | why |", "|---|---|"]
    lines += [f"| `{word}` | {why} |" for word, why in NOT_FOR_LINUX.items()]
    return HEAD.format(version=version or "not run yet") + "\n".join(lines) + "\n"


def tally(words):
    """How many starts of which kind an outcome stands for; none where nothing could be broken."""
    if words == NO_CALL:
        return collections.Counter()
    sweep = re.match(r"k = 1 to \d+: (.*)", words)
    if not sweep:
        return collections.Counter([kind(words)])
    parts = (part.split(" ", 1) for part in sweep.group(1).split(", "))
    return collections.Counter({kind(name): int(count) for count, name in parts})


def counts(outcomes):
    """A cell of the summary."""
    total = sum((tally(words) for words in outcomes if words), collections.Counter())
    names = [name for _, name in KINDS]
    return ", ".join(f"{total[name]} {name}" for name in sorted(total, key=names.index)) or NONE


def summary(version, rows):
    lines = [f"| what misbehaves | cases | Baton's starts | {version or 'Linux'}, started by its EFI stub |", "|---|---|---|---|"]
    for title, group in GROUPS.items():
        both = [rows.get(case.name, ["", ""]) for case in group]
        lines.append(f"| {title} | {len(group)} | {counts(row[0] for row in both)} | {counts(row[1] for row in both)} |")
    return "\n".join(lines)


def with_summary(text, version, rows):
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:begin]}\n\n{summary(version, rows)}\n\n{text[end:]}"


def figures(done, seconds):
    starts = sum(one.evidence.starts for one in done)
    left = sum(one.case.real for one in done)
    minutes = max(seconds, 1) / 60
    return (f"{len(done)} cases in {minutes:.1f} minutes ({len(done) / minutes:.0f} a minute): {starts} judged starts of the loader "
            f"({starts / minutes:.0f} a minute), of them {left} that left boot services or stopped for good.")
