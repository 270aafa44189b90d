/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map on the loader's screen, on a firmware of its own that has nothing but a console, a keyboard, pools and a map:
 * without the key the boot costs a look at the keyboard and nothing else; with it all that was taken is given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/uefi_memory.h"
#include "loader/boot.h"
#include "loader/map_screen.h"

enum { KEYS_MAX = 64 };

static struct {
	const char *keys;   /* what was pressed, in order */
	uint32_t looks, clears, pools, pools_ever;
	char text[8192];
	EFI_STATUS map_status;
} firmware;

static const struct handoff_raw_descriptor map[] = {
	{.type = UEFI_CONVENTIONAL, .physical_start = 0x1000, .number_of_pages = 159, .attribute = 0xf},
	{.type = UEFI_LOADER_DATA, .physical_start = 0x100000, .number_of_pages = 16, .attribute = 0xf},
};

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *self, CHAR16 *text)
{
	size_t at = strlen(firmware.text);

	(void)self;
	for (; *text != 0 && at + 1 < sizeof(firmware.text); text++)
		firmware.text[at++] = (char)*text;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI clear(SIMPLE_TEXT_OUTPUT_INTERFACE *self)
{
	(void)self;
	firmware.clears++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *self, UINTN column, UINTN row)
{
	(void)self;
	return column == 0 && row == 0 ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *self, EFI_INPUT_KEY *key)
{
	(void)self;
	firmware.looks++;
	if (*firmware.keys == '\0')
		return EFI_NOT_READY;
	*key = (EFI_INPUT_KEY){.UnicodeChar = (CHAR16)*firmware.keys++};
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
	(void)count;
	(void)events;
	*index = 0;
	return *firmware.keys != '\0' ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *to, UINTN *key, UINTN *stride, UINT32 *version)
{
	UINTN capacity = *bytes;

	*bytes = sizeof(map);
	*key = 1;
	*stride = sizeof(map[0]);
	*version = 1;
	if (capacity < sizeof(map))
		return EFI_BUFFER_TOO_SMALL;
	memcpy(to, map, sizeof(map));
	return firmware.map_status;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	assert_int_equal(type, EfiLoaderData);
	firmware.pools++;
	firmware.pools_ever++;
	*buffer = malloc(bytes);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	firmware.pools--;
	free(buffer);
	return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_INTERFACE console = {.OutputString = output, .ClearScreen = clear, .SetCursorPosition = set_cursor};
static SIMPLE_INPUT_INTERFACE keyboard = {.ReadKeyStroke = read_key};
static EFI_BOOT_SERVICES services = {
	.GetMemoryMap = get_memory_map, .AllocatePool = allocate_pool, .FreePool = free_pool, .WaitForEvent = wait_for_event};

static void start(const char *keys, SIMPLE_TEXT_OUTPUT_INTERFACE *screen, SIMPLE_INPUT_INTERFACE *input, EFI_STATUS map_status)
{
	EFI_SYSTEM_TABLE system = {.ConIn = input, .ConOut = screen, .BootServices = &services};
	struct boot boot = {.system = &system, .services = &services, .console = screen};

	memset(&firmware, 0, sizeof(firmware));
	firmware.keys = keys;
	firmware.map_status = map_status;
	map_screen_if_asked(&boot);
	assert_int_equal(firmware.pools, 0);
}

static void test_without_the_key(void **state)
{
	(void)state;
	start("", &console, &keyboard, EFI_SUCCESS);
	assert_int_equal(firmware.looks, 1);
	start("xyz ", &console, &keyboard, EFI_SUCCESS);
	assert_int_equal(firmware.looks, 5);
	assert_int_equal(firmware.pools_ever, 0);
	assert_int_equal(firmware.clears, 0);
	assert_string_equal(firmware.text, "");
}

static void test_with_the_key(void **state)
{
	(void)state;
	start("xMmmq", &console, &keyboard, EFI_SUCCESS);
	assert_string_equal(firmware.keys, ""); /* the m of a key that is held down is passed over */
	assert_int_equal(firmware.clears, 2);
	assert_non_null(strstr(firmware.text, "   1 LoaderData           0000000000100000        16   64 KiB                f"));
	assert_non_null(strstr(firmware.text, "2 descriptors of 40 bytes, version 1"));
	assert_non_null(strstr(firmware.text, " of 9 -- arrows, page up/down, home, end; q: boot"));
}

static void test_a_keyboard_that_never_stops(void **state)
{
	char keys[KEYS_MAX];

	(void)state;
	memset(keys, 'x', sizeof(keys) - 1);
	keys[sizeof(keys) - 1] = '\0';
	start(keys, &console, &keyboard, EFI_SUCCESS);
	assert_int_equal(firmware.looks, 32);
}

static void test_without_screen_or_keyboard(void **state)
{
	(void)state;
	start("m", NULL, &keyboard, EFI_SUCCESS);
	assert_int_equal(firmware.looks, 0);
	start("m", &console, NULL, EFI_SUCCESS);
	assert_int_equal(firmware.looks, 0);
}

/* The map that will be handed over is another one: the boot goes on. */
static void test_a_map_that_cannot_be_read(void **state)
{
	(void)state;
	start("mq", &console, &keyboard, EFI_DEVICE_ERROR);
	assert_non_null(strstr(firmware.text, "the memory map cannot be read"));
	assert_int_equal(firmware.clears, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_the_key),
		cmocka_unit_test(test_with_the_key),
		cmocka_unit_test(test_a_keyboard_that_never_stops),
		cmocka_unit_test(test_without_screen_or_keyboard),
		cmocka_unit_test(test_a_map_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
