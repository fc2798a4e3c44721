namespace Switcher.Tests.Guest.Devices;

/// <summary>The first I/O APIC: 82093AA data sheet, 3.0 "Register Description".</summary>
internal static unsafe class IoApic
{
    private const uint Version = 1;
    private const uint FirstEntry = 0x10;
    private const uint Masked = 1 << 16;

    /// <summary>Number of its inputs.</summary>
    public static uint Inputs => ((Read(Version) >> 16) & 0xFF) + 1;

    /// <summary>How many inputs are not masked.</summary>
    public static uint CountUnmasked()
    {
        uint count = 0;
        for (uint input = 0; input < Inputs; input++)
            count += (Read(FirstEntry + (2 * input)) & Masked) == 0 ? 1u : 0;
        return count;
    }

    /// <summary>Sends an edge-triggered input to a processor.</summary>
    public static void Route(uint input, byte vector, uint apicId)
    {
        Write(FirstEntry + (2 * input) + 1, apicId << 24);
        Write(FirstEntry + (2 * input), vector);
    }

    public static void Mask(uint input) => Write(FirstEntry + (2 * input), Masked);

    private static uint Read(uint register)
    {
        *(uint*)Acpi.Tables.IoApicAddress = register;
        return *(uint*)(Acpi.Tables.IoApicAddress + 0x10);
    }

    private static void Write(uint register, uint value)
    {
        *(uint*)Acpi.Tables.IoApicAddress = register;
        *(uint*)(Acpi.Tables.IoApicAddress + 0x10) = value;
    }
}
