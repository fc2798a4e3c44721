using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>The firmware, as long as it is there.</summary>
internal static unsafe class Firmware
{
    private static Handle s_image;
    private static SystemTable* s_table;

    public static BootServices* Services => s_table->BootServices;

    /// <summary>Also in the run phase.</summary>
    public static RuntimeServices* Runtime => s_table->RuntimeServices;

    /// <summary>The pages that this program was loaded to.</summary>
    public static MemoryRange ImageRange { get; private set; }

    /// <summary>Address of the RSDP, 0 if the firmware names none.</summary>
    public static ulong Rsdp { get; private set; }

    public static void Start(Handle image, SystemTable* table)
    {
        s_image = image;
        s_table = table;
        Guid protocol = LoadedImage.Protocol;
        LoadedImage* loaded;
        if (!Services->HandleProtocol(image, &protocol, (void**)&loaded).IsError)
        {
            ulong pages = (loaded->ImageSize + MemoryDescriptor.PageSize - 1) / MemoryDescriptor.PageSize;
            ImageRange = new MemoryRange((ulong)loaded->ImageBase, pages * MemoryDescriptor.PageSize);
            Options.Read(loaded);
        }

        Rsdp = FindTable(ConfigurationTable.Acpi20);
        if (Rsdp == 0)
            Rsdp = FindTable(ConfigurationTable.Acpi10);
    }

    /// <summary>Pages below 4 GiB that survive the firmware.</summary>
    public static bool TryAllocate(ulong pages, out ulong address)
    {
        ulong place = uint.MaxValue;
        EfiStatus status = Services->AllocatePages(AllocateType.MaxAddress, MemoryType.LoaderData, (nuint)pages, &place);
        address = place;
        return !status.IsError;
    }

    /// <summary>Never comes back, and has the firmware reset the machine for that.</summary>
    public static void WaitForWatchdog(nuint seconds)
    {
        Services->SetWatchdogTimer(seconds, 0, 0, null);
        while (true)
            Instructions.Pause();
    }

    /// <summary>
    /// UEFI 2.10, section 7.4.6 "ExitBootServices()": an outdated key is an error, and calls for a fresh map and another try. The first key
    /// is a wrong one on purpose.
    /// </summary>
    /// <returns>How many calls it took; 0 if it did not work.</returns>
    public static int Exit()
    {
        const int mostTries = 8;
        const nuint wrong = 0x5A5A;
        for (int i = 1; i <= mostTries; i++)
        {
            if (!MemoryMap.Read(Services, out nuint key))
                return 0;
            EfiStatus status = Services->ExitBootServices(s_image, i == 1 ? key ^ wrong : key);
            if (!status.IsError)
                return i;
        }

        return 0;
    }

    private static ulong FindTable(Guid id)
    {
        for (nuint i = 0; i < s_table->NumberOfTableEntries; i++)
        {
            if (s_table->ConfigurationTable[i].VendorGuid == id)
                return (ulong)s_table->ConfigurationTable[i].VendorTable;
        }

        return 0;
    }
}
