/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU's TCG that cuts the power: ends QEMU's process, with nothing flushed or closed, when the machine has run `at`
 * instructions since it was started or restored.  Without at=N it says how many there were at the end.
 * The interface is declared here (QEMU docs/devel/tcg-plugins.rst), because its header is in no package of Debian 12.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_CUT = 99, NO_REGISTERS = 0 };

struct qemu_plugin_tb;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*translated)(uint64_t id, struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*executed)(unsigned cpu, void *data), int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
int qemu_plugin_install(uint64_t id, const void *info, int count, char **words);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;

static uint64_t instructions, at = UINT64_MAX;

static void executed(unsigned cpu, void *block_instructions)
{
	(void)cpu;
	instructions += (uintptr_t)block_instructions;
	if (instructions >= at)
		_exit(STATUS_CUT);
}

static void translated(uint64_t id, struct qemu_plugin_tb *block)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(block, executed, NO_REGISTERS, (void *)qemu_plugin_tb_n_insns(block));
}

static void report(void)
{
	fprintf(stderr, "power_cut: %llu instructions\n", (unsigned long long)instructions);
}

int qemu_plugin_install(uint64_t id, const void *info, int count, char **words)
{
	(void)info;
	for (int i = 0; i < count; i++)
		if (strncmp(words[i], "at=", 3) == 0)
			at = strtoull(words[i] + 3, NULL, 0);
	atexit(report);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
