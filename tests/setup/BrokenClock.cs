using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>A firmware whose GetTime() does not work, in one of the ways in which firmware does not.</summary>
internal static unsafe class BrokenClock
{
    // UD2; a loop of PAUSE; CLI, and a loop of HLT; a loop of nothing.
    private static ReadOnlySpan<byte> Fault => [0x0F, 0x0B];

    private static ReadOnlySpan<byte> Wait => [0xF3, 0x90, 0xEB, 0xFC];

    private static ReadOnlySpan<byte> Halt => [0xFA, 0xF4, 0xEB, 0xFC];

    private static ReadOnlySpan<byte> Loop => [0xEB, 0xFE];

    /// <summary><c>broken-clock fault|wait|halt|loop</c>.</summary>
    public static EfiStatus Install(ReadOnlySpan<byte> how)
    {
        ReadOnlySpan<byte> code = how.SequenceEqual("fault"u8) ? Fault : how.SequenceEqual("wait"u8) ? Wait
            : how.SequenceEqual("halt"u8) ? Halt : Loop;
        ulong page = 0;
        BootServices* services = Machine.Table->BootServices;
        EfiStatus status = services->AllocatePages(AllocateType.AnyPages, MemoryType.RuntimeServicesCode, 1, &page);
        if (status.IsError)
            return status;
        code.CopyTo(new Span<byte>((void*)page, code.Length));
        RuntimeServices* runtime = Machine.Table->RuntimeServices;
        runtime->GetTime = (delegate* unmanaged<Time*, TimeCapabilities*, EfiStatus>)page;
        runtime->Hdr.Crc32 = 0;
        uint sum = 0;
        status = services->CalculateCrc32(runtime, runtime->Hdr.HeaderSize, &sum);
        runtime->Hdr.Crc32 = sum;
        return status;
    }
}
