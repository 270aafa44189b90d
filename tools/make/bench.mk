# SPDX-License-Identifier: BSD-2-Clause
# `make bench`: what booting costs, beside what it must cost and what others take (test/bench/README.md), and what the memory map
# costs, in the build that boots and in one for debugging.  Not part of `make test`.

# --- the memory map -------------------------------------------------------------------------------------------------------
BENCH_LIB := memory_normalise memory_claim memory_range memory_map rules
$(B)/bench/release/bench_memory: $(BENCH_LIB:%=$(B)/host/lib/%.o) $(B)/host/test/bench/bench_memory.o
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -o $@ $^
$(B)/bench/debug/bench_memory: $(BENCH_LIB:%=lib/%.c) test/bench/bench_memory.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -std=gnu11 -O0 -g -I. -D_GNU_SOURCE -o $@ $^

# --- the kernel stub's check of memory -------------------------------------------------------------------------------------
$(B)/bench/pattern: test/bench/bench_pattern.c kernel-stub/arch/$(ARCH)/memory_pattern.S kernel-stub/arch/memory_pattern.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(HOST_FLAGS) -o $@ $(filter %.c %.S,$^)

# --- boots ------------------------------------------------------------------------------------------------------------------
BENCH_EFI := $(patsubst %,$(B)/bench/%.efi,starter limits image)
BENCH_WORDS := $(patsubst %,$(B)/loader/%.o,test/gremlin/efi/channel test/gremlin/efi/words lib/config lib/format $(FREE_C:.c=))
$(B)/loader/test/bench/efi/%.o: test/bench/efi/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LOADER_EFI) -c -o $@ $<
$(B)/bench/starter.so: $(patsubst %,$(B)/loader/test/bench/efi/%.o,starter calls calls_entry.S) $(B)/loader/test/boot/efi/volume.o \
	$(BENCH_WORDS)
$(B)/bench/limits.so: $(B)/loader/test/bench/efi/limits.o $(BENCH_WORDS)
$(B)/bench/image.so: $(B)/loader/test/bench/efi/image.o
$(BENCH_EFI:.efi=.so): test/boot/efi/app.lds
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e $(basename $(@F))_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(BENCH_EFI): %.efi: %.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@
$(B)/kernel/test/bench/%.o: test/bench/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(KERNEL_FLAGS) -c -o $@ $<
$(B)/bench/kernel.elf: linker/kernel-$(ARCH).lds $(patsubst %.c,$(B)/kernel/%.o,test/bench/kernel.c $(LIB_C) $(FREE_C))
	@mkdir -p $(@D)
	$(call say,LD,$@)$(KERNELS_FIXED) --gc-sections -o $@ $(filter %.o,$^)
# For GRUB and syslinux: 32 bits, where these loaders want them.
BENCH_32 := -m32 $(COMMON) $(FREESTANDING) -mgeneral-regs-only -fno-pie -static -nostdlib -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments
$(patsubst %,$(B)/bench/%.elf,multiboot linux): $(B)/bench/%.elf: test/bench/%.c test/bench/%.lds $(wildcard test/bench/efi/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BENCH_32) -Wl,-T,test/bench/$*.lds -o $@ $<
$(B)/bench/linux.bin: $(B)/bench/linux.elf
	$(call say,BIN,$@)$(OBJCOPY) -O binary $< $@
# Counts what -icount cannot tell apart; QEMU's packages have no header for it, so the plugin declares what it uses.
$(B)/bench/plugin.so: test/bench/plugin.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN) -fPIC -shared -o $@ $<
BENCH_NEEDS := $(BENCH_EFI) $(addprefix $(B)/bench/,kernel.elf multiboot.elf linux.bin plugin.so pattern) $(B)/BOOTX64.EFI \
	$(B)/kernel.elf

.PHONY: bench bench-boot bench-memory bench-pattern bench-check
bench: bench-boot bench-memory bench-pattern ## what a boot costs, stage by stage, beside limits and other loaders; QUICK=1 for the short one
bench-boot: $(BENCH_NEEDS)
	$(Q)test/bench/boot $(if $(QUICK),--quick)
bench-memory: $(B)/bench/release/bench_memory $(B)/bench/debug/bench_memory ## time and instructions of normalising 100 to 200,000 descriptors
	$(Q)test/bench/memory $^
bench-pattern: $(B)/bench/pattern ## how fast the kernel stub checks memory, beside a plain memset and compare
	$(Q)$< 512 9
bench-check: $(BENCH_NEEDS) ## names what has become more than 5 % dearer than the figures in test/bench/
	$(Q)test/bench/boot --check
