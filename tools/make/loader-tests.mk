# SPDX-License-Identifier: BSD-2-Clause
# Host tests of the loader: test/loader/test_X.c, each a cmocka program over the real loader and lib/, on the fake firmware of
# test/fake, under ASan and UBSan.  Left out of the loader is what a user program cannot execute (test/fake/processor.c stands
# in), and the two main.c are parts of test/fake/image.c and application.c.

LOADER_TESTS := $(patsubst test/loader/%.c,$(B)/loader-tests/%,$(wildcard test/loader/test_*.c))
FAKE_C := $(wildcard test/fake/*.c)
LOADER_UNDER_TEST := $(filter-out loader/main.c %/cpu.c %/devices.c %/ports.c,$(LOADER_EFI_C) $(LOADER_C)) \
	$(filter-out %/main.c,$(wildcard loader/memmap/*.c))
FAKE_OBJ := $(patsubst %.c,$(B)/loader-tests/%.o,$(FAKE_C) $(LOADER_UNDER_TEST)) $(TEST_LIB)

# Firmware headers, and strings as the firmware's.
$(B)/loader-tests/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(TEST_FLAGS) $(LOADER_EFI) -c -o $@ $<

# The image's addresses, as the linker script of the loader would give them: inside FAKE_IMAGE of test/fake/fake.h.  A program
# at fixed low addresses, because its own code plays the firmware's runtime services and must have a physical address.
IMAGE_SYMBOLS := image_base=0x20000000 image_end=0x20020000 image_text_start=0x20001000 image_text_end=0x20008000 \
	image_rodata_start=0x20008000 image_rodata_end=0x2000a000
$(B)/loader-tests/%: $(B)/loader-tests/test/loader/%.o $(FAKE_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SANITIZE) -no-pie $(IMAGE_SYMBOLS:%=-Wl,--defsym=%) -o $@ $^ -lcmocka

# Draws the screen of a coded stop for test/tools/test_stop_screen.py.
TEST_NEEDS += $(B)/loader-tests/draw_stop

UNIT += $(LOADER_TESTS)
unit: $(LOADER_TESTS)

# The same over inputs of a fuzzer: with libFuzzer (make fuzz), and over its corpus without (make corpus).
FUZZ_LOADER_C := test/fuzz/fuzz_loader.c $(FAKE_C) $(LOADER_UNDER_TEST) $(LIB_C)
$(B)/fuzz/fuzz_loader: $(filter-out test/fake/expect.c,$(FUZZ_LOADER_C)) $(wildcard test/fake/*.h loader/*.h loader/*/*.h lib/*.h)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CLANG) $(FUZZ_FLAGS) $(LOADER_EFI) -no-pie $(IMAGE_SYMBOLS:%=-Wl,--defsym=%) -o $@ $(filter %.c,$^)
$(B)/corpus/fuzz_loader: $(B)/loader-tests/test/fuzz/fuzz_loader.o $(B)/test/test/fuzz/run_corpus.o $(filter-out %/expect.o,$(FAKE_OBJ))
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SANITIZE) -no-pie $(IMAGE_SYMBOLS:%=-Wl,--defsym=%) -o $@ $^
