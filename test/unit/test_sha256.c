/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 against the examples of FIPS 180-2 appendix B and NIST's further ones, and against sha256sum for any length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "lib/sha256.h"

enum { DIGITS = 2 * SHA256_BYTES };

/* Marsaglia's xorshift64. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void end_as_text(struct sha256 *sha, char text[DIGITS + 1])
{
	uint8_t digest[SHA256_BYTES];

	sha256_end(sha, digest);
	for (int i = 0; i < SHA256_BYTES; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
}

static void expect_digest(const void *data, uint64_t bytes, const char *wanted)
{
	struct sha256 sha;
	char found[DIGITS + 1];

	sha256_begin(&sha);
	sha256_add(&sha, data, bytes);
	end_as_text(&sha, found);
	assert_string_equal(found, wanted);
}

static void fips180_vectors(void **state)
{
	static char million[1000000], zeroes[64];
	const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	memset(million, 'a', sizeof(million));
	expect_digest(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_digest(two_blocks, 56, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect_digest(million, sizeof(million), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	expect_digest("\xbd", 1, "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
	expect_digest(zeroes, 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
	expect_digest(zeroes, 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
}

static void pieces_of_any_size_give_the_same(void **state)
{
	uint8_t data[300];
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)next_random(&seed);
	for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
		struct sha256 sha;
		char whole[DIGITS + 1];
		char pieces[DIGITS + 1];

		sha256_begin(&sha);
		sha256_add(&sha, data, bytes);
		end_as_text(&sha, whole);
		sha256_begin(&sha);
		for (size_t at = 0, taken; at < bytes; at += taken) {
			taken = next_random(&seed) % (bytes - at + 1);
			sha256_add(&sha, data + at, taken);
		}
		end_as_text(&sha, pieces);
		assert_string_equal(pieces, whole);
	}
}

/* The same bytes through coreutils: every length around the block size, and random ones. */
static void agrees_with_sha256sum(void **state)
{
	char path[] = "/tmp/test_sha256.XXXXXX", command[64], wanted[DIGITS + 1];
	int file = mkstemp(path);
	uint64_t seed = 0x5eed;

	(void)state;
	assert_true(file >= 0);
	snprintf(command, sizeof(command), "sha256sum %s", path);
	for (int i = 0; i < 160; i++) {
		size_t bytes = i < 130 ? (size_t)i : next_random(&seed) % 100000;
		uint8_t *data = malloc(bytes + 1);
		FILE *said;

		for (size_t at = 0; at < bytes; at++)
			data[at] = (uint8_t)next_random(&seed);
		assert_int_equal(ftruncate(file, 0), 0);
		assert_int_equal(pwrite(file, data, bytes, 0), bytes);
		said = popen(command, "r");
		assert_int_equal(fscanf(said, "%64s", wanted), 1);
		assert_int_equal(pclose(said), 0);
		expect_digest(data, bytes, wanted);
		free(data);
	}
	close(file);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fips180_vectors),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(agrees_with_sha256sum),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
