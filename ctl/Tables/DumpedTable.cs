using System.Text;

namespace Switcher.Ctl.Tables;

/// <summary>One table as a dump, or the kernel, gives it.</summary>
/// <param name="Signature">Its first four characters, or "RSD PTR".</param>
/// <param name="Address">Physical address, or zero where the source does not know.</param>
/// <param name="Bytes">Its contents.</param>
public sealed record DumpedTable(string Signature, ulong Address, byte[] Bytes)
{
    /// <summary>Names a table by its contents; the source's own name serves for what is too short to have one.</summary>
    public static DumpedTable FromBytes(string name, ulong address, byte[] bytes)
    {
        string signature = bytes.Length < 4 ? name : Encoding.Latin1.GetString(bytes, 0, 4);
        return new DumpedTable(signature == "RSD " ? "RSD PTR" : signature, address, bytes);
    }
}
