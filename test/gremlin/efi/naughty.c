/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for the loader where the gremlin itself is tested: does the one thing that its load options name and that the
 * gremlin must notice.
 */
#include <efi.h>

struct naughty {
	EFI_HANDLE self;
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *services;
	EFI_LOADED_IMAGE_PROTOCOL *image;
};

static UINT8 map[64 << 10] __attribute__((aligned(8)));

static int starts(const CHAR16 *options, const char *word)
{
	while (*word != '\0' && *options == (CHAR16)*word) {
		options++;
		word++;
	}
	return *word == '\0';
}

static int is(const CHAR16 *options, const char *word)
{
	UINTN length = 0;

	while (word[length] != '\0')
		length++;
	return starts(options, word) && options[length] == 0;
}

static EFI_STATUS get_map(struct naughty *naughty, UINTN bytes, UINTN *ret_key)
{
	UINTN stride;
	UINT32 version;

	return naughty->services->GetMemoryMap(&bytes, (VOID *)map, ret_key, &stride, &version);
}

/* Exits with the last key plus `changed`; returns when that was refused. */
static EFI_STATUS leave(struct naughty *naughty, EFI_HANDLE image, UINTN changed)
{
	UINTN key = 0;

	get_map(naughty, sizeof(map), &key);
	return naughty->services->ExitBootServices(image, key + changed);
}

static EFI_STATUS misuse_pages(struct naughty *naughty)
{
	const CHAR16 *options = naughty->image->LoadOptions;
	EFI_PHYSICAL_ADDRESS pages = 0;
	EFI_STATUS status = naughty->services->AllocatePages(AllocateAnyPages, is(options, "type") ? EfiRuntimeServicesCode : EfiLoaderData,
							     2, &pages);

	if (EFI_ERROR(status))
		return status;
	if (is(options, "overrun"))
		*(volatile UINT8 *)(pages + 2 * EFI_PAGE_SIZE) = 1;
	if (is(options, "underrun"))
		*(volatile UINT8 *)(pages - 1) = 1;
	if (is(options, "leak"))
		return EFI_LOAD_ERROR;
	naughty->services->FreePages(pages, 2);
	if (is(options, "after-free"))
		*(volatile UINT8 *)pages = 1;
	if (is(options, "double-free"))
		naughty->services->FreePages(pages, 2);
	return EFI_LOAD_ERROR;
}

static EFI_STATUS misuse_pool(struct naughty *naughty)
{
	UINT8 *pool = NULL;
	EFI_STATUS status = naughty->services->AllocatePool(EfiLoaderData, 40, (VOID **)&pool);

	if (EFI_ERROR(status))
		return status;
	((volatile UINT8 *)pool)[40] = 1;
	naughty->services->FreePool(pool);
	return EFI_LOAD_ERROR;
}

/* Every function that changes a disk or the variables; the last word of the options says which. */
static EFI_STATUS write_file(EFI_FILE_HANDLE root, const CHAR16 *options)
{
	EFI_GUID info = EFI_FILE_INFO_ID;
	UINT64 mode = is(options, "write-open") ? EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE : EFI_FILE_MODE_READ;
	UINT8 byte = 0;
	UINTN bytes = sizeof(byte);
	EFI_FILE_HANDLE file;
	EFI_STATUS status = root->Open(root, &file, (CHAR16 *)u"\\gremlin.txt", mode, 0);

	if (EFI_ERROR(status))
		return status;
	if (is(options, "write-file"))
		file->Write(file, &bytes, &byte);
	if (is(options, "write-info"))
		file->SetInfo(file, &info, bytes, &byte);
	if (is(options, "write-flush"))
		file->Flush(file);
	if (is(options, "write-delete"))
		file->Delete(file);
	else
		file->Close(file);
	return EFI_LOAD_ERROR;
}

static EFI_STATUS write_disk(struct naughty *naughty)
{
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_FILE_HANDLE root;
	EFI_STATUS status = naughty->services->HandleProtocol(naughty->image->DeviceHandle, &file_system, (VOID **)&volume);

	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		return status;
	status = write_file(root, naughty->image->LoadOptions);
	root->Close(root);
	return status;
}

static EFI_STATUS write_variable(struct naughty *naughty)
{
	EFI_GUID vendor = { 0xba70ba70, 0, 0x4000, { 0x80, 0, 0, 0, 0, 0, 0, 9 } };
	UINT8 byte = 0;

	naughty->system->RuntimeServices->SetVariable((CHAR16 *)u"Naughty", &vendor, EFI_VARIABLE_BOOTSERVICE_ACCESS, sizeof(byte),
						      &byte);
	return EFI_LOAD_ERROR;
}

/* The second gibibyte, where these machines have nothing, becomes read-only in the firmware's page tables. */
static EFI_STATUS change_permissions(void)
{
	const UINT64 address = UINT64_C(0x000ffffffffff000), write_protect = UINT64_C(1) << 16, writable = 2;
	UINT64 cr0, cr3, *table;

	__asm__ volatile("mov %%cr0, %0; mov %%cr3, %1" : "=r"(cr0), "=r"(cr3));
	table = (UINT64 *)(*(UINT64 *)(cr3 & address) & address);
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 & ~write_protect) : "memory");
	table[1] &= ~writable;
	__asm__ volatile("mov %0, %%cr0; mov %1, %%cr3" : : "r"(cr0), "r"(cr3) : "memory");
	return EFI_LOAD_ERROR;
}

/* Around the first exit attempt, which the case refuses. */
static EFI_STATUS misuse_exit(struct naughty *naughty)
{
	const CHAR16 *options = naughty->image->LoadOptions;
	UINTN key;

	leave(naughty, is(options, "handle") ? naughty->image->DeviceHandle : naughty->self, is(options, "key"));
	if (is(options, "service"))
		naughty->services->Stall(1);
	if (is(options, "console"))
		naughty->system->ConOut->OutputString(naughty->system->ConOut, (CHAR16 *)u"here\r\n");
	if (is(options, "cursor"))
		naughty->system->ConOut->EnableCursor(naughty->system->ConOut, FALSE);
	if (is(options, "error-console"))
		naughty->system->StdErr->OutputString(naughty->system->StdErr, (CHAR16 *)u"here\r\n");
	if (is(options, "keyboard"))
		naughty->system->ConIn->Reset(naughty->system->ConIn, FALSE);
	if (is(options, "shrink"))
		get_map(naughty, sizeof(map) / 2, &key);
	return leave(naughty, naughty->self, 0);
}

EFI_STATUS EFIAPI naughty_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI naughty_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	struct naughty naughty = { .self = self, .system = system, .services = system->BootServices };
	const CHAR16 *options;
	EFI_STATUS status = naughty.services->HandleProtocol(self, &loaded_image, (VOID **)&naughty.image);

	if (EFI_ERROR(status))
		return status;
	options = naughty.image->LoadOptions;
	if (starts(options, "write-"))
		return write_disk(&naughty);
	if (is(options, "variable"))
		return write_variable(&naughty);
	if (is(options, "permissions"))
		return change_permissions();
	if (is(options, "pool-overrun"))
		return misuse_pool(&naughty);
	if (is(options, "type") || is(options, "overrun") || is(options, "underrun") || is(options, "after-free") ||
	    is(options, "double-free") || is(options, "leak") || is(options, "nothing"))
		return misuse_pages(&naughty);
	return misuse_exit(&naughty);
}
