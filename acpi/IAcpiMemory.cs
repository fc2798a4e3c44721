using System;

namespace Switcher.Acpi;

/// <summary>
/// The library's only door to physical memory. An implementation is a small struct: over an identity map in the hypervisor, over the
/// segments of a dump in the tests.
/// </summary>
public interface IAcpiMemory
{
    /// <summary>
    /// The bytes of physical memory from <paramref name="physicalAddress"/> on, exactly <paramref name="length"/> of them; empty when any
    /// of them cannot be read. It must refuse what is not memory (registers of devices): tables are untrusted and name any address.
    /// </summary>
    ReadOnlySpan<byte> Map(ulong physicalAddress, int length);
}
