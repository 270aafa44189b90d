/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules.  RULES: one read straight into the final pages; the rest of the last page is zero; an empty file is a module
 * without memory.
 */
#include "lib/config.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/checksum.h"
#include "loader/log.h"
#include "loader/modules.h"
#include "loader/policy.h"
#include "loader/pool.h"
#include "loader/source.h"

static EFI_STATUS load_module(struct boot *boot, const char *path, struct module *module, uint32_t index)
{
	SOURCE_FILE file = { 0 };
	EFI_STATUS status = source_open(boot, path, 0, &file);
	uint64_t pages;

	if (EFI_ERROR(status))
		return status;
	module->bytes = file.bytes;
	if (file.bytes == 0)
		return checksum_whole(boot, path, NULL, 0);
	pages = file.bytes / EFI_PAGE_SIZE + (file.bytes % EFI_PAGE_SIZE != 0);
	status = pages_allocate(boot,
				&(struct page_request){
					.type = EfiLoaderData,
					.pages = pages,
					.owner = HANDOFF_OWNER_MODULE,
					.lifetime = HANDOFF_LIFETIME_WHEN_DONE,
					.index = index,
				},
				&module->phys);
	if (EFI_ERROR(status))
		return log_error(boot, status, "%s: no memory for a module of %lu bytes", path, (unsigned long)file.bytes);
	status = file.read(&file, 0, (void *)module->phys, file.bytes);
	if (EFI_ERROR(status))
		return status;
	status = checksum_whole(boot, path, (const void *)module->phys, file.bytes);
	if (EFI_ERROR(status))
		return status;
	memset((uint8_t *)module->phys + file.bytes, 0, pages * EFI_PAGE_SIZE - file.bytes);
	log_line(boot, "module %u: %s, physical 0x%lx, %lu bytes", index, path, (unsigned long)module->phys,
		 (unsigned long)file.bytes);
	return EFI_SUCCESS;
}

EFI_STATUS modules_load(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	struct config_reader reader;
	struct config_item item;
	uint64_t bytes = settings->module_count * sizeof(*boot->modules);
	EFI_STATUS status = EFI_SUCCESS;
	uint32_t index = 0;

	if (settings->module_count == 0)
		return EFI_SUCCESS;
	if (!policy_allows(POLICY_MODULE_FILE, boot->firmware.secure_boot))
		return log_error(boot, EFI_SECURITY_VIOLATION, "%s: Secure Boot is on and nobody has verified this file", "module");
	boot->modules = pool_allocate(boot, bytes, "modules");
	if (boot->modules == NULL)
		return EFI_OUT_OF_RESOURCES;
	memset(boot->modules, 0, bytes);
	config_begin(&reader, settings->text, settings->text_bytes);
	while (!EFI_ERROR(status) && config_next(&reader, &item) == CONFIG_OK) {
		struct boot_path path;

		if (item.key != CONFIG_MODULE || item.value_bytes >= sizeof(path.text))
			continue;
		memcpy(path.text, item.value, item.value_bytes);
		path.text[item.value_bytes] = '\0';
		boot->modules[index].name = item.name;
		boot->modules[index].name_bytes = item.name_bytes;
		status = load_module(boot, path.text, &boot->modules[index], index);
		index++;
	}
	return status;
}

void modules_free(struct boot *boot)
{
	pool_free(boot, boot->modules);
	boot->modules = NULL;
}
