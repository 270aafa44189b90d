# SPDX-License-Identifier: BSD-2-Clause
# `make test`: everything that a commit must pass, in minutes; `make test-matrix`: every boot.  TESTS='NAME ...' picks by name
# (with * and ?), JOBS=N runs N at a time (default 2), REST=1 leaves out of the matrix what `make test` has done.

# EFI applications of the boot tests.  They do not relocate themselves, so they must need no relocation.
TEST_EFI := $(B)/test/leakcheck.efi $(B)/test/leaky.efi
TEST_EFI_LIB := $(B)/loader/lib/format.o $(B)/loader/$(FREE_C:.c=.o)
LEAKCHECK_OBJ := $(patsubst %,$(B)/loader/test/boot/efi/%.o,leakcheck ledger typist volume) $(TEST_EFI_LIB)
LEAKY_OBJ := $(B)/loader/test/boot/efi/leaky.o
$(B)/loader/test/boot/efi/%.o: test/boot/efi/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LOADER_EFI) -c -o $@ $<
$(B)/test/leakcheck.so: $(LEAKCHECK_OBJ)
$(B)/test/leaky.so: $(LEAKY_OBJ)
$(TEST_EFI:.efi=.so): test/boot/efi/app.lds
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e $(basename $(@F))_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(TEST_EFI): %.efi: %.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@

TEST_NEEDS += $(UNIT) $(B)/baton.img $(TEST_EFI) $(KERNEL_TESTS)

.PHONY: test test-boot test-matrix
test: $(TEST_NEEDS) ## unit tests and the fast boots; TESTS='NAME...' picks some
	$(Q)set -f; test/run $(UNIT:%=--unit %) --tools --boot fast $(TESTS)
test-boot: $(TEST_NEEDS) ## only the fast boots
	$(Q)set -f; test/run --boot fast $(TESTS)
test-matrix: $(TEST_NEEDS) ## every boot: machines, firmware builds, memory sizes, processors, disks, screens, bad input
	$(Q)set -f; test/run --boot $(if $(REST),slow,all) $(TESTS)
