# SPDX-License-Identifier: BSD-2-Clause
# `make stick`: the image for a USB stick and a real machine, loader/HARDWARE.md.  `make flash` writes it.

# The kernel waits when it has shown its report: somebody is looking at it.  The loader leaves a report on the stick, and how the boot
# ended in a variable of the firmware, for the report of the next one.
STICK_CMDLINE ?= exit=wait
STICK_SET := --set report=yes --set blackbox=yes
# The disk's node belongs to root.
FLASH_SUDO ?= $(if $(filter 0,$(shell id -u)),,sudo)

STICK := $(B)/stick$(if $(filter-out 512,$(SECTOR)),-$(SECTOR)).img

.PHONY: stick flash
stick: $(STICK) ## build/stick.img: for a USB stick and a machine of your own
$(B)/stick.options: OPTIONS = $(STICK_CMDLINE)
$(STICK): $(IMAGE_NEEDS) $(B)/stick.options tools/make/stick.mk
	$(call say,IMAGE,$@)tools/make-image -o $@ --cmdline '$(STICK_CMDLINE)' $(STICK_SET) --sector $(or $(SECTOR),512)
flash: $(STICK) ## write it to the USB stick DEV=/dev/sdX; without DEV list the sticks; FLASH='--help' shows more options
	$(Q)$(if $(DEV),$(FLASH_SUDO)) tools/flash-usb --image $(STICK) $(DEV) $(FLASH)
TEST_NEEDS += $(STICK)
