/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader tests expect of a run.  Each of these calls fake_boot() and fails the test of the calling cmocka program
 * when the run ends differently or leaves something wrong behind.
 */
#ifndef TEST_FAKE_EXPECT_H
#define TEST_FAKE_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/handoff_block.h"
#include "lib/rules.h"
#include "loader/after/stop.h"
#include "test/fake/fake.h"

/* Findings of the last block by rule number and severity; the first of each rule. */
struct expect_findings {
	uint32_t count[RULE_NUMBER_END];
	struct finding first[RULE_NUMBER_END];
	struct rule_log log;
};
extern struct expect_findings expect_findings;

/* Runs, and the kernel is reached: checks the whole block against what the fake was told and did. */
const struct handoff_header *expect_kernel(void);
/* Runs, and control returns to the firmware with this status: a message was shown, nothing is left behind (L11, H40). */
void expect_return(EFI_STATUS status);
/* The same for any error. */
void expect_some_return(void);
/* Runs, and the loader stops with this code: line, record, reset (L37). */
void expect_stop(enum stop_code code, uint32_t stage);
/* The same checks of a run that has ended so already; the stop may have been left in any way. */
void expect_kernel_now(void);
void expect_return_now(void);
void expect_stop_now(enum stop_code code, uint32_t stage);
/* A part of the block. */
const void *expect_part(uint32_t type);

static inline const struct handoff_firmware *expect_firmware(void)
{
	return expect_part(HANDOFF_PART_FIRMWARE);
}

static inline const struct handoff_exit *expect_exit(void)
{
	return expect_part(HANDOFF_PART_EXIT);
}

static inline const struct handoff_kernel *expect_kernel_part(void)
{
	return expect_part(HANDOFF_PART_KERNEL);
}

static inline const struct handoff_loader *expect_loader(void)
{
	return expect_part(HANDOFF_PART_LOADER);
}

/* The console shows this text. */
void expect_console(const char *text);

#endif
