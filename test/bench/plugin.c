/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU plugin with two jobs.  It counts instructions, iterations of REP string instructions and the bytes these moved,
 * and says so at every RDTSC of the guest.  Under -icount each iteration counts as an instruction, though a processor
 * moves 32 bytes or more in the time of one.  The time stamp counter runs with the instructions, so a line here is
 * matched with a stamp by the differences.
 *
 * And it makes the disk answer at once: a guest that waits for a request executes as many instructions as the host's disk
 * takes time, which says nothing about the guest.  A request begins with a write to a register of the device; after each such
 * write the processor stands still until every other thread of QEMU has gone to sleep again, so until the request is done.
 *   -plugin plugin.so,out=FILE      lines: INSTRUCTIONS ITERATIONS BYTES
 * The API is QEMU's include/qemu/qemu-plugin.h, version 1 (QEMU 4.2 to 8.x), which distributions do not package.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
enum { INLINE_ADD_U64 = 0, NO_REGISTERS = 0, MEMORY_WRITE = 2 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation, void *at, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction, void (*call)(unsigned cpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
				      void (*call)(unsigned cpu, uint32_t info, uint64_t address, void *data), int flags, int kind,
				      void *data);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info, uint64_t address);
_Bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *where);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*call)(plugin_id id, struct qemu_plugin_tb *block));
void qemu_plugin_register_atexit_cb(plugin_id id, void (*call)(plugin_id id, void *data), void *data);

int qemu_plugin_version = 1;
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

enum { LOOK_MICROSECONDS = 50, LOOKS_MAX = 1000000, NAME_BYTES = 64, STATE_BYTES = 128, PORT_WRITES_MAX = 64 };

static uint64_t instructions, iterations, bytes;
static int stamped;
static FILE *out;
/* Addresses of what comes after an OUT: the write has been done when execution arrives there. */
static uint64_t after_port_write[PORT_WRITES_MAX];
static size_t port_writes;

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

/* Linux' letter for the state of a thread of this process (proc(5), /proc/[pid]/stat); 0 when it has ended. */
static char thread_state(int thread)
{
	char name[NAME_BYTES], text[STATE_BYTES] = "";
	const char *end;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", thread);
	file = fopen(name, "r");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	end = strrchr(text, ')');
	return end && end[1] == ' ' ? end[2] : 0;
}

/* Whether a thread works or waits for the host's disk. */
static int others_work(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	int working = 0;

	while (threads && !working && (entry = readdir(threads))) {
		int thread = atoi(entry->d_name); /* 0 for "." and ".." */
		char state = thread == 0 || thread == gettid() ? 0 : thread_state(thread);

		working = state == 'R' || state == 'D';
	}
	if (threads)
		closedir(threads);
	return working;
}

static void let_others_work(void)
{
	for (int i = 0; i < LOOKS_MAX && others_work(); i++)
		usleep(LOOK_MICROSECONDS);
}

/* Nothing is measured before the first stamp. */
static void at_memory_write(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
	const struct qemu_plugin_hwaddr *where = stamped ? qemu_plugin_get_hwaddr(info, address) : NULL;

	(void)cpu, (void)data;
	if (where && qemu_plugin_hwaddr_is_io(where))
		let_others_work();
}

static void at_port_written(unsigned cpu, void *data)
{
	(void)cpu, (void)data;
	if (stamped)
		let_others_work();
}

static int is_after_port_write(uint64_t address)
{
	for (size_t i = 0; i < port_writes; i++)
		if (after_port_write[i] == address)
			return 1;
	return 0;
}

/* Under -icount an OUT ends its block, so what comes after it is translated later. */
static void watch_writes(struct qemu_plugin_insn *instruction, const uint8_t *code, size_t size)
{
	uint64_t address = qemu_plugin_insn_vaddr(instruction);

	qemu_plugin_register_vcpu_mem_cb(instruction, at_memory_write, NO_REGISTERS, MEMORY_WRITE, NULL);
	if (is_after_port_write(address))
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_port_written, NO_REGISTERS, NULL);
	/* OUT DX, EAX and OUT DX, AX; bytes are for the debug port. */
	if (code[size - 1] == 0xef && size <= 2 && port_writes < PORT_WRITES_MAX && !is_after_port_write(address + size))
		after_port_write[port_writes++] = address + size;
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
		if (moved == 0)
			watch_writes(instruction, code, size);
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
