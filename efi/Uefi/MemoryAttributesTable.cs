using System.Runtime.InteropServices;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_MEMORY_ATTRIBUTES_TABLE: UEFI 2.10, section 4.6.4 "EFI_MEMORY_ATTRIBUTES_TABLE". The descriptors follow it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemoryAttributesTable
{
    /// <summary>
    /// Version 2 only gives <see cref="Flags"/> a meaning, which this code has no use for; systems from before it refuse the number 2.
    /// </summary>
    public const uint FirstVersion = 1;

    public uint Version;
    public uint NumberOfEntries;
    public uint DescriptorSize;

    /// <summary>Reserved and zero in version 1.</summary>
    public uint Flags;
}
