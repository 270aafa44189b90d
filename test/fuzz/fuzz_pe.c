/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the loader's image: checked, its headers trimmed, and sealed in place.  What is sound stays so, and sealing it again is idle. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t *file = malloc(bytes ? bytes : 1), *again = malloc(bytes ? bytes : 1);
	struct pe_fault fault;
	uint64_t trimmed_bytes, sealed_bytes = 0, again_bytes = 0;
	enum pe_status sound = pe_check(data, bytes, &fault), status;

	memcpy(file, data, bytes);
	trimmed_bytes = pe_trim_headers(file, bytes);
	require(trimmed_bytes <= bytes && pe_trim_headers(file, trimmed_bytes) == trimmed_bytes);
	status = pe_seal(file, trimmed_bytes, &sealed_bytes, &fault);
	require((uint32_t)status < PE_STATUS_COUNT && (uint32_t)sound < PE_STATUS_COUNT);
	if (status == PE_OK) {
		require(sealed_bytes <= trimmed_bytes);
		status = pe_check(file, sealed_bytes, &fault);
		/* A sound image stays sound. */
		require(sound != PE_OK || status == PE_OK);
	} else {
		require(sound != PE_OK);
	}
	if (status == PE_OK) {
		memcpy(again, file, sealed_bytes);
		require(pe_seal(again, sealed_bytes, &again_bytes, &fault) == PE_OK);
		require(again_bytes == sealed_bytes && memcmp(again, file, sealed_bytes) == 0);
	}
	free(again);
	free(file);
	return 0;
}
