# SPDX-License-Identifier: BSD-2-Clause
"""The cases as data: name (the H rule it belongs to), the gremlin's words (test/gremlin/efi/), and what must happen.

Cases without exit=real share a machine and end where the loader would leave the firmware; the others have one each.
"""

from dataclasses import dataclass

from boot.expect import facts

from .outcomes import (Boots, KernelRefuses, StopsForGood, leaves, returns, stops, sweep, warned, writes_unasked)

CASES_EACH = 24  # that share a machine


@dataclass(frozen=True)
class Case:
    name: str
    words: str
    expect: object
    fast: bool = False     # a part of `make test`
    machine: str = "plain"

    @property
    def real(self):
        return "exit=real" in self.words


def real(name, words, expect, fast=False, machine="plain"):
    return Case(name, f"exit=real {words}".rstrip(), expect, fast, machine)


def listed(numbers):
    return ",".join(map(str, numbers))


MAP = [
    real("H1-zero-stride", "probe=zero-stride", Boots()),
    real("H1-garbage-stride", "probe=garbage-stride", Boots(), fast=True),
    real("H2", "probe=invalid", Boots(), fast=True),
    Case("H3-success", "probe=success", returns(), fast=True),
    Case("H3-huge", "probe=huge", returns()),
    Case("H3-huge-small", "probe=huge-small", returns()),
    real("H4", "need=5568", Boots()),
    *(Case(f"H5-grows-{n}", f"grow={n}", leaves()) for n in (1, 3, 9, 33)),
    real("H5-grows-100", "grow=100", Boots()),
    Case("H5-unbounded", "probe=unbounded", returns(), fast=True),
    *(Case(f"H6-grows-{n}", f"refuse=1 pieces=0,{n}", leaves(2)) for n in (1, 8, 9, 32, 33, 85, 1000)),
    real("H6-grows-1000-real", "refuse=1 pieces=0,1000", Boots((2,)), fast=True),
    Case("H6-too-much", "refuse=1 pieces=0,5000", stops(3, 1), fast=True),
    real("H6-too-much-real", "refuse=1 pieces=0,5000", StopsForGood(3)),
    Case("H7-reads-past", "past=1", leaves()),
    real("H7-fills", "fill=1", Boots()),
    Case("H7-clobbers", "clobber=1", returns(), fast=True),
    Case("H7-clobbers-late", "clobber=1 at=1 refuse=1", stops(5, 1), fast=True),
    *(real(f"H8-stride-{n}", f"stride={n}", Boots(), fast=n == 56) for n in (40, 48, 56, 64, 80, 96)),
    *(Case(f"H9-says-{n}", f"say-stride={n}", returns(), fast=n == 1) for n in (1, 39, 44, 0x10000)),
    real("H9-zero-40", "stride=40 say-stride=0", Boots()),
    Case("H9-zero-48", "say-stride=0 odd=4", returns()),
    real("H10", "stride=48,56 refuse=1", Boots((2,)), fast=True),
    *(real(f"H11-version-{n}", f"version={n}", warned("K6", "K48")) for n in (0, 2, 0xffffffff)),
    real("H12", "odd=20", warned("K7"), fast=True),
    Case("H13", "over=1", returns()),
    Case("H13-late", "over=1 at=1 refuse=1", stops(4, 1)),
    Case("H14-device-error", "fail=map refuse=1", sweep("returned", "stopped", code=3), fast=True),
    Case("H14-unsupported", "fail=map refuse=1 status=3", sweep("returned", "stopped", code=3)),
    real("H14b", "", Boots()),
    real("H15-once", "small=once at=1 refuse=1", Boots((2,))),
    Case("H15-always", "small=always", returns()),
    Case("H15-always-late", "small=always at=1 refuse=1", stops(3, 1)),
    *(Case(f"H16-{key}", f"key={key} refuse=2", leaves(3)) for key in ("zero", "const", "max", "down", "wrap")),
    Case("H17", "small=once refuse=1 at=1", leaves(2)),
    Case("H18-empty", "empty=1", returns(), fast=True),
    real("H18-single", "content=single", warned("K3", "K19", "K34", "K40", "K41", "K45", "K48")),
    real("H18-4096", "pieces=4000", Boots()),
    real("H18-20000", "pieces=20000", Boots(), fast=True),
]

CONTENT = [
    real("H20-reversed", "content=reversed", Boots()),
    real("H20-shuffled", "content=shuffled", Boots(), fast=True),
    real("H21", "content=duplicates", warned("K16")),
    real("H22", "content=zero-length", warned("K10")),
    *(real(f"H23-{kind}", f"content={kind}", warned("K17")) for kind in ("nested", "two-sided", "runtime-over")),
    real("H24", "content=wrap", warned("K11"), fast=True),
    real("H25", "content=unaligned", warned("K12", "K16")),
    real("H26", "content=beyond", warned("K13")),
    real("H27", "content=types", warned("K21"), fast=True),
    real("H28", "content=no-wb", warned("K23")),
    real("H29-no-runtime", "content=no-runtime", warned("K25")),
    real("H29-free-runtime", "content=free-runtime", warned("K24")),
    real("H29-nvs-runtime", "content=nvs-runtime", warned("K26")),
    real("H30", "content=xp-ro", Boots()),
    real("H31-physical", "content=virtual", Boots()),
    real("H31-garbage", "content=virtual-garbage", Boots()),
    real("H32", "content=no-low", warned("K34")),
    real("H32-no-32-bit", "content=no-32bit place=high", warned("K34", "K48"), machine="large"),
    real("H33-free", "content=loader-free", warned("K3", "K19")),
    real("H33-boot-services", "content=loader-bs", warned("K3", "K19")),
    *(real(f"H33-{kind}", f"content=loader-{kind}", KernelRefuses("K18")) for kind in ("reserved", "absent")),
    *(real(f"H34-{kind}", f"content=kernel-{kind}", KernelRefuses("K18"), fast=kind == "mmio") for kind in ("mmio", "runtime", "absent")),
    real("H35-nv", "content=nv", warned("K31")),
    real("H35-sp", "content=sp", Boots()),
    real("H35-hot", "content=hot", Boots()),
    real("H36", "say-stride=40", StopsForGood(6)),
]

WRONG_PLACES = ("zero", "odd", "low", "wrap", "beyond", "overlap")
ALLOCATION = [
    Case("H40-pages", "fail=pages", sweep("returned"), fast=True),
    Case("H40-pages-guarded", "fail=pages guard=1", sweep("returned")),
    Case("H40-pages-for-ever", "fail=pages times=0", sweep("returned")),
    Case("H40-pages-invalid", "fail=pages status=2", sweep("returned")),
    Case("H40-pages-not-found", "fail=pages status=14", sweep("returned")),
    Case("H40-pool", "fail=pool", sweep("returned"), fast=True),
    Case("H40-pool-guarded", "fail=pool guard=1", sweep("returned")),
    Case("H40-pool-for-ever", "fail=pool times=0", sweep("returned")),
    Case("H40-pool-null", "fail=pool how=null", sweep("returned")),
    Case("H40-memory-for-ever", "fail=memory times=0", sweep("returned")),
    *(Case(f"H41-{how}", f"fail=pages how={how}", sweep("returned", "caught"), fast=how == "overlap") for how in WRONG_PLACES),
    *(Case(f"H41-{how}-for-ever", f"fail=pages how={how} times=0", sweep("returned", "caught")) for how in WRONG_PLACES),
    Case("H42-single-pages", "fail=multi k=1 times=0", returns(), fast=True),
    Case("H42-above-4g", "place=high", leaves(), machine="large"),
    Case("H43-nx", "nx=1", leaves()),
    real("H43-nx-real", "nx=1", Boots()),
    Case("H45-fills", "fail=free k=1 times=0 how=fill", leaves()),
    Case("H45-fills-error", "probe=success fail=free k=1 times=0 how=fill", returns()),
    Case("H45-fails", "fail=free k=1 times=0", leaves(leaks_allowed=True)),
    Case("H45-fails-error", "probe=success fail=free", sweep("returned", leaks_allowed=True, clean="returned")),
    Case("H46", "guard=1", leaves(), fast=True),
]


def patterns():
    """How the map moves while the key goes stale N times: every way for each N."""
    shapes = {
        "grows": lambda n: [i for i in range(n + 1)],
        "grows-fast": lambda n: [i * 1000 // max(n, 1) for i in range(n + 1)],
        "shrinks": lambda n: [(n - i) * 1000 // max(n, 1) for i in range(n + 1)],
        "zigzag": lambda n: [(i % 2) * 1000 for i in range(n + 1)],
        "zagzig": lambda n: [1000 - (i % 2) * 1000 for i in range(n + 1)],
        "jumps": lambda n: [(i * 389 + 97) % 1001 for i in range(n + 1)],
    }
    for name, shape in shapes.items():
        for n in range(1, 8):
            yield Case(f"H50-{name}-{n}", f"refuse={n} pieces={listed(shape(n))}", leaves(n + 1))


EXIT = [
    *patterns(),
    *(real(f"H50-stale-{n}", f"refuse={n} pieces=0,1000,3,500", Boots((n + 1,)), fast=n == 7) for n in (1, 2, 3, 7)),
    real("H50-stale-8", "refuse=8", StopsForGood(1), fast=True),
    Case("H50-stale-for-ever", "refuse=1000", stops(1, 8)),
    real("H51-gains", "refuse=1 pieces=0,40", Boots((2,))),
    real("H51-loses", "refuse=1 pieces=40,0", Boots((2,))),
    real("H52", "ebs=2", StopsForGood(1)),
    real("H53-error", "ebs=7", StopsForGood(2)),
    Case("H53-device-error", "ebs=7", stops(2, 1)),
    Case("H53-warning", "ebs=0x1001", stops(2, 1), fast=True),
    real("H54", "seconds=3 watchdog=2", Boots()),
    real("H55", "tpl=callback", warned("L3")),
    real("H56", "refuse=3", Boots((4,))),
    real("H59", "handler=1 after=scribble", Boots(), fast=True),
    real("H60", "after=dirty", warned("K46")),
    real("H60-checksum", "after=crc", warned("K47")),
    real("H61", "after=irq+flags", Boots()),
    real("H63", "after=scribble", Boots()),
    real("H63-everything", "after=scribble-all", warned("K40", "K48")),
    real("H63-stale", "refuse=2 pieces=0,1000,3 after=scribble+irq+flags", Boots((3,)), fast=True),
    real("H64", "after=readonly", Boots(), fast=True),
]

PROCESSOR = [
    real("H70", "after=tables", Boots()),
    real("H73-headless", "console=null gop=none", Boots(more=(facts(framebuffer="none"),))),
    *(real(f"H73-{gop}", f"gop={gop}", Boots(more=(facts(framebuffer="none"),))) for gop in ("none", "blt", "zero", "small", "mask", "short")),
    *(real(f"H73-{gop}", f"gop={gop}", Boots(more=(facts(framebuffer="800x600"),)), fast=gop == "high") for gop in ("high", "higher")),
    # The stop is drawn under the firmware's page tables, which do not reach the screen: the exception must end in the reset.
    real("H73-gone-stop", "gop=gone refuse=8", StopsForGood(1), fast=True),
    real("H74", "place=high", Boots(), machine="large"),
    real("H74-image", "place=high image=high", Boots(debug=r"image base=0x1[0-9a-f]{8} "), machine="large"),
    real("H76", "after=features", Boots()),
    real("H77", "after=nxe", Boots()),
    real("H78", "after=storm", Boots()),
    real("H78-everything", "refuse=1 after=scribble+storm+flags+readonly+tables+features", Boots((2,)), fast=True),
    *(real(f"H80-{name}", f"svam={code}", warned("K48")) for name, code in (("invalid", 2), ("unsupported", 3))),
    real("H81", "svam=fault", warned("K48")),
    Case("H90-stale-for-ever", "allocate=1", leaves()),
    real("H90-every-key-stale", "allocate=1", StopsForGood(1)),
    real("H90-timer", "allocate=2", Boots(tuple(range(1, 9))), fast=True),
    real("H91", "conf=\\loud.cnf", Boots()),
    real("H92", "refuse=2 pieces=1000,500,0", Boots((3,))),
]

# Not of the H list by number, but of its kind: every call that the boot makes fails once, or from there on.  A file that fails once is
# opened again and read.
CALLS = [
    Case("calls-protocol", "fail=protocol", sweep("returned", "caught"), fast=True),
    Case("calls-protocol-null", "fail=protocol how=null", sweep("returned", "caught")),
    Case("calls-protocol-for-ever", "fail=protocol times=0", sweep("returned", "caught")),
    Case("calls-volume", "fail=volume", sweep("returned")),
    Case("calls-open", "fail=open", sweep("caught")),
    Case("calls-open-changed", "fail=open status=13", sweep("caught")),
    Case("calls-open-missing", "fail=open status=14", sweep("returned", "caught")),
    Case("calls-info", "fail=info", sweep("caught")),
    Case("calls-info-lie", "fail=info how=lie", sweep("returned", "caught")),
    Case("calls-info-asked", "fail=info noend=1", sweep("caught")),
    Case("calls-info-asked-lie", "fail=info how=lie noend=1", sweep("returned", "caught")),
    Case("calls-seek", "fail=seek", sweep("caught")),
    Case("calls-read-device", "fail=read", sweep("caught")),
    Case("calls-read-changed", "fail=read status=13", sweep("caught")),
    Case("calls-read-short", "fail=read how=short", sweep("caught"), fast=True),
    Case("calls-read-short-always", "fail=read how=short k=1 times=0", leaves()),
    Case("calls-read-end", "fail=read how=end", sweep("returned")),
    Case("calls-read-long", "fail=read how=long", sweep("returned")),
    Case("calls-file-guarded", "fail=file guard=1", sweep("returned", "caught"), fast=True),
    Case("calls-file-for-ever", "fail=file times=0", sweep("returned")),
    Case("calls-file-twice", "fail=file times=2", sweep("returned", "caught")),
    Case("calls-file-no-media", "fail=file status=12", sweep("returned", "caught")),
]

# A configuration that asks for a report and the black box, and gets what it asks for; without leave the gremlin stops the first write.
ASKED = "conf=\\writes.cnf writes=asked"
WRITES = [
    Case("writes-unasked", "conf=\\writes.cnf", writes_unasked(), fast=True),
    Case("writes-asked", ASKED, leaves(writes=True), fast=True),
    real("writes-asked-real", ASKED, Boots()),
    Case("writes-stopped", f"refuse=9 {ASKED}", stops(1, 8, writes=True)),
    Case("writes-fail", f"fail=write {ASKED}", sweep("caught", writes=True)),
    Case("writes-fail-full", f"fail=write status=11 {ASKED}", sweep("caught", writes=True)),
    Case("writes-fail-protected", f"fail=write status=8 {ASKED}", sweep("caught", writes=True)),
    Case("writes-fail-for-ever", f"fail=write times=0 {ASKED}", sweep("caught", writes=True)),
    Case("writes-file", f"fail=file {ASKED}", sweep("returned", "caught", writes=None)),
]

# What misbehaves, as the summary in test/README.md has it.
GROUPS = {
    "GetMemoryMap: sizes, strides, keys, status (H1–H18)": MAP,
    "the descriptors in the map (H20–H36)": CONTENT,
    "memory services (H40–H46)": ALLOCATION,
    "ExitBootServices, and what it leaves (H50–H64)": EXIT,
    "processor, screen, runtime services, timing (H70–H92)": PROCESSOR,
    "protocols and files, every call of a boot": CALLS,
    "a report and the black box, where they are asked for": WRITES,
}
CASES = [case for group in GROUPS.values() for case in group]

# What an application cannot do to the loader on this machine, or does in every case, and where it is tested instead.
ELSEWHERE = {
    "H44": "the loader never calls SetMemoryAttributes: nothing of it runs from fresh pages under the firmware's tables (L14, L15)",
    "H47": "EDK2 itself rebuilds the memory attributes table at the boot record's allocation: so in every boot here",
    "H57": "every service but two, and the console, is a trap after the first exit attempt in every case here",
    "H58": "as H57",
    "H62": "EDK2 fills the boot services table with zeroes: so in every boot here",
    "H65": "a device's write and a processor's are the same to memory: H63 overwrites all of it",
    "H66": "the number of attempts is compared in every case here",
    "H71": "five-level paging is switched on before an application runs; page tables of five levels: unit tests of lib's page_tables",
    "H72": "boot test cpu-conroe",
    "H75": "needs AMD SEV: encryption bit and refusal have unit tests only",
    "H82": "the loader never calls SetVirtualAddressMap (L43), the kernel stub once; H80-unsupported is what a second call would get",
    "H83": "as H82; U-Boot's case",
}

# Cases that say nothing about a Linux kernel in the loader's place, by a word of theirs.
NOT_FOR_LINUX = {
    "guard=": "guard pages cannot lie around memory at an address of the caller's choice, and Linux chooses",
    "content=kernel-": "the case looks for the loader's allocation of code, and Linux makes none",
    "conf=": "a configuration of Baton",
}


def linux_cases():
    return [case for case in CASES if not any(word in case.words for word in NOT_FOR_LINUX)]
