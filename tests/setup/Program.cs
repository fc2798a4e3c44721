using System;
using System.Runtime;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>
/// The test disks' \EFI\BOOT\BOOTX64.EFI: does what \switcher-setup.txt on the same volume says, line by line. It sets the variables
/// that on a user's machine the firmware keeps, and starts Switcher.
/// </summary>
internal static unsafe class Program
{
    [RuntimeExport("EfiMain")]
    private static EfiStatus EfiMain(Handle image, SystemTable* table)
    {
        Machine.Start(image, table);
        if (!Machine.TryReadFile("\\switcher-setup.txt", out ReadOnlySpan<byte> file))
            return Machine.Fail("\\switcher-setup.txt cannot be read"u8, default);
        while (!file.IsEmpty)
        {
            Words line = new(Words.TakeLine(ref file));
            if (line.IsEmpty)
                continue;
            EfiStatus status = Commands.Run(line);
            if (status.IsError)
                return status;
        }

        return EfiStatus.Success;
    }

    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        Machine.Fail("panic"u8, default);
        while (true)
        {
        }
    }
}
