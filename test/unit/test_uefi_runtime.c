/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/uefi_runtime.h describes the same tables as gnu-efi's headers: every offset that a kernel uses, every value. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <efi.h>
#include "lib/uefi_runtime.h"

#define SAME_OFFSET(ours, field, theirs, Field)                                                                                   \
	assert_int_equal(offsetof(struct ours, field), offsetof(theirs, Field));                                                  \
	assert_int_equal(sizeof(((struct ours *)0)->field), sizeof(((theirs *)0)->Field))

static void test_runtime_services(void **state)
{
	(void)state;
	SAME_OFFSET(uefi_runtime_services, header, EFI_RUNTIME_SERVICES, Hdr);
	SAME_OFFSET(uefi_runtime_services, get_time, EFI_RUNTIME_SERVICES, GetTime);
	SAME_OFFSET(uefi_runtime_services, set_time, EFI_RUNTIME_SERVICES, SetTime);
	SAME_OFFSET(uefi_runtime_services, get_wakeup_time, EFI_RUNTIME_SERVICES, GetWakeupTime);
	SAME_OFFSET(uefi_runtime_services, set_wakeup_time, EFI_RUNTIME_SERVICES, SetWakeupTime);
	SAME_OFFSET(uefi_runtime_services, set_virtual_address_map, EFI_RUNTIME_SERVICES, SetVirtualAddressMap);
	SAME_OFFSET(uefi_runtime_services, convert_pointer, EFI_RUNTIME_SERVICES, ConvertPointer);
	SAME_OFFSET(uefi_runtime_services, get_variable, EFI_RUNTIME_SERVICES, GetVariable);
	SAME_OFFSET(uefi_runtime_services, get_next_variable_name, EFI_RUNTIME_SERVICES, GetNextVariableName);
	SAME_OFFSET(uefi_runtime_services, set_variable, EFI_RUNTIME_SERVICES, SetVariable);
	SAME_OFFSET(uefi_runtime_services, get_next_high_monotonic_count, EFI_RUNTIME_SERVICES, GetNextHighMonotonicCount);
	SAME_OFFSET(uefi_runtime_services, reset_system, EFI_RUNTIME_SERVICES, ResetSystem);
	SAME_OFFSET(uefi_runtime_services, update_capsule, EFI_RUNTIME_SERVICES, UpdateCapsule);
	SAME_OFFSET(uefi_runtime_services, query_capsule_capabilities, EFI_RUNTIME_SERVICES, QueryCapsuleCapabilities);
	SAME_OFFSET(uefi_runtime_services, query_variable_info, EFI_RUNTIME_SERVICES, QueryVariableInfo);
	assert_int_equal(sizeof(struct uefi_runtime_services), sizeof(EFI_RUNTIME_SERVICES));
	assert_int_equal(UEFI_RUNTIME_SERVICES_SIGNATURE, EFI_RUNTIME_SERVICES_SIGNATURE);
}

static void test_system_table(void **state)
{
	(void)state;
	SAME_OFFSET(uefi_system_table, firmware_vendor, EFI_SYSTEM_TABLE, FirmwareVendor);
	SAME_OFFSET(uefi_system_table, firmware_revision, EFI_SYSTEM_TABLE, FirmwareRevision);
	SAME_OFFSET(uefi_system_table, console[0], EFI_SYSTEM_TABLE, ConsoleInHandle);
	SAME_OFFSET(uefi_system_table, console[5], EFI_SYSTEM_TABLE, StdErr);
	SAME_OFFSET(uefi_system_table, runtime_services, EFI_SYSTEM_TABLE, RuntimeServices);
	SAME_OFFSET(uefi_system_table, boot_services, EFI_SYSTEM_TABLE, BootServices);
	SAME_OFFSET(uefi_system_table, configuration_table_count, EFI_SYSTEM_TABLE, NumberOfTableEntries);
	SAME_OFFSET(uefi_system_table, configuration_tables, EFI_SYSTEM_TABLE, ConfigurationTable);
	assert_int_equal(sizeof(struct uefi_system_table), sizeof(EFI_SYSTEM_TABLE));
	assert_int_equal(UEFI_SYSTEM_TABLE_SIGNATURE, EFI_SYSTEM_TABLE_SIGNATURE);
}

static void test_small_structs(void **state)
{
	static const EFI_GUID theirs = EFI_GLOBAL_VARIABLE;
	struct uefi_guid ours = UEFI_GLOBAL_VARIABLE;

	(void)state;
	assert_int_equal(sizeof theirs, sizeof ours);
	assert_memory_equal(&theirs, &ours, sizeof ours);
	SAME_OFFSET(uefi_time, year, EFI_TIME, Year);
	SAME_OFFSET(uefi_time, second, EFI_TIME, Second);
	SAME_OFFSET(uefi_time, nanosecond, EFI_TIME, Nanosecond);
	SAME_OFFSET(uefi_time, time_zone, EFI_TIME, TimeZone);
	SAME_OFFSET(uefi_time, daylight, EFI_TIME, Daylight);
	SAME_OFFSET(uefi_table_header, revision, EFI_TABLE_HEADER, Revision);
	SAME_OFFSET(uefi_table_header, header_size, EFI_TABLE_HEADER, HeaderSize);
	SAME_OFFSET(uefi_table_header, crc32, EFI_TABLE_HEADER, CRC32);
}

static void test_values(void **state)
{
	(void)state;
	assert_int_equal(UEFI_SUCCESS, EFI_SUCCESS);
	assert_int_equal(UEFI_UNSUPPORTED, EFI_UNSUPPORTED);
	assert_int_equal(UEFI_NOT_FOUND, EFI_NOT_FOUND);
	assert_int_equal(UEFI_RESET_COLD, EfiResetCold);
	assert_int_equal(UEFI_RESET_WARM, EfiResetWarm);
	assert_int_equal(UEFI_RESET_SHUTDOWN, EfiResetShutdown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runtime_services),
		cmocka_unit_test(test_system_table),
		cmocka_unit_test(test_small_structs),
		cmocka_unit_test(test_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
