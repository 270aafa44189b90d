/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes down which boot services and file functions one image calls, when, and how many bytes it reads.  The list is
 * said at the image's first call of ExitBootServices, three stamps for each call: `call` (the number of a service, its
 * place behind the table's header, or of a file function from CALLS_OPEN_VOLUME on), `at` and `bytes`.
 */
#ifndef TEST_BENCH_EFI_CALLS_H
#define TEST_BENCH_EFI_CALLS_H

#include <efi.h>

enum {
	CALLS_SERVICES = 44,
	CALLS_OPEN_VOLUME = CALLS_SERVICES,
	CALLS_OPEN,
	CALLS_CLOSE,
	CALLS_READ,
	CALLS_SET_POSITION,
	CALLS_GET_INFO,
	CALLS_READ_BLOCKS,
};

/* Watches from now on; the image has been loaded and not started. */
void calls_watch(EFI_BOOT_SERVICES *services, EFI_LOADED_IMAGE_PROTOCOL *image);

#endif
