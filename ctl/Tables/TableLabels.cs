using System.Collections.Generic;
using System.Text;
using Switcher.Acpi;

namespace Switcher.Ctl.Tables;

/// <summary>What to call each table in a sentence: <c>SSDT 3 ("CpuPm")</c>.</summary>
internal sealed class TableLabels
{
    private readonly Dictionary<ulong, string> _labels = [];
    private readonly Dictionary<string, int> _counts = [];

    public void Add(DumpedTable table, ulong address)
    {
        int number = _counts[table.Signature] = _counts.GetValueOrDefault(table.Signature) + 1;
        string label = table.Signature == "SSDT" || number > 1 ? $"{table.Signature} {number}" : table.Signature;
        string name = table.Bytes.Length < Sdt.HeaderLength || table.Signature == "FACS" ? "" : OemTableId(table.Bytes);
        _labels[address] = name.Length == 0 ? label : $"{label} (\"{name}\")";
    }

    public string? Of(ulong address) => _labels.GetValueOrDefault(address);

    /// <summary>A signature as text, unprintable characters as dots.</summary>
    public static string TextOf(Signature signature) => string.Create(4, signature.Value, static (text, value) =>
    {
        for (int i = 0; i < 4; i++)
            text[i] = (char)(byte)(value >> (8 * i)) is >= ' ' and <= '~' and char printable ? printable : '.';
    });

    private static string OemTableId(byte[] table)
    {
        StringBuilder text = new();
        foreach (byte value in new Sdt(table).OemTableId)
        {
            if (value is >= 0x20 and <= 0x7E)
                text.Append((char)value);
        }
        return text.ToString().Trim();
    }
}
