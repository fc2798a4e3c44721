using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// The definition block that gives a guest its \_S3 where the firmware's tables give none:
/// <code>
/// DefinitionBlock ("", "SSDT", 2, "SWITCH", "SLEEPS3", 1) { Name (\_S3, Package () { a, a, Zero, Zero }) }
/// </code>
/// Where the tables define it inside an If that cannot be decided here, the same stands inside <c>If (! CondRefOf (\_S3))</c>, so that
/// there is exactly one definition either way. It must be the last block that the OS loads.
/// </summary>
internal static class SleepSsdt
{
    private static ReadOnlySpan<byte> Condition => [0xA0, 0x19, 0x92, 0x5B, 0x12, 0x5C, 0x5F, 0x53, 0x33, 0x5F, 0x00];
    private static ReadOnlySpan<byte> Name => [0x08, 0x5C, 0x5F, 0x53, 0x33, 0x5F, 0x12, 0x08, 0x04, 0x0A, 0x00, 0x0A, 0x00, 0x00, 0x00];

    public static int Length(SleepStateSource source) => source switch
    {
        SleepStateSource.Present or SleepStateSource.Unreadable => 0,
        SleepStateSource.Conditional => Sdt.HeaderLength + Condition.Length + Name.Length,
        _ => Sdt.HeaderLength + Name.Length,
    };

    public static void Write(Span<byte> table, SleepStateSource source, SleepState value)
    {
        table.Clear();
        "SSDT"u8.CopyTo(table);
        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(Sdt.LengthOffset), (uint)table.Length);
        table[Sdt.RevisionOffset] = 2;
        "SWITCHSLEEPS3"u8.CopyTo(table.Slice(Sdt.OemIdOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(24), 1);
        "SWCH"u8.CopyTo(table.Slice(28));
        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(32), 1);
        Span<byte> body = table.Slice(Sdt.HeaderLength);
        if (source == SleepStateSource.Conditional)
        {
            Condition.CopyTo(body);
            body = body.Slice(Condition.Length);
        }
        Name.CopyTo(body);
        body[10] = value.SlpTypA;
        body[12] = value.SlpTypB;
        Checksum.Set(table, Sdt.ChecksumOffset);
    }
}
