using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>How much of a machine's RAM is ACPI memory.</summary>
public readonly struct AcpiMemorySize
{
    /// <summary>Bytes of AcpiReclaim memory, of which every guest gets a copy.</summary>
    public ulong TableBytes { get; init; }

    /// <summary>Bytes of AcpiNvs memory, of which every domain's contents are kept.</summary>
    public ulong NvsBytes { get; init; }

    /// <summary>As the firmware's map has it.</summary>
    public static AcpiMemorySize Of(ReadOnlySpan<MemoryDescriptor> firmwareMap)
    {
        ulong tables = 0;
        ulong nvs = 0;
        foreach (ref readonly MemoryDescriptor descriptor in firmwareMap)
        {
            if (descriptor.Type == MemoryType.AcpiReclaim)
                tables += descriptor.Range.Length;
            else if (descriptor.Type == MemoryType.AcpiNvs)
                nvs += descriptor.Range.Length;
        }

        return new AcpiMemorySize { TableBytes = tables, NvsBytes = nvs };
    }
}
