/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Secure Boot policy.  RULE: a signed loader must not become a way around the signature check.  Nothing that this
 * loader can read today is verified by the firmware, so with Secure Boot on it uses none of it; signed bundles will.
 */
#include "lib/handoff.h"
#include "loader/policy.h"

int policy_allows(enum policy_input input, uint32_t secure_boot)
{
	(void)input;
	return secure_boot == HANDOFF_SECURE_BOOT_OFF || secure_boot == HANDOFF_SECURE_BOOT_SETUP;
}
