using System;
using Switcher.Boot.Memory;

namespace Switcher.Efi.Firmware;

/// <summary>Physical memory as UEFI leaves it to applications: every address is its own pointer (UEFI 2.10, 2.3.4 x64 Platforms).</summary>
internal unsafe struct IdentityMemory : IPhysicalMemory
{
    // SAFETY: the caller vouches for the address, as the interface says.
    public static ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged => ref *(T*)address.Value;

    // SAFETY: as above.
    public static Span<byte> Bytes(HostPhysicalAddress address, int length) => new((void*)address.Value, length);
}
