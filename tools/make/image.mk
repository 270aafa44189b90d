# SPDX-License-Identifier: BSD-2-Clause
# Disk images: `make image` makes the one for any machine; see tools/make-image for other contents.
#   SECTOR=4096                     for disks with sectors of 4096 bytes (4Kn)
#   FORMAT=qcow2|vmdk|vhd|vhdx      for hypervisors

IMAGE_CMDLINE ?=
IMAGE_NEEDS := $(B)/BOOTX64.EFI $(B)/memmap.efi $(B)/kernel.elf $(B)/baton \
	$(addprefix tools/,make-image vm/image.py vm/gpt.py vm/checksums.py vm/baton.conf)

# Another command line makes another image.
$(B)/%.options: FORCE
	@mkdir -p $(@D); echo '$(OPTIONS)' | cmp -s - $@ || echo '$(OPTIONS)' >$@
FORCE:

$(B)/image.options: OPTIONS = $(IMAGE_CMDLINE)
IMAGE := $(B)/baton$(if $(filter-out 512,$(SECTOR)),-$(SECTOR))
MAKE_IMAGE = tools/make-image --cmdline '$(IMAGE_CMDLINE)' --sector $(or $(SECTOR),512)

.PHONY: image iso FORCE
image: $(IMAGE).$(or $(FORMAT),img) ## build/baton.img: a disk that boots, the same bytes every time; FORMAT=qcow2|vmdk|vhd|vhdx, SECTOR=4096
$(IMAGE).img: $(IMAGE_NEEDS) $(B)/image.options
	$(call say,IMAGE,$@)$(MAKE_IMAGE) -o $@
ifneq ($(FORMAT),)
$(IMAGE).$(FORMAT): $(IMAGE_NEEDS) $(B)/image.options
	$(call say,IMAGE,$@)$(MAKE_IMAGE) -o $(IMAGE).img --format $(FORMAT)
endif

iso: $(B)/baton.iso ## build/baton.iso: boots as a CD and from a USB stick, the same bytes every time
$(B)/baton.iso: $(B)/baton.img tools/make-iso
	$(call say,ISO,$@)tools/make-iso $< -o $@
TEST_NEEDS += $(B)/baton.iso
