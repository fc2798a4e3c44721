using Switcher.Efi.Firmware;

namespace Switcher.Efi.Guests;

/// <summary>The guests of this boot.</summary>
public unsafe struct GuestTable
{
    public GuestBoot* Items;
    public int Count;

    /// <summary>Gets memory for up to <paramref name="maximum"/> guests.</summary>
    internal bool Create(UefiFirmware* firmware, int maximum)
    {
        Items = firmware->Allocate<GuestBoot>(maximum);
        return Items != null;
    }

    /// <summary>Adds a guest behind the others.</summary>
    public GuestBoot* Add()
    {
        Items[Count] = default;
        Items[Count].Index = Count;
        return &Items[Count++];
    }

    public readonly GuestBoot* At(int index) => &Items[index];
}
