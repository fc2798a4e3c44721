namespace Switcher.Efi.Uefi;

// UEFI 2.10, section 2.3.1 "Data Types".

/// <summary>EFI_HANDLE: a collection of related interfaces, known to firmware only.</summary>
public readonly unsafe struct Handle(void* value)
{
    public void* Value => value;

    public bool IsNull => value == null;
}

/// <summary>EFI_EVENT: something that firmware can signal.</summary>
public readonly unsafe struct Event(void* value)
{
    public void* Value => value;

    public bool IsNull => value == null;
}

/// <summary>EFI_TPL, task priority level: UEFI 2.10, section 7.1 "Event, Timer, and Task Priority Services".</summary>
public enum Tpl : ulong
{
    Application = 4,
    Callback = 8,
    Notify = 16,
    HighLevel = 31,
}

/// <summary>EFI_TIME: UEFI 2.10, section 8.3.1 "GetTime()".</summary>
public struct Time
{
    /// <summary>1900 to 9999.</summary>
    public ushort Year;

    /// <summary>1 to 12.</summary>
    public byte Month;

    /// <summary>1 to 31.</summary>
    public byte Day;
    public byte Hour;
    public byte Minute;
    public byte Second;
    public byte Pad1;

    /// <summary>0 to 999,999,999.</summary>
    public uint Nanosecond;

    /// <summary>Minutes from UTC, -1440 to 1440, or 2047 for unspecified.</summary>
    public short TimeZone;
    public byte Daylight;
    public byte Pad2;
}
