/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own GDT, TSS and IDT (Intel SDM volume 3A chapters 3, 6, 8).  An exception is either one that traps_try() was
 * prepared for, or the end of the kernel, with a report.  Double faults and NMIs have stacks of their own: a stack
 * overflow into the guard page must still be able to report itself.
 */
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/arch/x86_64/registers.h"
#include "kernel-stub/leave.h"
#include "kernel-stub/print.h"

enum { VECTOR_NMI = 2, VECTOR_DOUBLE_FAULT = 8, VECTOR_MACHINE_CHECK = 18, VECTORS = 32, STACK_BYTES = 8192 };
enum { CODE = 0x08, DATA = 0x10, TSS = 0x18 };
enum { GATE_INTERRUPT = 0x8e00, TSS_AVAILABLE = 0x89 };

/* What the processor and traps.S push, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* SDM volume 3A, figure 8-11. */
struct task_state {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct task_state) == 104, "64-bit TSS");

/* SDM volume 3A, figure 6-8. */
struct gate {
	uint16_t offset_low, selector;
	uint16_t flags; /* stack of the TSS, type, DPL, present */
	uint16_t offset_middle;
	uint32_t offset_high, reserved0;
};

extern const char trap_entries[], trap_recover[];
int trap_guarded(void (*work)(void *context), void *context);
void trap_segments(void);
void trap_handle(struct trap_frame *frame);

uint64_t trap_guard; /* stack pointer that traps_try() returns with; 0 = nothing is being tried */
static struct trap_caught caught;

static struct task_state task_state = {.io_map = sizeof task_state};
static char nmi_stack[STACK_BYTES] __attribute__((aligned(16)));
static char fault_stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t gdt[5] = {0, UINT64_C(0x00209b0000000000), UINT64_C(0x0000930000000000)};
static struct gate idt[VECTORS];

static const char *const names[VECTORS] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "coprocessor overrun", "#TS", "#NP", "#SS", "#GP", "#PF",
	"reserved", "#MF", "#AC", "#MC", "#XM", "#VE", "#CP", "reserved", "reserved", "reserved", "reserved", "reserved",
	"reserved", "#HV", "#VC", "#SX", "reserved",
};

static void load_gdt(void)
{
	uint64_t base = (uintptr_t)&task_state, limit = sizeof task_state - 1;
	struct table_register gdtr = {sizeof gdt - 1, (uintptr_t)gdt};

	task_state.ist[0] = (uintptr_t)(nmi_stack + STACK_BYTES);
	task_state.ist[1] = (uintptr_t)(fault_stack + STACK_BYTES);
	gdt[TSS / 8] = limit | (base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
	gdt[TSS / 8 + 1] = base >> 32;
	__asm__ volatile("lgdt %0" : : "m"(gdtr));
	trap_segments();
	__asm__ volatile("ltr %w0" : : "r"(TSS));
}

/* Which stack of the TSS an exception uses; 0 = it stays on the current one. */
static unsigned stack_of(unsigned vector)
{
	if (vector == VECTOR_NMI || vector == VECTOR_MACHINE_CHECK)
		return 1;
	return vector == VECTOR_DOUBLE_FAULT ? 2 : 0;
}

static void load_idt(void)
{
	struct table_register idtr = {sizeof idt - 1, (uintptr_t)idt};

	for (unsigned i = 0; i < VECTORS; i++) {
		uint64_t entry = (uintptr_t)trap_entries + 16 * i;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)entry,
			.selector = CODE,
			.flags = (uint16_t)(GATE_INTERRUPT | stack_of(i)),
			.offset_middle = (uint16_t)(entry >> 16),
			.offset_high = (uint32_t)(entry >> 32),
		};
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));
}

void traps_load(void)
{
	load_gdt();
	load_idt();
}

static void report(const struct trap_frame *frame, uint64_t cr2)
{
	static const char register_names[][4] = {"r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8",
						 "rbp", "rdi", "rsi", "rdx", "rcx", "rbx", "rax"};
	const uint64_t *registers = &frame->r15;

	print("\nexception %llu (%s) in the kernel\n", (unsigned long long)frame->vector, names[frame->vector]);
	for (int i = 0; i < 15; i++)
		print("  %-3s %016llx%s", register_names[i], (unsigned long long)registers[i], i % 4 == 3 ? "\n" : "");
	print("\n");
	print("baton: exception vector=%llu name=%s error=0x%llx rip=0x%llx cr2=0x%llx rsp=0x%llx\n",
	      (unsigned long long)frame->vector, names[frame->vector], (unsigned long long)frame->error,
	      (unsigned long long)frame->rip, (unsigned long long)cr2, (unsigned long long)frame->rsp);
	print("baton: verdict fail rule=exception vector=%llu\n", (unsigned long long)frame->vector);
}

/* Called by traps.S. */
void trap_handle(struct trap_frame *frame)
{
	uint64_t cr2 = cr2_read();

	if (!trap_guard || frame->vector == VECTOR_NMI || frame->vector == VECTOR_MACHINE_CHECK) {
		trap_guard = 0;
		print_to(0, 0);
		report(frame, cr2);
		leave_stopped();
	}
	caught = (struct trap_caught){frame->vector, frame->error, frame->rip, cr2};
	frame->rip = (uintptr_t)trap_recover;
	frame->rsp = trap_guard;
	frame->rflags = 2;
}

int traps_try(void (*work)(void *context), void *context, struct trap_caught *ret_caught)
{
	if (!trap_guarded(work, context))
		return 0;
	if (ret_caught)
		*ret_caught = caught;
	return -1;
}
