/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A coded stop in words.  RULES: reads nothing but the loader's own data and what an exception handler has saved; every text is cut
 * where its buffer ends.
 */
#include "loader/after/stop_report.h"
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "loader/after/symbols.h"
#include "loader/image.h"

enum { REGISTERS_PER_LINE = 5 };

/* A text that grows piece by piece. */
struct writer {
	char *text;
	uint32_t bytes, used;
};

static __attribute__((format(printf, 2, 3))) void add(struct writer *writer, const char *text, ...)
{
	va_list arguments;

	va_start(arguments, text);
	writer->used += (uint32_t)format_va(writer->text + writer->used, writer->bytes - writer->used, text, arguments);
	va_end(arguments);
	if (writer->used >= writer->bytes)
		writer->used = writer->bytes - 1;
}

/* Where an address is; its offset from there. */
static enum stop_place place_of(const struct after *after, uint64_t virt, uint64_t *ret_offset)
{
	if (virt >= (uint64_t)image_base && virt < (uint64_t)image_end) {
		*ret_offset = virt - (uint64_t)image_base;
		return STOP_PLACE_LOADER;
	}
	if (virt >= after->kernel_virt && virt < after->kernel_end_virt) {
		*ret_offset = virt - after->kernel_virt;
		return STOP_PLACE_KERNEL;
	}
	*ret_offset = virt;
	return STOP_PLACE_ADDRESS;
}

static void name_place(char text[STOP_PLACE_BYTES], enum stop_place place, uint64_t offset)
{
	uint64_t start = 0;
	const char *name = place == STOP_PLACE_LOADER ? symbols_find(offset, &start) : "";

	if (*name != '\0')
		format(text, STOP_PLACE_BYTES, "%s+0x%lx (loader+0x%lx)", name, (unsigned long)(offset - start),
		       (unsigned long)offset);
	else
		format(text, STOP_PLACE_BYTES, "%s0x%lx",
		       place == STOP_PLACE_LOADER ? "loader+" :
		       place == STOP_PLACE_KERNEL ? "kernel+" :
						    "",
		       (unsigned long)offset);
}

void stop_report_fill(struct stop_report *ret_report, const struct after *after, enum stop_code code,
		      const struct stop_detail *detail, const struct stop_exception *exception)
{
	struct stop_form *form = &ret_report->form;

	*form = (struct stop_form){
		.code = code,
		.stage = after->stage,
		.attempts = after->attempt_count,
		.detail = { detail->a, detail->b, detail->c, detail->d },
	};
	ret_report->exception = exception;
	ret_report->place[0] = '\0';
	if (exception != 0) {
		form->place = place_of(after, exception->instruction_virt, &form->detail[2]);
		name_place(ret_report->place, (enum stop_place)form->place, form->detail[2]);
	}
	stop_form_write(ret_report->short_form, form);
}

static void exception_line(char line[STOP_LINE_BYTES], const struct stop_report *report)
{
	const struct stop_exception *exception = report->exception;
	char meaning[STOP_ERROR_BYTES];

	stop_error_text(meaning, exception->vector, exception->error);
	format(line, STOP_LINE_BYTES, "baton: exception vector=%lu name=\"%s\" error=0x%lx meaning=\"%s\" at=%s",
	       (unsigned long)exception->vector, stop_exception_name(exception->vector), (unsigned long)exception->error, meaning,
	       report->place);
}

/* Without the blanks at its end. */
static int name_length(const char *name)
{
	return name[STOP_REGISTER_NAME - 1] == ' ' ? STOP_REGISTER_NAME - 1 : STOP_REGISTER_NAME;
}

static void registers_line(char line[STOP_LINE_BYTES], const struct stop_exception *exception, uint32_t first)
{
	struct writer writer = { .text = line, .bytes = STOP_LINE_BYTES };

	add(&writer, "baton: registers");
	for (uint32_t i = first; i < exception->count && i < first + REGISTERS_PER_LINE; i++) {
		const char *name = exception->names + STOP_REGISTER_NAME * i;

		add(&writer, " %.*s=0x%lx", name_length(name), name, (unsigned long)exception->registers[i]);
	}
}

int stop_report_line(char line[STOP_LINE_BYTES], const struct stop_report *report, uint32_t number)
{
	const struct stop_exception *exception = report->exception;
	uint32_t more = exception == 0 ? 0 : 1 + (exception->count + REGISTERS_PER_LINE - 1) / REGISTERS_PER_LINE;

	if (number > more)
		return 0;
	if (number == more)
		format(line, STOP_LINE_BYTES, "baton: short %s", report->short_form);
	else if (number == 0)
		exception_line(line, report);
	else
		registers_line(line, exception, (number - 1) * REGISTERS_PER_LINE);
	return 1;
}

void stop_report_code(char text[STOP_CODE_BYTES], const struct stop_report *report)
{
	const struct stop_exception *exception = report->exception;
	const struct stop_form *form = &report->form;
	struct writer writer = { .text = text, .bytes = STOP_CODE_BYTES };

	add(&writer, "BATON STOP %s CODE %u STAGE %u", report->short_form, form->code, form->stage);
	if (exception == 0) {
		for (uint32_t i = 0; i < 4; i++)
			add(&writer, " %c %lX", 'A' + (int)i, (unsigned long)form->detail[i]);
		return;
	}
	add(&writer, " VECTOR %lu ERROR %lX", (unsigned long)exception->vector, (unsigned long)exception->error);
	if (form->place != STOP_PLACE_ADDRESS)
		add(&writer, " AT %s+%lX", form->place == STOP_PLACE_LOADER ? "LOADER" : "KERNEL", (unsigned long)form->detail[2]);
	for (uint32_t i = 0; i < exception->count; i++) {
		const char *name = exception->names + STOP_REGISTER_NAME * i;

		if (exception->registers[i] != 0)
			add(&writer, " %.*s %lX", name_length(name), name, (unsigned long)exception->registers[i]);
	}
}
