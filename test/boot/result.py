# SPDX-License-Identifier: BSD-2-Clause
"""What a test of test/run hands back."""

from dataclasses import dataclass, field


@dataclass
class Result:
    name: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    problems: list = field(default_factory=list)  # one line each: what was expected and what was found
    said: str = ""                                # shown when the test failed
    skipped: str = ""                             # why the test could not be run on this machine; then it counts as neither
