using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Install;

/// <summary>The variable <c>BootOrder</c>: UEFI 2.10, 3.3 "Globally Defined Variables".</summary>
public static class BootOrder
{
    public const string Variable = "BootOrder";

    /// <summary>The options' numbers; none if there is no such variable.</summary>
    public static IReadOnlyList<ushort> Read(LinuxFiles files)
    {
        byte[] value = EfiVariables.Read(files, Variable, EfiVariables.GlobalVendor) ?? [];
        return [.. Enumerable.Range(0, value.Length / sizeof(ushort))
            .Select(i => BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(i * sizeof(ushort))))];
    }

    /// <summary>The variable's bytes.</summary>
    public static byte[] ToBytes(IEnumerable<ushort> numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];

    /// <summary>As people write it.</summary>
    public static string ToText(IEnumerable<ushort> numbers) =>
        string.Join(' ', numbers.Select(number => number.ToString("X4", CultureInfo.InvariantCulture)));
}
