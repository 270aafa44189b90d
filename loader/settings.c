/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings: defaults, then the load options (`conf=\path`, `nowait`), then the configuration file, then the command line
 * file.  RULE: all of it is hostile input; the reader in lib/config.c checks it, this file copies what it found.
 */
#include "lib/config.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/checksum.h"
#include "loader/log.h"
#include "loader/options.h"
#include "loader/policy.h"
#include "loader/pool.h"
#include "loader/settings.h"
#include "loader/source.h"

enum {
	CONFIGURATION_BYTES_MAX = 1 << 20, /* a mebibyte of module lines */
	CMDLINE_BYTES_MAX = 64 << 10,
};

static void set_path(struct boot_path *path, const char *text, uint32_t bytes)
{
	if (bytes > sizeof(path->text) - 1)
		bytes = sizeof(path->text) - 1;
	memcpy(path->text, text, bytes);
	path->text[bytes] = '\0';
}

static EFI_STATUS read_load_options(struct boot *boot)
{
	char text[OPTIONS_BYTES_MAX];
	uint32_t bytes = 0;
	const char *value;

	if (!policy_allows(POLICY_LOAD_OPTIONS, boot->firmware.secure_boot) || options_read(boot->loaded_image, text) == 0)
		return EFI_SUCCESS;
	boot->settings.nowait = config_option(text, "nowait", NULL) != NULL;
	value = config_option(text, "conf", &bytes);
	if (value == NULL || bytes == 0)
		return EFI_SUCCESS;
	if (bytes > CONFIG_PATH_MAX)
		return log_error(boot, EFI_INVALID_PARAMETER, "load option conf=: a path of %u characters is too long", bytes);
	set_path(&boot->settings.configuration, value, bytes);
	boot->settings.configuration_named = 1;
	return EFI_SUCCESS;
}

static EFI_STATUS copy_cmdline(struct boot *boot, const char *text, uint64_t bytes)
{
	char *copy = pool_allocate(boot, bytes + 1, "cmdline");

	if (copy == NULL)
		return EFI_OUT_OF_RESOURCES;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	boot->settings.cmdline = copy;
	boot->settings.cmdline_bytes = bytes;
	return EFI_SUCCESS;
}

static EFI_STATUS apply(struct boot *boot, const struct config_item *item)
{
	struct settings *settings = &boot->settings;

	switch (item->key) {
	case CONFIG_KERNEL:
		set_path(&settings->kernel, item->value, item->value_bytes);
		break;
	case CONFIG_CMDLINE:
		return copy_cmdline(boot, item->value, item->value_bytes);
	case CONFIG_CMDLINE_FILE:
		set_path(&settings->cmdline_file, item->value, item->value_bytes);
		break;
	case CONFIG_MODULE:
		settings->module_count++;
		settings->module_names_bytes += item->name_bytes + 1;
		break;
	case CONFIG_RESOLUTION:
		settings->width = item->width;
		settings->height = item->height;
		break;
	case CONFIG_VERBOSE:
		settings->verbose = item->yes;
		break;
	case CONFIG_CRC32C:
	case CONFIG_SHA256:
		settings->checksum_count += item->value_bytes > 0;
		break;
	case CONFIG_REPORT:
		settings->report = item->yes && policy_allows(POLICY_REPORT, boot->firmware.secure_boot);
		break;
	case CONFIG_BLACKBOX:
		settings->blackbox = item->yes && policy_allows(POLICY_BLACK_BOX, boot->firmware.secure_boot);
		break;
	case CONFIG_KEY_COUNT:
		break;
	}
	return EFI_SUCCESS;
}

/* Takes the text to pieces.  Its first line may be a checksum of all that follows: then nothing is believed before. */
static EFI_STATUS understand(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	const char *name = settings->configuration.text;
	struct config_reader reader;
	struct config_item item;
	enum config_status parsed;
	EFI_STATUS status = EFI_SUCCESS;

	config_begin(&reader, settings->text, settings->text_bytes);
	while (!EFI_ERROR(status) && (parsed = config_next(&reader, &item)) == CONFIG_OK)
		status = config_digest_bytes(item.key) > 0 && item.value_bytes == 0 ?
				 checksum_one(boot, name, &item, reader.text + reader.offset, reader.bytes - reader.offset) :
				 apply(boot, &item);
	if (EFI_ERROR(status))
		return status;
	if (parsed != CONFIG_END)
		return log_error(boot, EFI_INVALID_PARAMETER, "%s: line %u: %s", name, reader.line, config_status_name(parsed));
	return checksum_list(boot);
}

static EFI_STATUS read_configuration(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	const char *name = settings->configuration.text;
	SOURCE_FILE file = { 0 };
	char *text = NULL;
	EFI_STATUS status = source_open(boot, name, !settings->configuration_named, &file);

	if (status == EFI_NOT_FOUND && !settings->configuration_named) {
		log_line(boot, "%s: not there, using defaults", name);
		return EFI_SUCCESS;
	}
	if (!EFI_ERROR(status))
		status = source_read_text(&file, CONFIGURATION_BYTES_MAX, &text);
	if (EFI_ERROR(status))
		return status;
	settings->text = text;
	settings->text_bytes = file.bytes;
	return understand(boot);
}

static EFI_STATUS read_cmdline_file(struct boot *boot)
{
	SOURCE_FILE file = { 0 };
	EFI_STATUS status = source_open(boot, boot->settings.cmdline_file.text, 1, &file);
	char *text = NULL;
	uint64_t bytes = 0;

	if (status == EFI_NOT_FOUND)
		return EFI_SUCCESS;
	if (!EFI_ERROR(status))
		status = source_read_text(&file, CMDLINE_BYTES_MAX, &text);
	if (EFI_ERROR(status))
		return status;
	boot->settings.cmdline = text;
	status = checksum_whole(boot, file.name, text, file.bytes);
	if (EFI_ERROR(status))
		return status;
	/* One line of text: line ends become blanks, the last ones go. */
	for (bytes = 0; bytes < file.bytes && text[bytes] != '\0'; bytes++)
		if (text[bytes] == '\n' || text[bytes] == '\r' || text[bytes] == '\t')
			text[bytes] = ' ';
	while (bytes > 0 && text[bytes - 1] == ' ')
		bytes--;
	text[bytes] = '\0';
	boot->settings.cmdline_bytes = bytes;
	return EFI_SUCCESS;
}

EFI_STATUS settings_read(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	EFI_STATUS status;

	set_path(&settings->configuration, "\\baton\\baton.conf", 17);
	set_path(&settings->kernel, "\\baton\\kernel.elf", 17);
	set_path(&settings->cmdline_file, "\\baton\\cmdline.txt", 18);
	status = read_load_options(boot);
	if (EFI_ERROR(status))
		return status;
	if (!policy_allows(POLICY_CONFIGURATION, boot->firmware.secure_boot))
		return log_error(boot, EFI_SECURITY_VIOLATION,
				 "Secure Boot is on or unknown, and nobody has verified kernel and configuration: "
				 "switch it off in the firmware's setup");
	status = read_configuration(boot);
	if (!EFI_ERROR(status) && settings->cmdline == NULL)
		status = read_cmdline_file(boot);
	return status;
}

void settings_free(struct boot *boot)
{
	struct settings *settings = &boot->settings;

	checksum_list_free(boot);
	pool_free(boot, settings->text);
	pool_free(boot, settings->cmdline);
	settings->text = NULL;
	settings->cmdline = NULL;
}
