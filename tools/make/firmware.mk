# SPDX-License-Identifier: BSD-2-Clause
# `make test-firmware`: the loader and the stub on other firmware than this machine's (test/boot/other_firmware.py).  Needs the network
# once, for tools/get-firmware; FIRMWARE=FOLDER names another place for what that gets, so that it outlives `make clean`.

FIRMWARE ?= $(B)/firmware
export FIRMWARE

# The application that says what a firmware is like.
FIRMWARE_EFI := $(B)/test/witness.efi
$(B)/test/witness.so: test/boot/efi/app.lds $(B)/loader/test/boot/efi/witness.o $(B)/loader/lib/format.o $(B)/loader/$(FREE_C:.c=.o)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) $(LOADER_LDFLAGS) -e $(basename $(@F))_main -T $< -o $@ $(filter %.o,$^)
	$(Q)! readelf --relocs --wide $@ | grep R_X86_64
$(FIRMWARE_EFI): %.efi: %.so
	$(call say,PE,$@)$(LOADER_TO_PE) $< $@

FIRMWARE_KERNELS := $(patsubst %,$(B)/kernels/%.elf,aligned-64k aligned-2m aligned-1g low-1m exceptions)

.PHONY: firmware test-firmware
firmware: ## the firmware of other Debian releases for test-firmware: build/firmware, by apt's own root
	$(Q)tools/get-firmware $(FIRMWARE)
test-firmware: firmware all $(B)/memmap.efi $(B)/test/leakcheck.efi $(FIRMWARE_EFI) $(FIRMWARE_KERNELS) ## the boots on other firmware: U-Boot and OVMF of Debian 12 and 13
	$(Q)set -f; test/run --boot firmware $(TESTS)
