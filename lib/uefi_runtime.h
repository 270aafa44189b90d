/* SPDX-License-Identifier: 0BSD */
/*
 * What remains of UEFI when boot services are gone (2.10 §4.3, §4.5, §4.6.4, §8), for kernels that must not see firmware
 * headers.  Before SetVirtualAddressMap every pointer in these tables and every pointer argument is physical; call with interrupts
 * off or with a lock held, on a 16-byte aligned stack of 8 KiB or more, with SSE enabled (§2.3.4).
 */
#ifndef LIB_UEFI_RUNTIME_H
#define LIB_UEFI_RUNTIME_H

#include <stdint.h>

/* Firmware functions follow Microsoft's calling convention on x86-64. */
#ifdef __x86_64__
#define UEFI_CALL __attribute__((ms_abi))
#else
#define UEFI_CALL
#endif

#define UEFI_SUCCESS UINT64_C(0)
#define UEFI_ERROR_BIT (UINT64_C(1) << 63)
#define UEFI_UNSUPPORTED (UEFI_ERROR_BIT | 3)
#define UEFI_NOT_FOUND (UEFI_ERROR_BIT | 14)

#define UEFI_SYSTEM_TABLE_SIGNATURE UINT64_C(0x5453595320494249)    /* "IBI SYST" */
#define UEFI_RUNTIME_SERVICES_SIGNATURE UINT64_C(0x56524553544e5552) /* "RUNTSERV" */

struct uefi_table_header {
	uint64_t signature;
	uint32_t revision;
	uint32_t header_size; /* of the whole table */
	uint32_t crc32;       /* CRC-32 (IEEE 802.3) of header_size bytes with this field zero */
	uint32_t reserved;
};

struct uefi_guid {
	uint32_t data1;
	uint16_t data2, data3;
	uint8_t data4[8];
};
/* EFI_GLOBAL_VARIABLE */
#define UEFI_GLOBAL_VARIABLE ((struct uefi_guid){0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}})

struct uefi_time {
	uint16_t year; /* 1900..9999 */
	uint8_t month, day, hour, minute, second, pad1;
	uint32_t nanosecond;
	int16_t time_zone; /* minutes from UTC, 0x7ff = unspecified */
	uint8_t daylight, pad2;
};

enum uefi_reset { UEFI_RESET_COLD = 0, UEFI_RESET_WARM = 1, UEFI_RESET_SHUTDOWN = 2 };

struct uefi_runtime_services {
	struct uefi_table_header header;
	uint64_t(UEFI_CALL *get_time)(struct uefi_time *time, void *capabilities);
	uint64_t(UEFI_CALL *set_time)(struct uefi_time *time);
	uint64_t(UEFI_CALL *get_wakeup_time)(uint8_t *enabled, uint8_t *pending, struct uefi_time *time);
	uint64_t(UEFI_CALL *set_wakeup_time)(uint8_t enable, struct uefi_time *time);
	uint64_t(UEFI_CALL *set_virtual_address_map)(uint64_t map_bytes, uint64_t descriptor_bytes, uint32_t descriptor_version,
						     void *map);
	uint64_t(UEFI_CALL *convert_pointer)(uint64_t debug_disposition, void **address);
	uint64_t(UEFI_CALL *get_variable)(const uint16_t *name, const struct uefi_guid *vendor, uint32_t *attributes,
					  uint64_t *bytes, void *data);
	uint64_t(UEFI_CALL *get_next_variable_name)(uint64_t *bytes, uint16_t *name, struct uefi_guid *vendor);
	uint64_t(UEFI_CALL *set_variable)(const uint16_t *name, const struct uefi_guid *vendor, uint32_t attributes,
					  uint64_t bytes, const void *data);
	uint64_t(UEFI_CALL *get_next_high_monotonic_count)(uint32_t *high);
	void(UEFI_CALL *reset_system)(uint32_t type, uint64_t status, uint64_t bytes, const void *data);
	uint64_t(UEFI_CALL *update_capsule)(void **capsules, uint64_t count, uint64_t scatter_gather_phys);
	uint64_t(UEFI_CALL *query_capsule_capabilities)(void **capsules, uint64_t count, uint64_t *maximum_bytes,
							uint32_t *reset);
	uint64_t(UEFI_CALL *query_variable_info)(uint32_t attributes, uint64_t *maximum, uint64_t *remaining,
						 uint64_t *largest);
};

struct uefi_system_table {
	struct uefi_table_header header;
	const uint16_t *firmware_vendor;
	uint32_t firmware_revision;
	uint32_t pad;
	void *console[6]; /* ConsoleInHandle to StdErr: NULL after ExitBootServices */
	struct uefi_runtime_services *runtime_services;
	void *boot_services; /* NULL after ExitBootServices */
	uint64_t configuration_table_count;
	void *configuration_tables;
};

/* EFI_MEMORY_ATTRIBUTES_TABLE: permissions of the runtime ranges; `entries` descriptors of descriptor_bytes follow. */
struct uefi_memory_attributes {
	uint32_t version; /* 1 or 2 */
	uint32_t entries;
	uint32_t descriptor_bytes;
	uint32_t flags;
};

#ifdef __LP64__
_Static_assert(sizeof(struct uefi_table_header) == 24, "UEFI 2.10 4.2.1");
_Static_assert(sizeof(struct uefi_guid) == 16, "UEFI 2.10 2.3.1");
_Static_assert(sizeof(struct uefi_time) == 16, "UEFI 2.10 8.3.1");
_Static_assert(sizeof(struct uefi_runtime_services) == 136, "UEFI 2.10 4.5.1");
_Static_assert(sizeof(struct uefi_system_table) == 120, "UEFI 2.10 4.3.1");
_Static_assert(sizeof(struct uefi_memory_attributes) == 16, "UEFI 2.10 4.6.4");
#endif

#endif
