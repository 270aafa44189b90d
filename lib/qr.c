/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From text to modules: data bits (§7.4), error correction over GF(256) (§7.5), interleaving (§7.6), placement around the function
 * patterns (§7.7), the mask with the lowest penalty (§7.8, lib/qr_mask.c), format and version information (§7.9, §7.10).  Sections
 * of ISO/IEC 18004:2015.  Small before fast: it runs once, when a boot has died.
 */
#include "lib/qr.h"
#include "lib/freestanding/memory.h"
#include "lib/qr_mask.h"

enum { CODEWORDS_MAX = 655, BLOCKS_MAX = 10, EC_MAX = 30, VERSION_WITH_INFORMATION = 7 };

/* Table 9, level M: error correction codewords of a block, and blocks. */
static const struct {
	uint8_t ec, blocks;
} levels[QR_VERSION_MAX] = {
	{ 10, 1 }, { 16, 1 }, { 26, 1 }, { 18, 2 }, { 24, 2 }, { 16, 4 }, { 18, 4 }, { 22, 4 },
	{ 22, 5 }, { 26, 5 }, { 30, 5 }, { 22, 8 }, { 22, 9 }, { 24, 9 }, { 24, 10 },
};

/* How many alignment patterns stand in a row of their grid; the three corners of finder patterns have none. */
static uint32_t alignments(uint32_t version)
{
	return version == 1 ? 0 : version / 7 + 2;
}

/* Modules left for codewords when all function patterns stand, in whole codewords. */
static uint32_t codewords(uint32_t version)
{
	uint32_t modules = (16 * version + 128) * version + 64, grid = alignments(version);

	if (grid)
		modules -= (25 * grid - 10) * grid - 55;
	if (version >= VERSION_WITH_INFORMATION)
		modules -= 36;
	return modules / 8;
}

static uint32_t data_codewords(uint32_t version)
{
	return codewords(version) - (uint32_t)levels[version - 1].ec * levels[version - 1].blocks;
}

/* --- data ------------------------------------------------------------------------------------------------------------ */

struct bits {
	uint8_t *bytes; /* zeroed */
	uint32_t count;
};

static void append(struct bits *bits, uint32_t value, uint32_t count)
{
	while (count-- > 0) {
		bits->bytes[bits->count / 8] |= (uint8_t)((value >> count & 1) << (7 - bits->count % 8));
		bits->count++;
	}
}

/* Table 5; -1 for a character that the mode does not have. */
static int value_of(char c)
{
	static const char others[] = " $%*+-./:";

	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	for (int i = 0; others[i]; i++)
		if (others[i] == c)
			return 36 + i;
	return -1;
}

/* The length of the text, or -1. */
static int measure(const char *text)
{
	int length = 0;

	for (; text[length]; length++)
		if (length >= QR_TEXT_MAX || value_of(text[length]) < 0)
			return -1;
	return length;
}

static uint32_t count_bits(uint32_t version)
{
	return version < 10 ? 9 : 11;
}

/* 0 when not even the largest version holds the text. */
static uint32_t smallest_version(uint32_t length)
{
	for (uint32_t version = 1; version <= QR_VERSION_MAX; version++)
		if (4 + count_bits(version) + 11 * (length / 2) + 6 * (length % 2) <= 8 * data_codewords(version))
			return version;
	return 0;
}

static void write_data(uint8_t *data, uint32_t version, const char *text, uint32_t length)
{
	struct bits bits = { .bytes = data };
	uint32_t room = data_codewords(version), terminator;

	append(&bits, 2, 4);
	append(&bits, length, count_bits(version));
	for (uint32_t i = 0; i + 1 < length; i += 2)
		append(&bits, (uint32_t)(45 * value_of(text[i]) + value_of(text[i + 1])), 11);
	if (length % 2)
		append(&bits, (uint32_t)value_of(text[length - 1]), 6);
	/* Four zeros end the text, cut where the symbol is full; then whole bytes, then the pad codewords. */
	terminator = 8 * room - bits.count < 4 ? 8 * room - bits.count : 4;
	bits.count = (bits.count + terminator + 7) / 8 * 8;
	for (uint32_t pad = 0xec; bits.count < 8 * room; pad ^= 0xec ^ 0x11)
		append(&bits, pad, 8);
}

/* --- error correction ------------------------------------------------------------------------------------------------ */

/* GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
static uint8_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (int bit = 7; bit >= 0; bit--) {
		product = (product << 1) ^ (product >> 7) * 0x11d;
		product ^= (b >> bit & 1) * a;
	}
	return (uint8_t)product;
}

/* The product of (x - 2^i) for i below count, without its leading 1; highest power first. */
static void generator(uint8_t *polynomial, uint32_t count)
{
	uint8_t root = 1;

	memset(polynomial, 0, count);
	polynomial[count - 1] = 1;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < count; j++) {
			polynomial[j] = multiply(polynomial[j], root);
			if (j + 1 < count)
				polynomial[j] ^= polynomial[j + 1];
		}
		root = multiply(root, 2);
	}
}

/* The remainder of a block of data; takes one byte after the other. */
static void remainder_of(const uint8_t *data, uint32_t bytes, const uint8_t *polynomial, uint32_t count, uint8_t *ret_remainder)
{
	memset(ret_remainder, 0, count);
	for (uint32_t i = 0; i < bytes; i++) {
		uint8_t factor = data[i] ^ ret_remainder[0];

		memmove(ret_remainder, ret_remainder + 1, count - 1);
		ret_remainder[count - 1] = 0;
		for (uint32_t j = 0; j < count; j++)
			ret_remainder[j] ^= multiply(polynomial[j], factor);
	}
}

/* Blocks side by side, first their data, then their error correction; the last blocks may have one byte of data more. */
static void interleave(const uint8_t *data, uint32_t version, uint8_t *ret_codewords)
{
	uint32_t ec = levels[version - 1].ec, blocks = levels[version - 1].blocks, total = data_codewords(version);
	uint32_t shorter = total / blocks, longer_from = blocks - total % blocks, taken = 0;
	uint8_t polynomial[EC_MAX], remainder[EC_MAX];

	generator(polynomial, ec);
	for (uint32_t block = 0; block < blocks; block++) {
		uint32_t bytes = shorter + (block >= longer_from);

		for (uint32_t i = 0; i < shorter; i++)
			ret_codewords[i * blocks + block] = data[taken + i];
		if (bytes > shorter)
			ret_codewords[shorter * blocks + block - longer_from] = data[taken + shorter];
		remainder_of(data + taken, bytes, polynomial, ec, remainder);
		for (uint32_t i = 0; i < ec; i++)
			ret_codewords[total + i * blocks + block] = remainder[i];
		taken += bytes;
	}
}

/* --- function patterns -------------------------------------------------------------------------------------------------- */

static void set(struct qr *qr, uint32_t x, uint32_t y, uint32_t dark)
{
	qr->modules[y * qr->side + x] = (uint8_t)(QR_FUNCTION | (dark ? QR_DARK : 0));
}

static uint32_t distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/* Squares within squares around a centre, as far as they lie in the code: finder patterns with their separators, alignment patterns. */
static void draw_squares(struct qr *qr, uint32_t centre_x, uint32_t centre_y, uint32_t reach, uint32_t light_rings)
{
	for (uint32_t y = centre_y > reach ? centre_y - reach : 0; y <= centre_y + reach && y < qr->side; y++) {
		for (uint32_t x = centre_x > reach ? centre_x - reach : 0; x <= centre_x + reach && x < qr->side; x++) {
			uint32_t across = distance(x, centre_x), down = distance(y, centre_y);

			set(qr, x, y, !(light_rings >> (across > down ? across : down) & 1));
		}
	}
}

/* The place of row or column i of the alignment grid (annex E): evenly spaced from the far end, the first one at 6. */
static uint32_t alignment_place(uint32_t version, uint32_t i)
{
	uint32_t count = alignments(version), step = (4 * version + count * 2 + 1) / (count * 2 - 2) * 2;

	return i == 0 ? 6 : 4 * version + 10 - step * (count - 1 - i);
}

static void draw_alignments(struct qr *qr, uint32_t version)
{
	uint32_t count = alignments(version);

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			if (!((i == 0 && j == 0) || (i == 0 && j == count - 1) || (i == count - 1 && j == 0)))
				draw_squares(qr, alignment_place(version, i), alignment_place(version, j), 2, 1 << 1);
}

/* value and the remainder of value * x^degree divided by the polynomial: annexes C and D. */
static uint32_t with_check(uint32_t value, uint32_t degree, uint32_t polynomial)
{
	uint32_t remainder = value;

	for (uint32_t i = 0; i < degree; i++)
		remainder = (remainder << 1) ^ (remainder >> (degree - 1) & 1) * polynomial;
	return value << degree | (remainder & ((1u << degree) - 1));
}

/* Twice: around the upper left finder pattern, and shared by the other two. */
static void draw_format(struct qr *qr, uint32_t mask)
{
	uint32_t bits = with_check(mask, 10, 0x537) ^ 0x5412, side = qr->side; /* level M is 00 */

	for (uint32_t i = 0; i < 15; i++) {
		uint32_t dark = bits >> i & 1, along = i < 6 ? i : i < 8 ? i + 1 : 14 - i + (i == 8);

		if (i < 8) {
			set(qr, 8, along, dark);
			set(qr, side - 1 - i, 8, dark);
		} else {
			set(qr, along, 8, dark);
			set(qr, 8, side - 15 + i, dark);
		}
	}
	set(qr, 8, side - 8, 1);
}

static void draw_version(struct qr *qr, uint32_t version)
{
	uint32_t bits = with_check(version, 12, 0x1f25);

	for (uint32_t i = 0; version >= VERSION_WITH_INFORMATION && i < 18; i++) {
		set(qr, qr->side - 11 + i % 3, i / 3, bits >> i & 1);
		set(qr, i / 3, qr->side - 11 + i % 3, bits >> i & 1);
	}
}

static void draw_functions(struct qr *qr, uint32_t version)
{
	for (uint32_t i = 0; i < qr->side; i++) {
		set(qr, 6, i, i % 2 == 0);
		set(qr, i, 6, i % 2 == 0);
	}
	draw_squares(qr, 3, 3, 4, 1 << 2 | 1 << 4);
	draw_squares(qr, qr->side - 4, 3, 4, 1 << 2 | 1 << 4);
	draw_squares(qr, 3, qr->side - 4, 4, 1 << 2 | 1 << 4);
	draw_alignments(qr, version);
	draw_version(qr, version);
	draw_format(qr, 0);
}

/* --- data modules ----------------------------------------------------------------------------------------------------- */

/* Bit by bit in columns of two, from the right, upwards first and then in turns; column 6 is the timing pattern's. */
static void place(struct qr *qr, const uint8_t *words, uint32_t word_count)
{
	uint32_t bit = 0, side = qr->side;

	for (uint32_t pair = 0; pair < side / 2; pair++) {
		uint32_t right = side - 1 - 2 * pair;

		right -= right <= 6;
		for (uint32_t i = 0; i < 2 * side; i++) {
			uint32_t x = right - i % 2, y = pair % 2 ? i / 2 : side - 1 - i / 2;
			uint8_t *module = &qr->modules[y * side + x];

			if ((*module & QR_FUNCTION) || bit >= 8 * word_count)
				continue;
			*module = words[bit / 8] >> (7 - bit % 8) & 1;
			bit++;
		}
	}
}

/* --- the whole ----------------------------------------------------------------------------------------------------------- */

/* All but the mask.  Returns 0, or -1 with an empty code. */
static int draw(struct qr *qr, const char *text)
{
	uint8_t data[CODEWORDS_MAX] = { 0 }, words[CODEWORDS_MAX];
	int length = measure(text);
	uint32_t version = length < 0 ? 0 : smallest_version((uint32_t)length);

	memset(qr, 0, sizeof(*qr));
	if (version == 0)
		return -1;
	qr->side = 17 + 4 * version;
	write_data(data, version, text, (uint32_t)length);
	interleave(data, version, words);
	draw_functions(qr, version);
	place(qr, words, codewords(version));
	return 0;
}

static void finish(struct qr *qr, uint32_t mask)
{
	draw_format(qr, mask);
	qr_mask_apply(qr, mask);
}

int qr_encode_masked(struct qr *ret_qr, const char *text, uint32_t mask)
{
	if (draw(ret_qr, text) != 0)
		return -1;
	finish(ret_qr, mask % QR_MASK_COUNT);
	return 0;
}

int qr_encode(struct qr *ret_qr, const char *text)
{
	uint32_t best = 0, lowest = UINT32_MAX;

	if (draw(ret_qr, text) != 0)
		return -1;
	for (uint32_t mask = 0; mask < QR_MASK_COUNT; mask++) {
		uint32_t penalty;

		finish(ret_qr, mask);
		penalty = qr_mask_penalty(ret_qr);
		if (penalty < lowest) {
			lowest = penalty;
			best = mask;
		}
		qr_mask_apply(ret_qr, mask);
	}
	finish(ret_qr, best);
	return 0;
}

int qr_dark(const struct qr *qr, uint32_t x, uint32_t y)
{
	return x < qr->side && y < qr->side && (qr->modules[y * qr->side + x] & QR_DARK);
}
