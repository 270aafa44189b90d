/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware file system drivers return wrong bytes without an error where a disk's tables are damaged: what baton.conf gives a
 * checksum for is used only if it is right.  RULES: every byte is looked at once, in the memory where it stays; both kinds may
 * be asked of the same file; only demands that can be met are let pass: one about a file that is never read is an error.
 */
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/checksum.h"
#include "loader/log.h"
#include "loader/pool.h"

/* Bits of struct checksum's kinds. */
static uint32_t kind_of(const struct config_item *item)
{
	return UINT32_C(1) << item->key;
}

EFI_STATUS checksum_list(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	struct config_reader reader;
	struct config_item item;
	uint32_t index = 0;

	if (settings->checksum_count == 0)
		return EFI_SUCCESS;
	settings->checksums = pool_allocate(boot, settings->checksum_count * sizeof(*settings->checksums), "checksums");
	if (settings->checksums == NULL)
		return EFI_OUT_OF_RESOURCES;
	config_begin(&reader, settings->text, settings->text_bytes);
	while (config_next(&reader, &item) == CONFIG_OK)
		if (config_digest_bytes(item.key) > 0 && item.value_bytes > 0 && index < settings->checksum_count)
			settings->checksums[index++] = (struct wanted_checksum){ .item = item };
	return EFI_SUCCESS;
}

void checksum_list_free(struct boot *boot)
{
	pool_free(boot, boot->settings.checksums);
	boot->settings.checksums = NULL;
	boot->settings.checksum_count = 0;
}

EFI_STATUS checksum_list_used(struct boot *boot)
{
	const struct settings *settings = &boot->settings;

	for (uint32_t i = 0; i < settings->checksum_count; i++) {
		const struct config_item *item = &settings->checksums[i].item;

		if (!settings->checksums[i].used)
			return log_error(boot, EFI_INVALID_PARAMETER,
					 "%s: %s of %.*s: no such file is read: correct or remove the line",
					 settings->configuration.text, config_key_name(item->key), (int)item->value_bytes, item->value);
	}
	return EFI_SUCCESS;
}

static uint64_t text_bytes(const char *text)
{
	uint64_t bytes = 0;

	while (text[bytes] != '\0')
		bytes++;
	return bytes;
}

static int is_about(const struct wanted_checksum *wanted, const char *path)
{
	return config_same_path(wanted->item.value, wanted->item.value_bytes, path, text_bytes(path));
}

static void begin(struct boot *boot, const char *path, uint32_t kinds, struct checksum *ret_sum)
{
	*ret_sum = (struct checksum){ .boot = boot, .path = path, .kinds = kinds };
	sha256_begin(&ret_sum->sha256);
}

void checksum_begin(struct boot *boot, const char *path, struct checksum *ret_sum)
{
	struct settings *settings = &boot->settings;
	uint32_t kinds = 0;

	for (uint32_t i = 0; i < settings->checksum_count; i++) {
		if (!is_about(&settings->checksums[i], path))
			continue;
		settings->checksums[i].used = 1;
		kinds |= kind_of(&settings->checksums[i].item);
	}
	begin(boot, path, kinds, ret_sum);
}

void checksum_add(struct checksum *sum, const void *data, uint64_t bytes)
{
	if (sum->kinds & UINT32_C(1) << CONFIG_CRC32C)
		sum->crc32c = cpu_crc32c(&sum->boot->cpu, sum->crc32c, data, bytes);
	if (sum->kinds & UINT32_C(1) << CONFIG_SHA256)
		sha256_add(&sum->sha256, data, bytes);
}

static void write_hex(char text[2 * CONFIG_DIGEST_MAX + 1], const uint8_t *digest, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		format(text + 2 * i, 3, "%02x", digest[i]);
}

static EFI_STATUS compare(const struct checksum *sum, const struct config_item *item, const uint8_t *found)
{
	char expected_text[2 * CONFIG_DIGEST_MAX + 1], found_text[2 * CONFIG_DIGEST_MAX + 1];
	uint32_t bytes = config_digest_bytes(item->key);

	if (memcmp(item->digest, found, bytes) == 0)
		return EFI_SUCCESS;
	write_hex(expected_text, item->digest, bytes);
	write_hex(found_text, found, bytes);
	return log_error(sum->boot, EFI_CRC_ERROR,
			 "%s: wrong bytes: %s expected %s, found %s: disk damaged, or file changed without its checksum",
			 sum->path, config_key_name(item->key), expected_text, found_text);
}

/* What has been found, by kind: CRC-32C as its eight digits are written, highest byte first. */
static void finish(struct checksum *sum, uint8_t ret_crc32c[4], uint8_t ret_sha256[SHA256_BYTES])
{
	for (uint32_t i = 0; i < 4; i++)
		ret_crc32c[i] = (uint8_t)(sum->crc32c >> (24 - 8 * i));
	sha256_end(&sum->sha256, ret_sha256);
}

EFI_STATUS checksum_end(struct checksum *sum)
{
	const struct settings *settings = &sum->boot->settings;
	uint8_t crc32c[4], sha256[SHA256_BYTES];
	EFI_STATUS status = EFI_SUCCESS;

	if (sum->kinds == 0)
		return EFI_SUCCESS;
	finish(sum, crc32c, sha256);
	for (uint32_t i = 0; i < settings->checksum_count && !EFI_ERROR(status); i++) {
		const struct config_item *item = &settings->checksums[i].item;

		if (is_about(&settings->checksums[i], sum->path))
			status = compare(sum, item, item->key == CONFIG_CRC32C ? crc32c : sha256);
	}
	return status;
}

EFI_STATUS checksum_whole(struct boot *boot, const char *path, const void *data, uint64_t bytes)
{
	struct checksum sum;

	checksum_begin(boot, path, &sum);
	checksum_add(&sum, data, bytes);
	return checksum_end(&sum);
}

EFI_STATUS checksum_one(struct boot *boot, const char *path, const struct config_item *item, const void *data, uint64_t bytes)
{
	uint8_t crc32c[4], sha256[SHA256_BYTES];
	struct checksum sum;

	begin(boot, path, kind_of(item), &sum);
	checksum_add(&sum, data, bytes);
	finish(&sum, crc32c, sha256);
	return compare(&sum, item, item->key == CONFIG_CRC32C ? crc32c : sha256);
}
