/* SPDX-License-Identifier: BSD-2-Clause */
/* See ledger.h.  Works by replacing function pointers in the boot services table and in the file protocols; may not allocate. */
#include "test/boot/efi/ledger.h"

enum { LEDGER_ENTRIES = 1024 };

enum kind { FREE_ENTRY, PAGES, POOL, EVENT, OPEN_FILE };

static struct {
	struct {
		enum kind kind;
		UINT64 address;
		UINTN pages;
	} entries[LEDGER_ENTRIES];
	UINTN calls, overflow;
	int opening;                            /* in the firmware's Open */
	UINT64 base, end;                       /* of the image that is watched */
	EFI_BOOT_SERVICES *services;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_BOOT_SERVICES genuine;              /* the table as it was */
	EFI_VOLUME_OPEN genuine_open_volume;
	EFI_FILE_OPEN genuine_open;             /* the file system driver uses the same functions for all its files */
	EFI_FILE_CLOSE genuine_close;
	EFI_FILE_DELETE genuine_delete;
} ledger;

/* The firmware's drivers call the same table: only what the image itself asks for counts. */
static int by_image(const VOID *return_address)
{
	UINT64 address = (UINT64)(UINTN)return_address;

	return address >= ledger.base && address < ledger.end;
}

static void keep(enum kind kind, UINT64 address, UINTN pages)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++) {
		if (ledger.entries[i].kind != FREE_ENTRY)
			continue;
		ledger.entries[i].kind = kind;
		ledger.entries[i].address = address;
		ledger.entries[i].pages = pages;
		return;
	}
	ledger.overflow++;
}

static void write_down(enum kind kind, UINT64 address, UINTN pages)
{
	ledger.calls++;
	keep(kind, address, pages);
}

static void cross_out(enum kind kind, UINT64 address)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++) {
		if (ledger.entries[i].kind != kind || ledger.entries[i].address != address)
			continue;
		ledger.entries[i].kind = FREE_ENTRY;
		return;
	}
}

/* Pages may be given back in parts, in any order: what is left of an entry in front and behind stays. */
static void cross_out_pages(UINT64 address, UINTN pages)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++) {
		UINT64 start = ledger.entries[i].address, behind = address + pages * EFI_PAGE_SIZE;
		UINT64 end = start + ledger.entries[i].pages * EFI_PAGE_SIZE;

		if (ledger.entries[i].kind != PAGES || address < start || address >= end)
			continue;
		ledger.entries[i].kind = FREE_ENTRY;
		if (address > start)
			keep(PAGES, start, (address - start) / EFI_PAGE_SIZE);
		if (behind < end)
			keep(PAGES, behind, (end - behind) / EFI_PAGE_SIZE);
		return;
	}
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *address)
{
	EFI_STATUS status = ledger.genuine.AllocatePages(how, type, pages, address);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		write_down(PAGES, *address, pages);
	return status;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS address, UINTN pages)
{
	EFI_STATUS status = ledger.genuine.FreePages(address, pages);

	if (!EFI_ERROR(status))
		cross_out_pages(address, pages);
	return status;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	EFI_STATUS status = ledger.genuine.AllocatePool(type, bytes, buffer);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		write_down(POOL, (UINT64)(UINTN)*buffer, 0);
	return status;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	EFI_STATUS status = ledger.genuine.FreePool(buffer);

	if (!EFI_ERROR(status))
		cross_out(POOL, (UINT64)(UINTN)buffer);
	return status;
}

static EFI_STATUS EFIAPI locate_handle_buffer(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *protocol, VOID *key, UINTN *count,
					      EFI_HANDLE **buffer)
{
	EFI_STATUS status = ledger.genuine.LocateHandleBuffer(how, protocol, key, count, buffer);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		write_down(POOL, (UINT64)(UINTN)*buffer, 0);
	return status;
}

static EFI_STATUS EFIAPI protocols_per_handle(EFI_HANDLE handle, EFI_GUID ***buffer, UINTN *count)
{
	EFI_STATUS status = ledger.genuine.ProtocolsPerHandle(handle, buffer, count);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		write_down(POOL, (UINT64)(UINTN)*buffer, 0);
	return status;
}

static EFI_STATUS EFIAPI create_event(UINT32 type, EFI_TPL tpl, EFI_EVENT_NOTIFY notify, VOID *context, EFI_EVENT *event)
{
	EFI_STATUS status = ledger.genuine.CreateEvent(type, tpl, notify, context, event);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		write_down(EVENT, (UINT64)(UINTN)*event, 0);
	return status;
}

static EFI_STATUS EFIAPI close_event(EFI_EVENT event)
{
	EFI_STATUS status = ledger.genuine.CloseEvent(event);

	if (!EFI_ERROR(status))
		cross_out(EVENT, (UINT64)(UINTN)event);
	return status;
}

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes);

static EFI_STATUS EFIAPI close_file(struct _EFI_FILE_HANDLE *file)
{
	cross_out(OPEN_FILE, (UINT64)(UINTN)file);
	return ledger.genuine_close(file);
}

/* Which closes the file, even when it fails (UEFI 2.10 §13.5). */
static EFI_STATUS EFIAPI delete_file(struct _EFI_FILE_HANDLE *file)
{
	cross_out(OPEN_FILE, (UINT64)(UINTN)file);
	return ledger.genuine_delete(file);
}

/* A file stands in memory of its own, so that its functions can be replaced for it alone. */
static void watch_file(struct _EFI_FILE_HANDLE *file)
{
	ledger.genuine_open = file->Open;
	ledger.genuine_close = file->Close;
	ledger.genuine_delete = file->Delete;
	file->Open = open_file;
	file->Close = close_file;
	file->Delete = delete_file;
	write_down(OPEN_FILE, (UINT64)(UINTN)file, 0);
}

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes)
{
	EFI_STATUS status;

	ledger.opening = 1;
	status = ledger.genuine_open(folder, file, name, mode, attributes);
	ledger.opening = 0;
	if (!EFI_ERROR(status))
		watch_file(*file);
	return status;
}

static EFI_STATUS EFIAPI open_volume(struct _EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, struct _EFI_FILE_HANDLE **root)
{
	EFI_STATUS status = ledger.genuine_open_volume(volume, root);

	if (!EFI_ERROR(status) && by_image(__builtin_return_address(0)))
		watch_file(*root);
	return status;
}

void ledger_open(EFI_BOOT_SERVICES *services, EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, VOID *base, UINT64 bytes)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++)
		ledger.entries[i].kind = FREE_ENTRY;
	ledger.calls = ledger.overflow = 0;
	ledger.base = (UINT64)(UINTN)base;
	ledger.end = ledger.base + bytes;
	ledger.services = services;
	ledger.volume = volume;
	ledger.genuine = *services;
	ledger.genuine_open_volume = volume->OpenVolume;
	services->AllocatePages = allocate_pages;
	services->FreePages = free_pages;
	services->AllocatePool = allocate_pool;
	services->FreePool = free_pool;
	services->LocateHandleBuffer = locate_handle_buffer;
	services->ProtocolsPerHandle = protocols_per_handle;
	services->CreateEvent = create_event;
	services->CloseEvent = close_event;
	volume->OpenVolume = open_volume;
}

void ledger_close(struct ledger_balance *ret_balance)
{
	struct ledger_balance balance = { .calls = ledger.calls, .overflow = ledger.overflow };

	*ledger.services = ledger.genuine;
	ledger.volume->OpenVolume = ledger.genuine_open_volume;
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++) {
		balance.pages += ledger.entries[i].kind == PAGES ? ledger.entries[i].pages : 0;
		balance.pools += ledger.entries[i].kind == POOL;
		balance.events += ledger.entries[i].kind == EVENT;
		balance.files += ledger.entries[i].kind == OPEN_FILE;
	}
	*ret_balance = balance;
}

void ledger_each_pages(void (*with)(void *context, UINT64 address, UINTN pages), void *context)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++)
		if (ledger.entries[i].kind == PAGES)
			with(context, ledger.entries[i].address, ledger.entries[i].pages);
}

int ledger_is_opening(void)
{
	return ledger.opening;
}

void ledger_give_back(void)
{
	for (UINTN i = 0; i < LEDGER_ENTRIES; i++) {
		if (ledger.entries[i].kind == PAGES)
			ledger.services->FreePages(ledger.entries[i].address, ledger.entries[i].pages);
		else if (ledger.entries[i].kind == POOL)
			ledger.services->FreePool((VOID *)ledger.entries[i].address);
		else if (ledger.entries[i].kind == EVENT)
			ledger.services->CloseEvent((EFI_EVENT)ledger.entries[i].address);
		else if (ledger.entries[i].kind == OPEN_FILE)
			((struct _EFI_FILE_HANDLE *)ledger.entries[i].address)->Close((struct _EFI_FILE_HANDLE *)ledger.entries[i].address);
		ledger.entries[i].kind = FREE_ENTRY;
	}
}
