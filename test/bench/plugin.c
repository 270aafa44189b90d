/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU plugin with two jobs.  It counts instructions, iterations of REP string instructions and the bytes these moved,
 * and says so at every RDTSC of the guest.  Under -icount each iteration counts as an instruction, though a processor
 * moves 32 bytes or more in the time of one.  The time stamp counter runs with the instructions, so a line here is
 * matched with a stamp by the differences.
 *
 * And it makes the disk answer at once: a guest that waits for a request executes as many instructions as the host's disk
 * takes time, which says nothing about the guest.  Firmware waits by reading the ACPI timer, 32 bits wide (IN EAX, DX);
 * at the first such read after some other work the processor sleeps for real while QEMU's other threads bring the request
 * to its end, each time four times as long while the guest does nothing but wait again.
 *   -plugin plugin.so,out=FILE      lines: INSTRUCTIONS ITERATIONS BYTES
 * The API is QEMU's include/qemu/qemu-plugin.h, version 1 (QEMU 4.2 to 8.x), which distributions do not package.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0, NO_REGISTERS = 0 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation, void *at, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction, void (*call)(unsigned cpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*call)(plugin_id id, struct qemu_plugin_tb *block));
void qemu_plugin_register_atexit_cb(plugin_id id, void (*call)(plugin_id id, void *data), void *data);

int qemu_plugin_version = 1;
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

/* Reads of the timer that are closer together belong to one wait, and waits with little between them to one request. */
enum { WAIT_INSTRUCTIONS = 30, REQUEST_INSTRUCTIONS = 1000, SLEEP_MICROSECONDS = 1000, SLEEP_MICROSECONDS_MAX = 1000000 };

static uint64_t instructions, iterations, bytes, last_timer;
static unsigned sleep_microseconds;
static int stamped;
static FILE *out;

/* Bytes that one iteration of a REP string instruction moves; 0 for any other instruction. */
static uint64_t string_bytes(const uint8_t *code, size_t size)
{
	uint64_t width = 4;
	int repeated = 0;
	size_t at = 0;

	/* Intel SDM volume 2, 2.1.1 and 2.2.1: prefixes in any order, REX last. */
	for (; at < size && memchr("\x66\x67\x2e\x36\x3e\x26\x64\x65\xf2\xf3", code[at], 10); at++) {
		repeated |= code[at] >= 0xf2;
		width = code[at] == 0x66 ? 2 : width;
	}
	if (at < size && (code[at] & 0xf0) == 0x40)
		width = code[at++] & 8 ? 8 : width;
	/* INS, OUTS, MOVS, CMPS, STOS, LODS, SCAS; the even ones are of bytes. */
	if (!repeated || at >= size || !memchr("\x6c\x6d\x6e\x6f\xa4\xa5\xa6\xa7\xaa\xab\xac\xad\xae\xaf", code[at], 14))
		return 0;
	return code[at] & 1 ? width : 1;
}

static void at_rdtsc(unsigned cpu, void *data)
{
	(void)cpu, (void)data;
	stamped = 1;
	fprintf(out, "%lu %lu %lu\n", (unsigned long)instructions, (unsigned long)iterations, (unsigned long)bytes);
}

static void at_timer(unsigned cpu, void *data)
{
	uint64_t since = instructions - last_timer;

	(void)cpu, (void)data;
	last_timer = instructions;
	/* Nothing is measured before the first stamp. */
	if (!stamped || since <= WAIT_INSTRUCTIONS)
		return;
	sleep_microseconds = since > REQUEST_INSTRUCTIONS ? SLEEP_MICROSECONDS : 4 * sleep_microseconds;
	if (sleep_microseconds > SLEEP_MICROSECONDS_MAX)
		sleep_microseconds = SLEEP_MICROSECONDS_MAX;
	usleep(sleep_microseconds);
}

static void at_translation(plugin_id id, struct qemu_plugin_tb *block)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		const uint8_t *code = qemu_plugin_insn_data(instruction);
		size_t size = qemu_plugin_insn_size(instruction);
		uint64_t moved = string_bytes(code, size);

		qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &instructions, 1);
		if (moved > 0) {
			qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &iterations, 1);
			qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &bytes, moved);
		}
		if (size == 2 && code[0] == 0x0f && code[1] == 0x31)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_rdtsc, NO_REGISTERS, NULL);
		if (size == 1 && code[0] == 0xed)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_timer, NO_REGISTERS, NULL);
	}
}

static void at_exit(plugin_id id, void *data)
{
	(void)id, (void)data;
	fclose(out);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) != 0)
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, at_translation);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
