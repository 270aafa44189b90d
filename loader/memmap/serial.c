/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The serial port by EFI_SERIAL_IO_PROTOCOL (UEFI 2.10 §12.8).  RULE: before exit the port is the firmware's; its hardware is
 * not touched behind its back, and its speed stays as it was set up.
 */
#include "loader/boot.h"
#include "loader/memmap/serial.h"

static const EFI_GUID serial_guid = EFI_SERIAL_IO_PROTOCOL_GUID;

/* The interface comes first, so that what the caller passes as itself is this. */
static struct {
	SIMPLE_TEXT_OUTPUT_INTERFACE interface;
	SERIAL_IO_INTERFACE *port;
} serial;

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *self, CHAR16 *text)
{
	EFI_STATUS status = EFI_SUCCESS;

	(void)self;
	for (; *text != 0 && !EFI_ERROR(status); text++) {
		char byte = (char)*text;
		UINTN bytes = 1;

		status = serial.port->Write(serial.port, &bytes, &byte);
	}
	return status;
}

SIMPLE_TEXT_OUTPUT_INTERFACE *serial_console(struct boot *boot)
{
	EFI_GUID guid = serial_guid;
	EFI_STATUS status = boot->services->LocateProtocol(&guid, NULL, (void **)&serial.port);

	if (EFI_ERROR(status) || serial.port == NULL)
		return NULL;
	serial.interface.OutputString = output_string;
	return &serial.interface;
}
