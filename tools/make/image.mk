# SPDX-License-Identifier: BSD-2-Clause
# Disk images: `make image` makes the one for a USB stick or any machine; see tools/make-image for other contents.

IMAGE_CMDLINE ?=
IMAGE_NEEDS := $(B)/BOOTX64.EFI $(B)/memmap.efi $(B)/kernel.elf tools/make-image tools/vm/image.py tools/vm/baton.conf

.PHONY: image
image: $(B)/baton.img ## build/baton.img: a disk that boots, the same bytes every time
$(B)/baton.img: $(IMAGE_NEEDS)
	$(call say,IMAGE,$@)tools/make-image -o $@ --cmdline '$(IMAGE_CMDLINE)'
