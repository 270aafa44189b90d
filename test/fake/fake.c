/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the loader on the fake firmware: the machine before it, the counting of calls, and the ways it can end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_block.h"
#include "test/fake/fake.h"
#include "test/fake/firmware.h"
#include "test/fake/kernel_file.h"

struct fake fake;

/* 800x600 is what it runs in; one mode with no framebuffer, one with masks of its own.  Version, width, height,
   format, masks, pixels from line to line. */
static const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION modes[] = {
	{ 0, 800, 600, PixelBlueGreenRedReserved8BitPerColor, { 0, 0, 0, 0 }, 800 },
	{ 0, 1024, 768, PixelBltOnly, { 0, 0, 0, 0 }, 1024 },
	{ 0, 640, 480, PixelBitMask, { 0xff0000, 0xff00, 0xff, 0xff000000 }, 704 },
	{ 0, 320, 200, PixelRedGreenBlueReserved8BitPerColor, { 0, 0, 0, 0 }, 320 },
};

static void set_options(struct fake_options *options)
{
	*options = (struct fake_options){
		.ram_bytes = 64 << 20,
		.descriptor_bytes = 48,
		.descriptor_version = 1,
		.tpl = TPL_APPLICATION,
		.secure_boot = 0,
		.setup_mode = 0,
		.store_maximum = 60000,
		.store_remaining = 40000,
		.store_largest = 30000,
		.load_options = "nowait",
		.graphics = FAKE_GRAPHICS_CONSOLE,
		.mode_count = sizeof(modes) / sizeof(modes[0]),
		.framebuffer_phys = FAKE_FRAMEBUFFER,
		.framebuffer_bytes = FAKE_FRAMEBUFFER_BYTES,
		.cpu = { .paging_levels = 4, .physical_bits = 39, .nx = 1, .pages_1g = 1, .mtrr = 1, .rdseed = 1,
			 .tsc_hz = 1000000000 },
	};
	memcpy(options->modes, modes, sizeof(modes));
}

static void remove_file(struct fake_file *file)
{
	if (file->written) {
		free((void *)file->path);
		free((void *)file->data);
	}
	*file = (struct fake_file){ 0 };
}

void fake_reset(void)
{
	/* memory.c needs the old map to close what the last run left open. */
	struct memory_map memory = fake.memory;
	uint8_t *map_copy = fake.map_copy;
	struct handoff_range *initial = fake.initial;

	fake_files_close();
	for (uint32_t i = 0; i < FAKE_FILES_MAX; i++)
		remove_file(&fake.files[i]);
	memset(&fake, 0, sizeof(fake));
	fake.memory = memory;
	fake.map_copy = map_copy;
	fake.initial = initial;
	set_options(&fake.options);
	fake_add_kernel(NULL);
}

void fake_add_file(const char *path, const void *data, uint64_t bytes)
{
	struct fake_file *free_one = NULL;

	fake_remove_file(path);
	for (uint32_t i = 0; i < FAKE_FILES_MAX && free_one == NULL; i++)
		if (fake.files[i].path == NULL)
			free_one = &fake.files[i];
	if (free_one == NULL)
		abort();
	*free_one = (struct fake_file){ .path = path, .data = data, .bytes = bytes };
}

void fake_add_kernel(const struct kernel_shape *shape)
{
	fake_add_file("\\baton\\kernel.elf", kernel_file(shape), kernel_file_bytes());
}

void fake_add_text(const char *path, const char *text)
{
	fake_add_file(path, text, strlen(text));
}

void fake_remove_file(const char *path)
{
	const struct fake_file *file = fake_find_file(path);

	if (file != NULL)
		remove_file((struct fake_file *)file);
}

const struct fake_file *fake_find_file(const char *path)
{
	for (uint32_t i = 0; i < FAKE_FILES_MAX; i++)
		if (fake.files[i].path != NULL && strcmp(fake.files[i].path, path) == 0)
			return &fake.files[i];
	return NULL;
}

struct fake_file *fake_write_file(const char *path, uint32_t directory)
{
	char *kept = strdup(path);

	fake_add_file(kept, NULL, 0);
	struct fake_file *file = (struct fake_file *)fake_find_file(kept);
	file->directory = directory;
	file->written = 1;
	return file;
}

/* --- faults -------------------------------------------------------------------------------------------------------------- */

void fake_add_fault(struct fake_fault fault)
{
	for (uint32_t i = 0; i < FAKE_FAULTS_MAX; i++) {
		if (fake.faults[i].call == 0) {
			fake.faults[i] = fault;
			return;
		}
	}
	abort();
}

const struct fake_fault *fake_fault(enum fake_call call, enum fake_effect effect)
{
	for (uint32_t i = 0; i < FAKE_FAULTS_MAX; i++) {
		const struct fake_fault *fault = &fake.faults[i];

		if (fault->call != call || fault->effect != effect || (fault->at != 0 && fault->at != fake.calls[call]))
			continue;
		fake.fired++;
		return fault;
	}
	return NULL;
}

EFI_STATUS fake_failure(enum fake_call call)
{
	const struct fake_fault *fault = fake_fault(call, FAKE_FAIL);

	return fault != NULL ? fault->value : EFI_SUCCESS;
}

/* --- one run ------------------------------------------------------------------------------------------------------------- */

/* H56: what firmware may have shut down already by the first exit call, whatever that returned. */
static int is_legal_now(enum fake_call call)
{
	switch (call) {
	case FAKE_GET_MEMORY_MAP:
	case FAKE_EXIT_BOOT_SERVICES:
		return !fake.exited;
	case FAKE_RESET_SYSTEM:
	case FAKE_SET_VARIABLE:
	case FAKE_PROCESSOR:
	case FAKE_PORTS:
		return 1;
	default:
		return !fake.exit_tried;
	}
}

void fake_called(enum fake_call call)
{
	if (!is_legal_now(call))
		fake_violate("L35: call %d after the first ExitBootServices", (int)call);
	fake.calls[call]++;
	fake.last_call = call;
}

void fake_append(char text[FAKE_TEXT_BYTES], const char *more)
{
	uint64_t used = strlen(text), room = FAKE_TEXT_BYTES - 1 - used, bytes = strlen(more);

	memcpy(text + used, more, bytes < room ? bytes : room);
}

void fake_end(enum fake_end end)
{
	fake.end = end;
	longjmp(fake.out, 1);
}

void fake_violate(const char *text, ...)
{
	va_list arguments;

	va_start(arguments, text);
	vsnprintf(fake.violation, sizeof(fake.violation), text, arguments);
	va_end(arguments);
	fake_end(FAKE_VIOLATION);
}

static void run(void)
{
	EFI_SYSTEM_TABLE *system = fake_firmware_start();

	fake_image_load();
	if (fake.tamper != NULL)
		fake.tamper(system, fake_loaded_image());
	fake.status = (fake.application != NULL ? fake.application : fake_image_start)((EFI_HANDLE)FAKE_IMAGE, system);
	if (fake.watchdog_seconds != 0)
		fake_violate("L2: the watchdog still runs when the loader returns");
	fake.end = FAKE_RETURNED;
}

enum fake_end fake_boot(void)
{
	if (setjmp(fake.out) == 0) {
		fake_memory_start();
		fake_graphics_start();
		run();
	}
	return fake.end;
}
