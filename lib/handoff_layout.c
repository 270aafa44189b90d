/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ABI, pinned: offset and size of every field of every struct in lib/handoff.h, as of v1.1.  What stands here may never
 * change under the same major version; a minor version appends fields and their lines.  The sums prove that no field is
 * left out and that the compiler has put no padding anywhere.  Compiles to nothing.
 */
#include <stddef.h>
#include "lib/handoff.h"

#define PIN(type, field, at, bytes)                                                                            \
	_Static_assert(offsetof(struct type, field) == (at), #type "." #field " moved");                       \
	_Static_assert(sizeof(((struct type *)0)->field) == (bytes), #type "." #field " changed its size");
#define PLUS_BYTES(type, field, at, bytes) +(bytes)
#define PINNED(type, fields, total)                                                                            \
	fields(PIN, type)                                                                                      \
	_Static_assert(sizeof(struct type) == (total), #type " changed its size");                             \
	_Static_assert(0 fields(PLUS_BYTES, type) == (total), "a field of " #type " is not pinned, or padding is hidden")

#define HANDOFF_HEADER(F, T) \
	F(T, magic, 0, 8) F(T, version_major, 8, 2) F(T, version_minor, 10, 2) F(T, header_bytes, 12, 4) \
	F(T, total_bytes, 16, 8) F(T, capacity_bytes, 24, 8) F(T, block_phys, 32, 8) F(T, crc32c, 40, 4) \
	F(T, part_count, 44, 4) F(T, part_bytes, 48, 4) F(T, reserved0, 52, 4) F(T, reserved1, 56, 8)
PINNED(handoff_header, HANDOFF_HEADER, 64);

#define HANDOFF_PART(F, T) \
	F(T, type, 0, 4) F(T, entry_bytes, 4, 4) F(T, offset, 8, 8) F(T, bytes, 16, 8)
PINNED(handoff_part, HANDOFF_PART, 24);

#define HANDOFF_RAW_DESCRIPTOR(F, T) \
	F(T, type, 0, 4) F(T, reserved0, 4, 4) F(T, physical_start, 8, 8) F(T, virtual_start, 16, 8) \
	F(T, number_of_pages, 24, 8) F(T, attribute, 32, 8)
PINNED(handoff_raw_descriptor, HANDOFF_RAW_DESCRIPTOR, 40);

#define HANDOFF_RANGE(F, T) \
	F(T, start_phys, 0, 8) F(T, end_phys, 8, 8) F(T, attributes, 16, 8) F(T, type, 24, 4) F(T, owner, 28, 4) \
	F(T, lifetime, 32, 4) F(T, index, 36, 4)
PINNED(handoff_range, HANDOFF_RANGE, 40);

#define HANDOFF_EXIT(F, T) \
	F(T, attempts, 0, 4) F(T, descriptor_version, 4, 4) F(T, probe_bytes, 8, 8) F(T, capacity_bytes, 16, 8) \
	F(T, map_offset, 24, 8) F(T, returned_bytes, 32, 8)
PINNED(handoff_exit, HANDOFF_EXIT, 40);

#define HANDOFF_ATTEMPT(F, T) \
	F(T, map_key, 0, 8) F(T, map_bytes, 8, 8) F(T, descriptor_bytes, 16, 8) F(T, status, 24, 8) F(T, tsc, 32, 8) \
	F(T, descriptor_count, 40, 4) F(T, descriptor_version, 44, 4)
PINNED(handoff_attempt, HANDOFF_ATTEMPT, 48);

#define HANDOFF_CPU(F, T) \
	F(T, architecture, 0, 4) F(T, paging_levels, 4, 4) F(T, physical_bits, 8, 4) F(T, flags, 12, 4) \
	F(T, encryption_mask, 16, 8) F(T, cr0, 24, 8) F(T, cr3, 32, 8) F(T, cr4, 40, 8) F(T, efer, 48, 8) \
	F(T, rflags, 56, 8) F(T, pat, 64, 8) F(T, mtrr_default_type, 72, 8) F(T, apic_base, 80, 8) F(T, xcr0, 88, 8) \
	F(T, gdt_base_virt, 96, 8) F(T, idt_base_virt, 104, 8) F(T, gdt_limit, 112, 4) F(T, idt_limit, 116, 4) \
	F(T, cs, 120, 4) F(T, ss, 124, 4) F(T, tr, 128, 4) F(T, ldtr, 132, 4) F(T, fcw, 136, 4) F(T, mxcsr, 140, 4) \
	F(T, firmware_cr0, 144, 8) F(T, firmware_cr3, 152, 8) F(T, firmware_cr4, 160, 8) F(T, firmware_efer, 168, 8)
PINNED(handoff_cpu, HANDOFF_CPU, 176);

#define HANDOFF_KERNEL(F, T) \
	F(T, entry_virt, 0, 8) F(T, bias, 8, 8) F(T, base_virt, 16, 8) F(T, end_virt, 24, 8) F(T, file_bytes, 32, 8) \
	F(T, stack_phys, 40, 8) F(T, stack_virt, 48, 8) F(T, stack_bytes, 56, 8) F(T, page_tables_phys, 64, 8) \
	F(T, page_tables_bytes, 72, 8)
PINNED(handoff_kernel, HANDOFF_KERNEL, 80);

#define HANDOFF_SEGMENT(F, T) \
	F(T, virt, 0, 8) F(T, phys, 8, 8) F(T, bytes, 16, 8) F(T, file_bytes, 24, 8) F(T, permissions, 32, 4) \
	F(T, reserved0, 36, 4)
PINNED(handoff_segment, HANDOFF_SEGMENT, 40);

#define HANDOFF_MODULE(F, T) \
	F(T, phys, 0, 8) F(T, bytes, 8, 8) F(T, name_offset, 16, 8) F(T, reserved0, 24, 8)
PINNED(handoff_module, HANDOFF_MODULE, 32);

#define HANDOFF_FRAMEBUFFER(F, T) \
	F(T, base_phys, 0, 8) F(T, bytes, 8, 8) F(T, width, 16, 4) F(T, height, 20, 4) F(T, pitch_bytes, 24, 4) \
	F(T, bits_per_pixel, 28, 4) F(T, red_mask, 32, 4) F(T, green_mask, 36, 4) F(T, blue_mask, 40, 4) \
	F(T, reserved_mask, 44, 4)
PINNED(handoff_framebuffer, HANDOFF_FRAMEBUFFER, 48);

#define HANDOFF_FIRMWARE(F, T) \
	F(T, system_table_phys, 0, 8) F(T, runtime_services_phys, 8, 8) F(T, rsdp_phys, 16, 8) \
	F(T, smbios3_phys, 24, 8) F(T, smbios_phys, 32, 8) F(T, device_tree_phys, 40, 8) \
	F(T, memory_attributes_phys, 48, 8) F(T, vendor_offset, 56, 8) F(T, firmware_revision, 64, 4) \
	F(T, uefi_revision, 68, 4) F(T, flags, 72, 4) F(T, secure_boot, 76, 4) F(T, boot_volume_guid, 80, 16)
PINNED(handoff_firmware, HANDOFF_FIRMWARE, 96);

#define HANDOFF_STAGE(F, T) \
	F(T, stage, 0, 4) F(T, reserved0, 4, 4) F(T, tsc, 8, 8)
PINNED(handoff_stage, HANDOFF_STAGE, 16);

#define HANDOFF_SEED(F, T) \
	F(T, source, 0, 4) F(T, bytes, 4, 4) F(T, seed, 8, 32)
PINNED(handoff_seed, HANDOFF_SEED, 40);

#define HANDOFF_LOADER(F, T) \
	F(T, version_offset, 0, 8) F(T, image_phys, 8, 8) F(T, image_bytes, 16, 8) F(T, boot_record_phys, 24, 8) \
	F(T, wall_clock, 32, 8) F(T, wall_clock_zone, 40, 4) F(T, reserved0, 44, 4) F(T, tsc_hz, 48, 8)
PINNED(handoff_loader, HANDOFF_LOADER, 56);

#define HANDOFF_BOOT_RECORD(F, T) \
	F(T, magic, 0, 8) F(T, version, 8, 4) F(T, record_bytes, 12, 4) F(T, stage, 16, 4) F(T, stop_code, 20, 4) \
	F(T, attempts, 24, 4) F(T, log_bytes, 28, 4) F(T, stop_detail, 32, 32) F(T, stage_tsc, 64, 128) \
	F(T, log, 192, 8000)
PINNED(handoff_boot_record, HANDOFF_BOOT_RECORD, 8192);

/* Since v1.1. */
#define HANDOFF_LAST_BOOT(F, T) \
	F(T, state, 0, 4) F(T, stage, 4, 4) F(T, code, 8, 4) F(T, attempts, 12, 4) F(T, detail, 16, 32) \
	F(T, image_phys, 48, 8) F(T, wall_clock, 56, 8) F(T, set_variable_phys, 64, 8) F(T, vendor_guid, 72, 16) \
	F(T, name, 88, 32)
PINNED(handoff_last_boot, HANDOFF_LAST_BOOT, 120);
