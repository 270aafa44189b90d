# SPDX-License-Identifier: BSD-2-Clause
"""What a boot is measured by.  Each expectation is a function of the machine and its Outcome that returns lines of complaint."""

import re

from vm import qemu

VERDICT = re.compile(r"^baton: verdict (.*)$", re.MULTILINE)
FACT = re.compile(r"^baton: fact ([a-z0-9_]+)=(.*)$", re.MULTILINE)
STOP = re.compile(r"^baton: stop .*$", re.MULTILINE)


def verdict(outcome):
    """The one verdict line, or a complaint."""
    found = VERDICT.findall(outcome.text)
    if outcome.reason not in ("ended", "matched"):
        return None, [f"{outcome.reason} after {outcome.seconds:.0f} s"]
    stops = STOP.findall(outcome.text)
    if len(found) != 1 or stops:
        return None, [f"{len(found)} verdict lines where one is due", *stops]
    return found[0], []


def passes_with(status):
    """The kernel has passed all its checks, and QEMU has ended with this status."""
    def check(_machine, outcome):
        words, problems = verdict(outcome)
        if problems:
            return problems
        if not re.fullmatch(r"pass checks=[1-9]\d* repaired=\d+ warned=\d+ attempts=[1-8]", words):
            return [f"verdict {words}"]
        return [] if outcome.status == status else [f"a passing verdict, but QEMU's status is {outcome.status}"]
    return check


passes = passes_with(qemu.PASS)
passes_and_powers_off = passes_with(0)


def warns_of_nothing(_machine, outcome):
    """On firmware that keeps the specification every warning is a fault of ours."""
    return re.findall(r"^baton: finding .*severity=warning.*$", outcome.text, re.MULTILINE)


def warns_of(*rules):
    """Of these rules and no others."""
    def check(_machine, outcome):
        found = set(re.findall(r"^baton: finding rule=(\w+) severity=warning ", outcome.text, re.MULTILINE))
        return [] if found == set(rules) else [f"warnings of {sorted(found)}, where {sorted(rules)} are due"]
    return check


def fails_rule(rule):
    """The kernel must fail just this rule."""
    def check(_machine, outcome):
        words, problems = verdict(outcome)
        if problems:
            return problems
        if not re.match(rf"fail rule={rule}\b", words):
            return [f"verdict {words}, where rule {rule} should fail"]
        return [] if outcome.status == qemu.FAIL else [f"a failing verdict, but QEMU's status is {outcome.status}"]
    return check


def says(pattern, times=1):
    """The serial line holds this regular expression so many times."""
    def check(_machine, outcome):
        found = len(re.findall(pattern, outcome.text, re.MULTILINE))
        return [] if found == times else [f"/{pattern}/ found {found} times where {times} is due"]
    return check


def ends(reason="ended", status=0):
    """QEMU's process ends like this: by itself, or because what the case waited for has come ("matched")."""
    def check(_machine, outcome):
        if outcome.reason != reason:
            return [f"{outcome.reason} after {outcome.seconds:.0f} s, where {reason} is due"]
        return [] if reason == "matched" or outcome.status == status else [f"status {outcome.status}, where {status} is due"]
    return check


def facts_of(outcome):
    """The kernel's `baton: fact key=value` lines as a dictionary of text."""
    return dict(FACT.findall(outcome.text))


def facts(**expected):
    """The facts, each against a value or a function of the machine and the value that returns complaints."""
    def check(machine, outcome):
        found, problems = facts_of(outcome), []
        for key, want in expected.items():
            if key not in found:
                problems.append(f"no fact {key}")
            elif callable(want):
                problems += [f"fact {key}={found[key]}: {wrong}" for wrong in want(machine, found[key])]
            elif found[key] != str(want):
                problems.append(f"fact {key}={found[key]}, where {want} is due")
        return problems
    return check


def in_range(low, high):
    """A number in decimal or with 0x, at least low and at most high."""
    def check(_machine, text):
        return [] if low <= int(text, 0) <= high else [f"not within {low} to {high}"]
    return check
