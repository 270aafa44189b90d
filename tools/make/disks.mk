# SPDX-License-Identifier: BSD-2-Clause
# `make test-disks`: damaged disks, kernels and configurations, thousands of them in a few boots, and some booted for real
# (test/disks/).  N=... boots so many for real, RUNS=... damages so many of each kind, SEED=... other ones.

MUTANT_OBJ := $(patsubst %,$(B)/loader/test/disks/efi/%.o,mutant ramdisk signature) $(B)/loader/test/boot/efi/ledger.o $(B)/loader/test/boot/efi/volume.o \
	$(B)/loader/test/gremlin/efi/channel.o $(patsubst %,$(B)/loader/lib/%.o,format crc32 handoff_block_read) $(B)/loader/$(FREE_C:.c=.o)
$(B)/loader/test/disks/efi/%.o: test/disks/efi/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LOADER_EFI) -c -o $@ $<
$(B)/test/mutant.so: test/boot/efi/app.lds $(MUTANT_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e mutant_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(B)/test/mutant.efi: $(B)/test/mutant.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@
TEST_NEEDS += $(B)/test/mutant.efi

.PHONY: test-disks
test-disks: all $(B)/test/mutant.efi ## damaged disks: a few thousand in memory and some for real; N=1000 RUNS=5000 SEED=2 for more and others
	$(Q)test/run-disks $(if $(N),--boots $(N)) $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) $(TESTS)
