# SPDX-License-Identifier: BSD-2-Clause
# build/memmap.efi, the diagnostic application: loader/memmap and whatever of the loader and lib/ it uses.

MEMMAP_C := $(wildcard loader/memmap/*.c)
MEMMAP_OBJ := $(MEMMAP_C:%.c=$(B)/loader/%.o) $(filter-out $(B)/loader/loader/main.o,$(LOADER_OBJ))
$(MEMMAP_C:%.c=$(B)/loader/%.o): LOADER_FLAGS += $(LOADER_EFI)

$(B)/memmap.so: linker/loader-$(ARCH).lds $(MEMMAP_OBJ)
	$(call say,LD,$@)$(LOADER_LINK) -T $< -o $@ $(MEMMAP_OBJ)
$(B)/memmap.efi: $(B)/memmap.so $(B)/baton
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@.tmp && $(B)/baton pe seal $@.tmp && $(B)/baton pe check $@.tmp && mv $@.tmp $@
all: $(B)/memmap.efi

# Host tests: test/memmap/test_X.c, each a cmocka program under ASan and UBSan over the application's own objects (all but what
# only a machine can execute) and what they use of the loader.  Compiled by the rule of loader-tests.mk.
MEMMAP_TESTS := $(patsubst test/memmap/%.c,$(B)/memmap-tests/%,$(wildcard test/memmap/test_*.c))
MEMMAP_TEST_C := $(filter-out %/main.c %/zero.c %/report.c %/report_boot.c %/report_devices.c,$(MEMMAP_C)) loader/firmware.c loader/log.c \
	test/memmap/model.c test/memmap/model_map.c
MEMMAP_TEST_OBJ := $(MEMMAP_TEST_C:%.c=$(B)/loader-tests/%.o) $(TEST_LIB)
$(B)/memmap-tests/%: $(B)/loader-tests/test/memmap/%.o $(MEMMAP_TEST_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SANITIZE) -o $@ $^ -lcmocka

UNIT += $(MEMMAP_TESTS)
unit: $(MEMMAP_TESTS)
