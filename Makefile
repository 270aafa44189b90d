# SPDX-License-Identifier: BSD-2-Clause
# Baton: one non-recursive Makefile, everything it makes goes to build/.  `make help` lists the targets, V=1 shows commands.

ARCH := x86_64
B := build
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)';
else
Q :=
say =
endif

CC ?= cc
CLANG ?= clang
LD ?= ld
OBJCOPY ?= objcopy
PYTHON ?= python3

# A tool that is missing is named before anything fails for want of it.
need = $(if $(shell command -v $(firstword $(1)) 2>/dev/null),,$(error $(firstword $(1)) is missing: run `sh tools/setup`, or name yours with $(2)=PROGRAM))
ifneq ($(filter-out clean help,$(or $(MAKECMDGOALS),all)),)
$(call need,$(CC),CC)$(call need,$(LD),LD)$(call need,$(OBJCOPY),OBJCOPY)$(call need,$(PYTHON),PYTHON)
endif

# --- flags, grouped by world -------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wmissing-prototypes -Wstrict-prototypes -Werror
DEPS := -MMD -MP
# The same bytes whatever folder the tree stands in.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=. -gno-record-gcc-switches
COMMON := -std=gnu11 -O2 -g -I. $(WARN) $(DEPS) $(REPRODUCIBLE)
# No C library, no code that relies on one, nothing that needs run-time support.
# Sections for each function and object: the linker leaves out what a world does not use of lib/.
FREESTANDING := -ffunction-sections -fdata-sections -ffreestanding -fno-builtin-printf -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fcf-protection=none \
	-fno-tree-loop-distribute-patterns
# After exit vector registers hold unknown values and exceptions may come at any time: no SSE, no red zone.
NO_VECTORS := -mno-red-zone -mgeneral-regs-only -maccumulate-outgoing-args
# lib/ is pure: every conversion is written out.
LIB_WARN := -Wconversion

# The loader is a position-independent image; hidden symbols keep the GOT away.  For size: the firmware's LoadImage costs by the byte.
LOADER_FLAGS := $(COMMON) $(FREESTANDING) $(NO_VECTORS) -fpie -fvisibility=hidden -fno-jump-tables -Oz -malign-data=abi
# The loader tells nobody which rules of the memory map it had to mend: its kernel finds that by mending the raw map as well.
LOADER_FLAGS += -DRULES_UNHEARD
# Optimised as a whole when it is linked: what one file alone cannot know saves 3 KiB.  Fat objects, which test applications link as
# they are; memcpy and its like stay out, because the compiler makes calls of them last of all.
LOADER_FLAGS += -flto -ffat-lto-objects -flto-partition=none -fno-ipa-cp -fno-inline-functions-called-once -fno-caller-saves \
	-fno-tree-loop-im -fno-move-loop-invariants
# Only this world sees firmware headers.
EFI_INCLUDE ?= /usr/include/efi
ifneq ($(filter-out clean help,$(or $(MAKECMDGOALS),all)),)
$(if $(wildcard $(EFI_INCLUDE)/efi.h),,$(error gnu-efi is missing: run `sh tools/setup`, or name the folder of efi.h with EFI_INCLUDE=FOLDER))
endif
# EFI strings are UTF-16: L"..." must be too.
LOADER_EFI := -fshort-wchar -DGNU_EFI_USE_MS_ABI -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/$(ARCH)
LOADER_LDFLAGS := -nostdlib -shared -Bsymbolic --gc-sections -z max-page-size=4096 -z noexecstack -z norelro --no-undefined \
	--orphan-handling=error --build-id=none
LOADER_LINK = $(CC) $(LOADER_FLAGS) -nostdlib -shared $(addprefix -Xlinker ,$(LOADER_LDFLAGS)) -Xlinker --undefined=efi_main
LOADER_TO_PE = $(OBJCOPY) -j .text -j .rodata -j .data -j .bss -j .sbat -j .rela -j .reloc --target=efi-app-$(ARCH) --subsystem=10 \
	--section-alignment=4096 --file-alignment=512
# The kernel lives in the top 2 GiB.
KERNEL_FLAGS := $(COMMON) $(FREESTANDING) $(NO_VECTORS) -mcmodel=kernel -fno-pie
HOST_FLAGS := $(COMMON) -D_GNU_SOURCE
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_FLAGS := -std=gnu11 -O1 -g -I. $(WARN) $(DEPS) -D_GNU_SOURCE $(SANITIZE)
FUZZ_FLAGS := -std=gnu11 -O1 -g -I. -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

# --- sources -------------------------------------------------------------------------------------------------------------
LIB_C := $(wildcard lib/*.c lib/arch/$(ARCH)/*.c)
# Freestanding worlds need memcpy and its like; the host has its own.
FREE_C := lib/freestanding/$(ARCH)/memory.c
LOADER_EFI_C := $(wildcard loader/*.c)
LOADER_C := $(wildcard loader/after/*.c loader/arch/$(ARCH)/*.c)
LOADER_S := $(wildcard loader/arch/$(ARCH)/*.S)
KERNEL_C := $(wildcard kernel-stub/*.c kernel-stub/arch/$(ARCH)/*.c)
KERNEL_S := $(wildcard kernel-stub/arch/$(ARCH)/*.S)
TOOL_C := $(wildcard tools/baton/*.c)

# Objects are kept: nothing is built twice because make took it for a mere step on the way.
.SECONDARY:

.PHONY: all
all: $(B)/BOOTX64.EFI $(B)/kernel.elf $(B)/baton ## loader, kernel stub and host tool

# --- lib: built once for each world ----------------------------------------------------------------------------------
# Objects depend on the Makefile: other flags make other objects.
$(B)/loader/$(FREE_C:.c=.o): LOADER_FLAGS += -fno-lto
$(B)/loader/lib/%.o: lib/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LIB_WARN) -c -o $@ $<
$(B)/kernel/lib/%.o: lib/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(KERNEL_FLAGS) $(LIB_WARN) -c -o $@ $<
$(B)/host/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(HOST_FLAGS) $(if $(filter lib/%,$<),$(LIB_WARN)) -c -o $@ $<
$(B)/test/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(TEST_FLAGS) $(if $(filter lib/%,$<),$(LIB_WARN)) -c -o $@ $<

# --- loader -----------------------------------------------------------------------------------------------------------
LOADER_OBJ := $(patsubst %.c,$(B)/loader/%.o,$(LOADER_EFI_C) $(LOADER_C) $(LIB_C) $(FREE_C)) $(LOADER_S:%.S=$(B)/loader/%.S.o)
$(B)/loader/loader/%.o: loader/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(if $(filter $<,$(LOADER_EFI_C)),$(LOADER_EFI)) -c -o $@ $<
$(B)/loader/%.S.o: %.S Makefile
	@mkdir -p $(@D)
	$(call say,AS,$@)$(CC) $(LOADER_FLAGS) -c -o $@ $<

# Linked twice: tools/make/symbols.mk puts the names of functions in.
LOADER_NAMED = $(filter-out %/symbols.S.o,$(LOADER_OBJ)) $(B)/loader/symbols.o
$(B)/loader.so: linker/loader-$(ARCH).lds $(LOADER_OBJ) $(B)/loader/symbols.o
	$(call say,LD,$@)$(LOADER_LINK) -T $< -o $@ $(LOADER_NAMED) && tools/make-symbols --check $(B)/symbols.inc $@
$(B)/BOOTX64.EFI: $(B)/loader.so $(B)/baton
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@.tmp && $(B)/baton pe seal $@.tmp && $(B)/baton pe check $@.tmp && mv $@.tmp $@

# --- kernel stub ----------------------------------------------------------------------------------------------------
KERNEL_OBJ := $(patsubst %.c,$(B)/kernel/%.o,$(KERNEL_C) $(LIB_C) $(FREE_C)) $(KERNEL_S:%.S=$(B)/kernel/%.S.o)
$(B)/kernel/kernel-stub/%.o: kernel-stub/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(KERNEL_FLAGS) -c -o $@ $<
$(B)/kernel/%.S.o: %.S Makefile
	@mkdir -p $(@D)
	$(call say,AS,$@)$(CC) $(KERNEL_FLAGS) -c -o $@ $<
$(B)/kernel.elf: linker/kernel-$(ARCH).lds $(KERNEL_OBJ)
	$(call say,LD,$@)$(LD) -nostdlib -static --gc-sections -z max-page-size=4096 -z noexecstack --build-id=none --orphan-handling=error -T $< -o $@ $(KERNEL_OBJ)

# --- host tool -----------------------------------------------------------------------------------------------------
HOST_LIB := $(LIB_C:%.c=$(B)/host/%.o)
$(B)/baton: $(TOOL_C:%.c=$(B)/host/%.o) $(HOST_LIB)
	$(call say,LD,$@)$(CC) -o $@ $^

# --- host tests: test/unit/test_X.c, each a cmocka program over all of lib/ under ASan and UBSan ---------------------
UNIT := $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard test/unit/test_*.c))
TEST_LIB := $(LIB_C:%.c=$(B)/test/%.o)
$(B)/unit/%: $(B)/test/test/unit/%.o $(TEST_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SANITIZE) -o $@ $^ -lcmocka $(UNIT_LIBS)
# QR codes are compared with those of another encoder.
$(B)/unit/test_qr: UNIT_LIBS := -lqrencode
# Programs that share a fixture.
BLOCK_FIXTURE := $(patsubst %.c,$(B)/test/%.o,$(wildcard test/unit/block_fixture*.c))
BROKEN := $(patsubst %.c,$(B)/test/%.o,$(wildcard test/unit/broken_*.c) test/unit/sound_variants.c)
$(B)/unit/test_golden_block: $(BLOCK_FIXTURE)
$(B)/unit/test_handoff_check: $(BLOCK_FIXTURE) $(BROKEN)
.PHONY: unit
unit: $(UNIT) ## host unit tests under ASan and UBSan
	$(Q)set -e; for t in $(UNIT); do $$t; done

# --- fuzzers: test/fuzz/fuzz_X.c, libFuzzer -------------------------------------------------------------------------
FUZZERS := $(patsubst test/fuzz/%.c,$(B)/fuzz/%,$(wildcard test/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 30
$(B)/fuzz/%: test/fuzz/%.c $(LIB_C)
	@mkdir -p $(@D)
	$(call need,$(CLANG),CLANG)$(call say,FUZZ,$@)$(CLANG) $(FUZZ_FLAGS) -o $@ $^
.PHONY: fuzz
fuzz: $(FUZZERS) ## run every fuzzer for FUZZ_SECONDS (default 30)
	$(Q)set -e; for f in $(FUZZERS); do mkdir -p $(B)/fuzz/corpus/$$(basename $$f); echo "== $$f"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 $(B)/fuzz/corpus/$$(basename $$f) $$(ls -d test/fuzz/corpus/$$(basename $$f) 2>/dev/null); done

# --- images, runs, tests: they use the variables above ------------------------------------------------------------------
include $(wildcard tools/make/*.mk)

.PHONY: clean help
clean: ## remove build/
	$(Q)rm -rf $(B)
help: ## list the targets
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | awk -F '\t' '{printf "  %-14s %s\n", $$1, $$2}'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
