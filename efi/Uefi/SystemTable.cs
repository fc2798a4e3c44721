namespace Switcher.Efi.Uefi;

/// <summary>EFI_SYSTEM_TABLE: UEFI 2.10, section 4.3 "EFI System Table".</summary>
public unsafe struct SystemTable
{
    /// <summary>"IBI SYST".</summary>
    public const ulong TableSignature = 0x5453_5953_2049_4249;

    public TableHeader Hdr;
    public char* FirmwareVendor;
    public uint FirmwareRevision;
    public Handle ConsoleInHandle;
    public SimpleTextInput* ConIn;
    public Handle ConsoleOutHandle;
    public SimpleTextOutput* ConOut;
    public Handle StandardErrorHandle;
    public SimpleTextOutput* StdErr;
    public RuntimeServices* RuntimeServices;
    public BootServices* BootServices;
    public nuint NumberOfTableEntries;
    public ConfigurationTable* ConfigurationTable;
}
