using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>
/// Firmware that does what UEFI says and no more: a system table with boot services in C#, by C's calling convention, in memory that does
/// not move. One at a time, as on a machine.
/// </summary>
internal sealed unsafe partial class FakeFirmware
{
    private const int MaximumTables = 32;
    private const int Stride = 48;

    private static FakeFirmware? s_current;

    /// <param name="more">RAM that is only in the map: nobody may touch it.</param>
    public FakeFirmware(params (ulong Start, ulong Length)[] more)
    {
        PhysicalMemory.Map();
        s_current = this;
        const ulong PoolLength = 16UL << 20;
        Pages = new Pages(
            [
                (PhysicalMemory.HeapStart, PhysicalMemory.HeapLength - PoolLength),
                (PhysicalMemory.PartitionsStart, PhysicalMemory.Partitions * PhysicalMemory.PartitionLength),
                .. more,
            ],
            PhysicalMemory.HeapStart + PhysicalMemory.HeapLength - PoolLength, PoolLength);
        Table = Make<SystemTable>();
        Services = Make<BootServices>();
        Table->Hdr = new TableHeader { Signature = SystemTable.TableSignature, HeaderSize = (uint)sizeof(SystemTable) };
        Services->Hdr = new TableHeader { Signature = BootServices.TableSignature, HeaderSize = (uint)sizeof(BootServices) };
        Table->BootServices = Services;
        Table->RuntimeServices = Make<RuntimeServices>();
        Table->RuntimeServices->Hdr =
            new TableHeader
            {
                Signature = RuntimeServices.TableSignature,
                Revision = RuntimeServices.TableRevision,
                HeaderSize = (uint)sizeof(RuntimeServices),
            };
        Table->ConfigurationTable = (ConfigurationTable*)Pages.AllocatePool((ulong)(MaximumTables * sizeof(ConfigurationTable)));
        FillServices(Services);
        Table->ConOut = Make<SimpleTextOutput>();
        Table->ConIn = Make<SimpleTextInput>();
        FillConsole(Table->ConOut, Table->ConIn);
        FillRuntimeServices(Table->RuntimeServices);
        UpdateChecksum(&Table->RuntimeServices->Hdr);
        UpdateChecksum(&Services->Hdr);
        UpdateChecksum(&Table->Hdr);
    }

    public SystemTable* Table { get; }

    public BootServices* Services { get; }

    public Pages Pages { get; }

    public HandleDatabase Handles { get; } = new();

    public EventQueue Events { get; } = new();

    public VariableStore Variables { get; } = new();

    public Clock Clock { get; } = new();

    /// <summary>What an image does that the firmware itself has loaded.</summary>
    public Func<Handle, EfiStatus> StartedImage { get; set; } = _ => EfiStatus.Aborted;

    /// <summary>Microseconds that the machine was told to wait.</summary>
    public ulong Stalled { get; private set; }

    /// <summary>Drivers, where a test has some.</summary>
    public Action<ulong>? OnConnect { get; set; }

    public Action<ulong>? OnDisconnect { get; set; }

    /// <summary>What the watchdog was set to last; 0 is off.</summary>
    public ulong WatchdogSeconds { get; private set; }

    /// <summary>The real ExitBootServices has succeeded.</summary>
    public bool HasExited { get; private set; }

    /// <summary>How many times it was called.</summary>
    public int ExitCalls { get; private set; }

    /// <summary>All that a loader can change: two that are equal say that nothing is left of it.</summary>
    public string State => string.Join('\n',
        "handles", Handles.Contents, "events", Events.Contents, "tables", string.Join(' ', Tables()), "pages", Pages.Used,
        $"pool {Pages.PoolBlocks}, level {Events.Level}, services {(ulong)Table->BootServices:x}",
        $"checksums {IsIntact(&Table->Hdr)} {IsIntact(&Services->Hdr)}");

    /// <summary>Zeroed memory of the firmware's pool for a structure.</summary>
    public T* Make<T>()
        where T : unmanaged
    {
        var made = (T*)Pages.AllocatePool((ulong)sizeof(T));
        *made = default;
        return made;
    }

    /// <summary>Installs an interface on a new handle or one that there is.</summary>
    public Handle Install(Guid guid, void* @interface, Handle handle = default)
    {
        ulong value = (ulong)handle.Value;
        if (Handles.Install(ref value, guid, (ulong)@interface).IsError)
            throw new InvalidOperationException("the fake machine installs a protocol twice");
        return new Handle((void*)value);
    }

    public EfiStatus SetTable(Guid guid, ulong address)
    {
        int count = (int)Table->NumberOfTableEntries;
        int index = 0;
        while (index < count && Table->ConfigurationTable[index].VendorGuid != guid)
            index++;
        if (index == count && address == 0)
            return EfiStatus.NotFound;
        if (address != 0)
        {
            Table->ConfigurationTable[index] = new ConfigurationTable { VendorGuid = guid, VendorTable = (void*)address };
            if (index == count)
                Table->NumberOfTableEntries++;
        }
        else
        {
            for (int i = index + 1; i < count; i++)
                Table->ConfigurationTable[i - 1] = Table->ConfigurationTable[i];
            Table->NumberOfTableEntries--;
        }

        UpdateChecksum(&Table->Hdr);
        return EfiStatus.Success;
    }

    /// <summary>Whether a table's checksum is right.</summary>
    public static bool IsIntact(TableHeader* table)
    {
        uint found = table->Crc32;
        table->Crc32 = 0;
        uint right = Crc32((byte*)table, table->HeaderSize);
        table->Crc32 = found;
        return found == right;
    }

    private static void UpdateChecksum(TableHeader* table)
    {
        table->Crc32 = 0;
        table->Crc32 = Crc32((byte*)table, table->HeaderSize);
    }

    private static uint Crc32(byte* data, ulong length)
    {
        uint crc = ~0u;
        for (ulong i = 0; i < length; i++)
        {
            crc ^= data[i];
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1;
        }

        return ~crc;
    }

    private IEnumerable<string> Tables()
    {
        // By value: an order that changed is no trace.
        var found = new List<string>();
        for (nuint i = 0; i < Table->NumberOfTableEntries; i++)
            found.Add($"{Table->ConfigurationTable[i].VendorGuid}={(ulong)Table->ConfigurationTable[i].VendorTable:x}");
        return found.Order(StringComparer.Ordinal);
    }
}
