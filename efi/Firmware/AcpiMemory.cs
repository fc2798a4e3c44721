using System;
using Switcher.Acpi;
using Switcher.Boot.Memory;

namespace Switcher.Efi.Firmware;

/// <summary>Memory for the ACPI library: RAM by the firmware's map, nothing else, for tables name any address.</summary>
internal readonly unsafe struct AcpiMemory(UefiFirmware* firmware) : IAcpiMemory
{
    public ReadOnlySpan<byte> Map(ulong physicalAddress, int length)
    {
        ulong end = physicalAddress + (ulong)length;
        if (length <= 0 || end < physicalAddress)
            return default;
        for (ulong next = physicalAddress; next < end;)
        {
            ulong covered = EndOfRam(next);
            if (covered == 0)
                return default;
            next = covered;
        }

        // SAFETY: every byte is RAM, which the firmware maps one to one.
        return new ReadOnlySpan<byte>((void*)physicalAddress, length);
    }

    /// <summary>The end of the descriptor of RAM that holds an address, or 0.</summary>
    private ulong EndOfRam(ulong address)
    {
        foreach (ref readonly MemoryDescriptor descriptor in firmware->Map.Descriptors)
        {
            if (descriptor.Range.Contains(address))
            {
                return descriptor.Type is MemoryType.MemoryMappedIo or MemoryType.MemoryMappedIoPortSpace or MemoryType.Unusable
                    ? 0
                    : descriptor.Range.End;
            }
        }

        return 0;
    }
}
