# SPDX-License-Identifier: BSD-2-Clause
# `make test-power`: a boot that writes, its power cut at every write and at hundreds of instructions (test/boot/power.py).  A few
# samples are in `make test`.

POWER_NEEDS := $(B)/test/waiter.efi $(B)/test/power_cut.so
$(B)/test/waiter.so: test/boot/efi/app.lds $(B)/loader/test/boot/efi/waiter.o $(B)/loader/test/gremlin/efi/channel.o $(B)/loader/lib/format.o \
		$(B)/loader/$(FREE_C:.c=.o)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e waiter_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(B)/test/waiter.efi: $(B)/test/waiter.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@
# A shared library for a program of the host.
$(B)/test/power_cut.so: test/boot/power_cut.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(COMMON) -fPIC -shared -o $@ $<
TEST_NEEDS += $(POWER_NEEDS)

.PHONY: test-power
test-power: $(B)/baton.img $(POWER_NEEDS) ## cut the power at every write and hundreds of instructions of a boot that writes
	$(Q)test/run-power $(TESTS)
