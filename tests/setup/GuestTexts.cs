namespace Switcher.Tests.Setup;

/// <summary>The texts of the SwitcherGuest#### variables so far.</summary>
internal static unsafe class GuestTexts
{
    private const int Capacity = 32;

    private struct Entry
    {
        public bool IsUsed;
        public ushort Number;
        public ByteWriter Text;
    }

    private static Entry* s_entries;

    /// <summary>The text of one guest. With too many guests the last ones share it, and their test fails.</summary>
    public static ref ByteWriter Of(ushort number)
    {
        if (s_entries == null)
            s_entries = (Entry*)Machine.Allocate(Capacity * sizeof(Entry));
        int i = 0;
        while (i < Capacity - 1 && s_entries[i].IsUsed && s_entries[i].Number != number)
            i++;
        s_entries[i].IsUsed = true;
        s_entries[i].Number = number;
        return ref s_entries[i].Text;
    }
}
