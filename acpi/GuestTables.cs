using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>What a guest's view is to be like.</summary>
public readonly ref struct GuestTablesOptions
{
    /// <summary>Tables that the guest is not to see, such as DMAR, IVRS, BGRT. The FADT and the DSDT cannot be withheld.</summary>
    public ReadOnlySpan<Signature> Withheld { get; init; }

    /// <summary>
    /// True: every table is copied into the buffer, so that the view shares no memory with another guest's. False: tables that are not
    /// changed stay where the firmware put them.
    /// </summary>
    public bool CopyTables { get; init; }
}

/// <summary>Where things are in a view that <see cref="GuestTables.Write"/> made.</summary>
public readonly struct GuestView
{
    /// <summary>Physical address of the guest's RSDP, for its EFI configuration table.</summary>
    public ulong RsdpAddress { get; init; }

    /// <summary>20 (ACPI 1.0) or 36: which of the two EFI table GUIDs fits.</summary>
    public int RsdpLength { get; init; }

    /// <summary>
    /// Physical address of the guest's FACS, where its waking vectors will be; zero on hardware-reduced machines without one.
    /// </summary>
    public ulong FacsAddress { get; init; }

    /// <summary>Bytes of the buffer in use.</summary>
    public int Length { get; init; }

    /// <summary>Tables that the guest sees: entries of the root table, DSDT and FACS.</summary>
    public int TableCount { get; init; }

    /// <summary>How many of them are the firmware's, byte for byte.</summary>
    public int UnchangedCount { get; init; }

    /// <summary>True when the view holds a definition block that provides \_S3.</summary>
    public bool HasSleepSsdt { get; init; }
}

/// <summary>
/// Builds a guest's view of the machine's tables: its own RSDP, XSDT, RSDT, FADT and FACS, a definition block that adds \_S3 where it is
/// missing, the low-power-S0 flag cleared so that the OS prefers S3, and everything else as the firmware made it.
/// </summary>
public static class GuestTables
{
    /// <summary>Alignment that the buffer must have: the FACS's.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes that <see cref="Write"/> will need at most.</summary>
    public static int Measure<TMemory>(RootTables<TMemory> tables, SleepTypes sleep, scoped GuestTablesOptions options)
        where TMemory : struct, IAcpiMemory
    {
        GuestTablesWriter<TMemory> writer = new(tables, sleep, options, default, 0);
        return writer.Run(out GuestView view) == AcpiStatus.Success ? view.Length : 0;
    }

    /// <summary>Writes the view.</summary>
    /// <param name="tables">The firmware's tables.</param>
    /// <param name="sleep">Its sleep states.</param>
    /// <param name="options">What the view is to be like.</param>
    /// <param name="buffer">Where to write; at least <see cref="Measure"/> bytes.</param>
    /// <param name="address">Physical address of the buffer, a multiple of <see cref="Alignment"/>; below 4 GiB if at all possible.</param>
    /// <param name="view">Where things are.</param>
    public static AcpiStatus Write<TMemory>(
        RootTables<TMemory> tables, SleepTypes sleep, scoped GuestTablesOptions options, scoped Span<byte> buffer, ulong address,
        out GuestView view)
        where TMemory : struct, IAcpiMemory
    {
        view = default;
        if (address % Alignment != 0)
            return AcpiStatus.BufferMisaligned;
        int needed = Measure(tables, sleep, options);
        if (needed == 0)
            return AcpiStatus.NoFadt;
        if (buffer.Length < needed)
            return AcpiStatus.BufferTooSmall;
        GuestTablesWriter<TMemory> writer = new(tables, sleep, options, buffer, address);
        return writer.Run(out view);
    }
}
