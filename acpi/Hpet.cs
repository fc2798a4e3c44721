using System;

namespace Switcher.Acpi;

/// <summary>High Precision Event Timer table (IA-PC HPET Specification 1.0a, 3.2.4 "The ACPI 2.0 HPET Description Table").</summary>
public readonly ref struct Hpet
{
    private const int MinimumLength = 56;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one that is too short has nothing in it.</param>
    public Hpet(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Physical address of the registers; 0 in a damaged table, or where they are not in memory.</summary>
    public ulong Registers
    {
        get
        {
            GenericAddress address = _bytes.Length < MinimumLength ? default : GenericAddress.Read(_bytes.Slice(40));
            return address.Space == AddressSpace.SystemMemory ? address.Address : 0;
        }
    }
}
