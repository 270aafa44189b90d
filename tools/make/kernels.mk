# SPDX-License-Identifier: BSD-2-Clause
# The example kernel and the test kernels: build/kernels/NAME.elf.  One source may give several kernels by how it is linked.

KERNELS_LIB := $(patsubst %.c,$(B)/kernel/%.o,$(LIB_C) $(FREE_C))
# The kernel stub without its main(), for kernels that take its steps in another order.
KERNELS_STUB := $(patsubst %.c,$(B)/kernel/%.o,$(filter-out kernel-stub/main.c,$(KERNEL_C))) $(KERNEL_S:%.S=$(B)/kernel/%.S.o)
# The frame of a small kernel with an opinion.
KERNELS_START := $(patsubst %,$(B)/kernel/%.o,test/kernels/start kernel-stub/arch/$(ARCH)/channels kernel-stub/arch/$(ARCH)/halt \
	kernel-stub/print kernel-stub/leave kernel-stub/options)
KERNELS_LD = $(LD) -nostdlib -z noexecstack --build-id=none --orphan-handling=error
KERNELS_FIXED = $(KERNELS_LD) -static -z max-page-size=4096 -T linker/kernel-$(ARCH).lds


$(B)/kernel/test/kernels/%.o: test/kernels/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(KERNEL_FLAGS) -c -o $@ $<

# --- one source, one kernel ----------------------------------------------------------------------------------------------
$(B)/kernels/example.elf: linker/kernel-$(ARCH).lds $(B)/kernel/kernel-stub/example/kernel.o
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_FIXED) -o $@ $(filter %.o,$^)
$(B)/kernels/exceptions.elf: linker/kernel-$(ARCH).lds $(B)/kernel/test/kernels/exceptions.o $(KERNELS_START) $(KERNELS_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_FIXED) -o $@ $(filter %.o,$^)
$(B)/kernels/broken.elf: linker/kernel-$(ARCH).lds $(B)/kernel/test/kernels/broken.o $(KERNELS_STUB) $(KERNELS_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_FIXED) -o $@ $(filter %.o,$^)
$(B)/kernels/la57.elf: linker/kernel-$(ARCH).lds $(addprefix $(B)/kernel/test/kernels/,la57.o la57_switch.S.o) $(KERNELS_STUB) \
		$(KERNELS_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_FIXED) -o $@ $(filter %.o,$^)

# --- layout.c, linked in many ways: what is unlike the first one stands beside its name -----------------------------------
LAYOUT_BASE := 0xffffffff80000000
LAYOUT_ALIGN := 0x1000
LAYOUT_BSS := 0x4000
LAYOUT_CC = $(KERNEL_FLAGS)
LAYOUT_SCRIPT := linker/kernel-$(ARCH).lds
LAYOUT_LD = -static --defsym=kernel_base=$(LAYOUT_BASE)
LAYOUT_OBJ := $(KERNELS_START) $(KERNELS_LIB)

LAYOUTS := high low-16m low-1m bss-64m aligned-64k aligned-2m aligned-1g
$(B)/kernels/low-16m.%: LAYOUT_BASE := 0x1000000
$(B)/kernels/low-1m.%: LAYOUT_BASE := 0x100000
$(B)/kernels/bss-64m.%: LAYOUT_BSS := 0x4000000
$(B)/kernels/aligned-64k.%: LAYOUT_ALIGN := 0x10000
$(B)/kernels/aligned-2m.%: LAYOUT_ALIGN := 0x200000
$(B)/kernels/aligned-1g.%: LAYOUT_ALIGN := 0x40000000
$(B)/kernels/aligned-%: LAYOUT_SCRIPT := test/kernels/aligned.lds
# The loader puts a kernel linked at zero where others are linked.
$(B)/kernels/pie.%: LAYOUT_CC = $(KERNELS_PIE_FLAGS)
$(B)/kernels/pie.%: LAYOUT_SCRIPT := linker/kernel-pie-$(ARCH).lds
$(B)/kernels/pie.%: LAYOUT_LD := -pie --no-dynamic-linker

$(B)/kernels/%.layout.o: test/kernels/layout.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LAYOUT_CC) -DLAYOUT_BASE=$(LAYOUT_BASE) -DLAYOUT_ALIGN=$(LAYOUT_ALIGN) \
		-DLAYOUT_BSS_BYTES=$(LAYOUT_BSS) -c -o $@ $<
$(LAYOUTS:%=$(B)/kernels/%.elf): linker/kernel-$(ARCH).lds test/kernels/aligned.lds
$(LAYOUTS:%=$(B)/kernels/%.elf): $(B)/kernels/%.elf: $(B)/kernels/%.layout.o $(LAYOUT_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_LD) $(LAYOUT_LD) -z max-page-size=$(LAYOUT_ALIGN) -T $(LAYOUT_SCRIPT) -o $@ $(filter %.o,$^)

KERNELS_PIE_FLAGS := $(COMMON) $(FREESTANDING) $(NO_VECTORS) -fpie -fvisibility=hidden
$(B)/kernel-pie/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(KERNELS_PIE_FLAGS) -c -o $@ $<
$(B)/kernels/pie.elf: linker/kernel-pie-$(ARCH).lds $(B)/kernels/pie.layout.o $(LAYOUT_OBJ:$(B)/kernel/%=$(B)/kernel-pie/%)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_LD) $(LAYOUT_LD) -z max-page-size=$(LAYOUT_ALIGN) -T $(LAYOUT_SCRIPT) -o $@ $(filter %.o,$^)

KERNEL_TESTS := $(patsubst %,$(B)/kernels/%.elf,example exceptions broken la57 pie $(LAYOUTS))
.PHONY: kernels
kernels: $(KERNEL_TESTS) ## build/kernels/: the example kernel and the test kernels

# --- host tests of what the stub does in plain C ----------------------------------------------------------------------------
$(B)/unit/test_kernel_pages: $(patsubst %,$(B)/test/kernel-stub/%.o,pages owned memory_proof) \
	$(B)/kernel/kernel-stub/arch/$(ARCH)/memory_pattern.S.o
$(B)/unit/test_kernel_findings: $(patsubst %,$(B)/test/kernel-stub/%.o,findings options)
# Compares our description of the firmware's tables with gnu-efi's.
$(B)/test/test/unit/test_uefi_runtime.o: TEST_FLAGS += $(LOADER_EFI)
