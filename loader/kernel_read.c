/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel is planned from its headers, its segments go straight into their final pages, and nothing has a place for the
 * rest of the file (symbols, debug information, gaps): but a checksum covers all of it.  So the file is walked once from
 * front to back, from edge to edge of the pieces that have a place.  RULE: no byte is read twice: what was planned from,
 * what was checked and what runs are the same bytes, even from a disk that does not answer the same question alike twice.
 */
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/checksum.h"
#include "loader/kernel_read.h"
#include "loader/pool.h"

/* At a time, of bytes without a place. */
#define PASSING_BYTES (UINT64_C(64) << 10)

static void add_piece(struct kernel_file *file, struct kernel_piece piece)
{
	file->pieces[file->piece_count++] = piece;
}

EFI_STATUS kernel_read_head(struct kernel_file *file)
{
	file->head_bytes = file->source.bytes < sizeof(file->head) ? file->source.bytes : sizeof(file->head);
	add_piece(file, (struct kernel_piece){ 0, file->head_bytes, file->head, 1 });
	return file->source.read(&file->source, 0, file->head, file->head_bytes);
}

EFI_STATUS kernel_read_program_headers(struct kernel_file *file, uint64_t offset, uint64_t bytes)
{
	uint64_t known = offset < file->head_bytes ? file->head_bytes - offset : 0;

	if (known > bytes)
		known = bytes;
	if (known > 0)
		memcpy(file->program_headers, file->head + offset, known);
	if (known == bytes)
		return EFI_SUCCESS;
	add_piece(file, (struct kernel_piece){ offset + known, bytes - known, file->program_headers + known, 1 });
	return file->source.read(&file->source, offset + known, file->program_headers + known, bytes - known);
}

void kernel_read_to(struct kernel_file *file, uint64_t offset, uint64_t bytes, void *memory)
{
	add_piece(file, (struct kernel_piece){ offset, bytes, memory, 0 });
}

static int holds(const struct kernel_piece *piece, uint64_t offset)
{
	return offset >= piece->offset && offset - piece->offset < piece->bytes;
}

/* The next place behind `at` where a piece or the file begins or ends. */
static uint64_t next_edge(const struct kernel_file *file, uint64_t at)
{
	uint64_t edge = file->source.bytes;

	for (uint32_t i = 0; i < file->piece_count; i++) {
		uint64_t start = file->pieces[i].offset, end = start + file->pieces[i].bytes;

		if (start > at && start < edge)
			edge = start;
		if (end > at && end < edge)
			edge = end;
	}
	return edge;
}

/* Bytes that belong to no piece: only the checksum wants to see them. */
static EFI_STATUS pass(struct kernel_file *file, uint64_t at, uint64_t bytes, struct checksum *sum)
{
	EFI_STATUS status = EFI_SUCCESS;
	void *buffer;

	if (sum->kinds == 0)
		return EFI_SUCCESS;
	buffer = pool_allocate(sum->boot, PASSING_BYTES, file->source.name);
	if (buffer == NULL)
		return EFI_OUT_OF_RESOURCES;
	while (!EFI_ERROR(status) && bytes > 0) {
		uint64_t step = bytes < PASSING_BYTES ? bytes : PASSING_BYTES;

		status = file->source.read(&file->source, at, buffer, step);
		if (!EFI_ERROR(status))
			checksum_add(sum, buffer, step);
		at += step;
		bytes -= step;
	}
	pool_free(sum->boot, buffer);
	return status;
}

/* Reads or finds [at, at + bytes), which has the piece `index` as its first owner, and copies it to the others. */
static EFI_STATUS place(struct kernel_file *file, uint32_t index, uint64_t at, uint64_t bytes, struct checksum *sum)
{
	struct kernel_piece *pieces = file->pieces;
	uint8_t *memory = pieces[index].memory + (at - pieces[index].offset);
	EFI_STATUS status = pieces[index].here ? EFI_SUCCESS : file->source.read(&file->source, at, memory, bytes);

	if (EFI_ERROR(status))
		return status;
	checksum_add(sum, memory, bytes);
	for (uint32_t i = index + 1; i < file->piece_count; i++)
		if (!pieces[i].here && holds(&pieces[i], at))
			memcpy(pieces[i].memory + (at - pieces[i].offset), memory, bytes);
	return EFI_SUCCESS;
}

EFI_STATUS kernel_read_all(struct kernel_file *file)
{
	struct checksum sum;
	EFI_STATUS status = EFI_SUCCESS;

	checksum_begin(file->source.boot, file->source.name, &sum);
	for (uint64_t at = 0, edge; !EFI_ERROR(status) && at < file->source.bytes; at = edge) {
		uint32_t index = 0;

		edge = next_edge(file, at);
		while (index < file->piece_count && !holds(&file->pieces[index], at))
			index++;
		status = index < file->piece_count ? place(file, index, at, edge - at, &sum) : pass(file, at, edge - at, &sum);
	}
	return EFI_ERROR(status) ? status : checksum_end(&sum);
}
