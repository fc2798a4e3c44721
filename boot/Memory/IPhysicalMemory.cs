using System;

namespace Switcher.Boot.Memory;

/// <summary>
/// The only door to physical memory. In Switcher.efi it is the hypervisor's identity map; in tests an array that stands for RAM.
/// Addresses must be of memory that the hypervisor may touch: the caller has checked everything that came from a guest.
/// </summary>
public interface IPhysicalMemory
{
    /// <summary>The object of type <typeparamref name="T"/> at <paramref name="address"/>, which is aligned for it.</summary>
    static abstract ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged;

    /// <summary>The <paramref name="length"/> bytes at <paramref name="address"/>.</summary>
    static abstract Span<byte> Bytes(HostPhysicalAddress address, int length);
}
