# SPDX-License-Identifier: BSD-2-Clause
# `make test-hostile`: the loader under a firmware that misbehaves on purpose, every case of it (test/gremlin/).  JOBS=N runs N
# machines at a time.  A representative part is in `make test`.  `make compare-linux`: Debian's kernel with its EFI stub in the
# loader's place, fetched by tools/get-linux (26 MB), for the column beside ours; TESTS='NAME...' picks cases of either by name.

GREMLIN_OBJ := $(patsubst test/gremlin/efi/%,$(B)/loader/test/gremlin/efi/%.o,$(basename $(filter-out %/naughty.c,$(wildcard test/gremlin/efi/*.c))) \
	$(wildcard test/gremlin/efi/*.S)) $(B)/loader/test/boot/efi/ledger.o $(B)/loader/test/boot/efi/volume.o $(B)/loader/lib/format.o $(B)/loader/lib/config.o \
	$(B)/loader/$(FREE_C:.c=.o)
$(B)/loader/test/gremlin/efi/%.o: test/gremlin/efi/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(LOADER_FLAGS) $(LOADER_EFI) -c -o $@ $<
GREMLIN_EFI := $(B)/test/gremlin.efi $(B)/test/naughty.efi
$(B)/test/gremlin.so: $(GREMLIN_OBJ)
$(B)/test/naughty.so: $(B)/loader/test/gremlin/efi/naughty.o
$(GREMLIN_EFI:.efi=.so): test/boot/efi/app.lds
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e $(basename $(@F))_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(GREMLIN_EFI): %.efi: %.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@
TEST_NEEDS += $(GREMLIN_EFI)

.PHONY: test-hostile compare-linux
test-hostile: $(B)/baton.img $(GREMLIN_EFI) ## the loader under hostile firmware: every case, and its tables anew
	$(Q)set -f; test/run-hostile $(TESTS)
compare-linux: $(B)/baton.img $(GREMLIN_EFI) ## Linux's own EFI stub under the same hostile firmware: its column in those tables
	$(Q)tools/get-linux $(B)/cache/linux
	$(Q)set -f; test/compare-linux $(TESTS)
