/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be used under Secure Boot: the one place that decides. */
#ifndef LOADER_POLICY_H
#define LOADER_POLICY_H

#include <stdint.h>

enum policy_input {
	POLICY_KERNEL_FILE,   /* a kernel that is a plain file, verified by nobody */
	POLICY_MODULE_FILE,
	POLICY_CONFIGURATION, /* baton.conf and the command line file */
	POLICY_REPORT,        /* writing files about the boot to the volume it came from */
	POLICY_BLACK_BOX,     /* reading and writing the variable of the black box */
	POLICY_LOAD_OPTIONS,  /* the load options of the loader's own image */
};

/* 1: may be used.  secure_boot is HANDOFF_SECURE_BOOT_...; an unreadable state counts as on. */
int policy_allows(enum policy_input input, uint32_t secure_boot);

#endif
