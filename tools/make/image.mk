# SPDX-License-Identifier: BSD-2-Clause
# Disk images: `make image` makes the one for any machine; see tools/make-image for other contents.
#   SECTOR=4096                     for disks with sectors of 4096 bytes (4Kn)
#   FORMAT=qcow2|vmdk|vhd|vhdx      for hypervisors

IMAGE_CMDLINE ?=
IMAGE_NEEDS := $(B)/BOOTX64.EFI $(B)/memmap.efi $(B)/kernel.elf $(B)/baton \
	$(addprefix tools/,make-image vm/image.py vm/gpt.py vm/checksums.py vm/baton.conf)

FORMATS := raw img qcow2 vmdk vhd vhdx
$(if $(filter-out $(FORMATS),$(FORMAT)),$(error FORMAT=$(FORMAT): may be one of $(FORMATS)))
IMAGE := $(B)/baton$(if $(filter-out 512,$(SECTOR)),-$(SECTOR))
IMAGE := $(IMAGE).$(or $(filter-out raw,$(FORMAT)),img)

.PHONY: image iso
image: $(IMAGE) ## build/baton.img: a disk that boots, the same bytes every time; FORMAT=qcow2|vmdk|vhd|vhdx, SECTOR=4096
$(B)/baton.img: $(IMAGE_NEEDS)
	$(call say,IMAGE,$@)tools/make-image -o $@ --cmdline '$(IMAGE_CMDLINE)'
$(B)/baton-%.img: $(IMAGE_NEEDS)
	$(call say,IMAGE,$@)tools/make-image -o $@ --cmdline '$(IMAGE_CMDLINE)' --sector $*

# VHD: of fixed size and a whole number of MiB, as Azure wants it; Hyper-V starts UEFI machines from VHDX only.
QEMU_IMG ?= qemu-img
$(B)/%.qcow2: CONVERT := qcow2
$(B)/%.vmdk: CONVERT := vmdk
$(B)/%.vhdx: CONVERT := vhdx
$(B)/%.vhd: CONVERT := vpc -o subformat=fixed,force_size=on
$(B)/%.qcow2 $(B)/%.vmdk $(B)/%.vhdx $(B)/%.vhd: $(B)/%.img
	$(call need,$(QEMU_IMG),QEMU_IMG)$(call say,CONVERT,$@)$(QEMU_IMG) convert -f raw -O $(CONVERT) $< $@.tmp && mv $@.tmp $@

iso: $(B)/baton.iso ## build/baton.iso: boots as a CD and from a USB stick, the same bytes every time
$(B)/baton.iso: $(B)/baton.img tools/make-iso
	$(call say,ISO,$@)tools/make-iso $< -o $@
TEST_NEEDS += $(B)/baton.iso
