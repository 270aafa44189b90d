# SPDX-License-Identifier: BSD-2-Clause
# `make test-hostile`: the loader under a firmware that misbehaves on purpose, every case of it (test/gremlin/).  JOBS=N runs N
# machines at a time.  A representative part is in `make test`.

GREMLIN_OBJ := $(patsubst test/gremlin/efi/%,$(B)/loader/test/gremlin/efi/%.o,$(basename $(wildcard test/gremlin/efi/*.c)) \
	$(wildcard test/gremlin/efi/*.S)) $(B)/loader/test/boot/efi/ledger.o $(B)/loader/lib/format.o $(B)/loader/lib/config.o \
	$(B)/loader/$(FREE_C:.c=.o)
$(B)/loader/test/gremlin/efi/%.o: test/gremlin/efi/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LOADER_EFI) -c -o $@ $<
$(B)/test/gremlin.so: test/boot/efi/app.lds $(GREMLIN_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e gremlin_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(B)/test/gremlin.efi: $(B)/test/gremlin.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@
TEST_NEEDS += $(B)/test/gremlin.efi

.PHONY: test-hostile
test-hostile: $(B)/baton.img $(B)/test/gremlin.efi ## the loader under hostile firmware: every case, and test/gremlin/RESULTS.md anew
	$(Q)test/run-hostile $(TESTS)
