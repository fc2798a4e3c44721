using Switcher.Boot.Text;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>PCI functions through configuration mechanism #1: PCI Local Bus 3.0, 3.2.2.3.2 and 6.1.</summary>
internal static unsafe class Pci
{
    public const uint Command = 0x04;
    public const uint ClassCode = 0x08;
    public const uint Bar0 = 0x10;
    public const ushort BusMaster = 1 << 2;
    public const ushort MemorySpace = 1 << 1;
    private const uint SecondaryBus = 0x18;
    private const uint HeaderType = 0x0C;
    private const uint BridgeClass = 0x06;

    private const ushort AddressPort = 0xCF8;
    private const ushort DataPort = 0xCFC;
    private const int Most = 64;
    private const int Bars = 6;

    private static Table s_table;

    /// <summary>Number of functions found, bridges included.</summary>
    public static int Count { get; private set; }

    /// <summary>Address of a function: bus, device and function in bits 23:8, as the address port takes it.</summary>
    public static uint At(int index) => s_table.Functions[index];

    /// <summary>Finds all functions, and keeps what their base addresses are.</summary>
    public static void Find()
    {
        uint lastBus = 0;
        for (uint bus = 0; bus <= lastBus; bus++)
        {
            for (uint device = 0; device < 32; device++)
                FindFunctions((bus << 16) | (device << 11), ref lastBus);
        }
    }

    public static uint Read(uint function, uint offset)
    {
        Instructions.Out32(AddressPort, 0x8000_0000 | function | (offset & 0xFC));
        return Instructions.In32(DataPort);
    }

    public static void Write16(uint function, uint offset, ushort value)
    {
        Instructions.Out32(AddressPort, 0x8000_0000 | function | (offset & 0xFC));
        Instructions.Out16((ushort)(DataPort + (offset & 2)), value);
    }

    /// <summary>Base class, sub-class and programming interface, in bits 23:0.</summary>
    public static uint ClassOf(uint function) => Read(function, ClassCode) >> 8;

    /// <summary>Lets a function decode its registers and reach memory.</summary>
    public static void Enable(uint function)
        => Write16(function, Command, (ushort)(Read(function, Command) | BusMaster | MemorySpace | 1));

    /// <summary>Takes bus mastering from every function that is not a bridge.</summary>
    public static void DisableAll()
    {
        for (int i = 0; i < Count; i++)
        {
            uint command = Read(At(i), Command);
            if (!IsBridge(At(i)) && (command & BusMaster) != 0)
                Write16(At(i), Command, (ushort)(command & ~(uint)BusMaster));
        }
    }

    /// <summary>
    /// After a wake no device may reach memory before its driver says so, and a switch has not made one lose its addresses; a firmware may
    /// have. They are then written anew, as every system does.
    /// </summary>
    public static void RestoreAfterWake()
    {
        for (int i = 0; i < Count; i++)
        {
            if (IsBridge(At(i)))
                continue;
            uint command = Read(At(i), Command);
            if ((command & BusMaster) != 0 && Options.IsStateStrict)
                Complain("a device may do DMA after a wake"u8, At(i), command, 0);
            for (int bar = 0; bar < Bars; bar++)
                RestoreBaseAddress(At(i), Bar0 + (uint)(4 * bar), s_table.BaseAddresses[(i * Bars) + bar]);
        }
    }

    private static void RestoreBaseAddress(uint function, uint offset, uint expected)
    {
        uint found = Read(function, offset);
        if (found == expected)
            return;
        if (Options.IsStateStrict)
            Complain("a base address is not as before"u8, function, found, expected);
        Instructions.Out32(AddressPort, 0x8000_0000 | function | offset);
        Instructions.Out32(DataPort, expected);
    }

    private static bool IsBridge(uint function) => ClassOf(function) >> 16 == BridgeClass;

    private static void FindFunctions(uint device, ref uint lastBus)
    {
        const uint several = 1 << 23;
        for (uint number = 0; number < 8 && Count < Most; number++)
        {
            uint function = device | (number << 8);
            if (Read(function, 0) == uint.MaxValue)
            {
                if (number == 0)
                    return;
                continue;
            }

            Add(function);
            uint header = Read(function, HeaderType);
            bool isPciBridge = ((header >> 16) & 0x7F) == 1;
            uint subordinate = (Read(function, SecondaryBus) >> 16) & 0xFF;
            if (isPciBridge && subordinate > lastBus)
                lastBus = subordinate;
            if (number == 0 && (header & several) == 0)
                return;
        }
    }

    private static void Add(uint function)
    {
        for (uint bar = 0; bar < Bars; bar++)
            s_table.BaseAddresses[(Count * Bars) + (int)bar] = Read(function, Bar0 + (4 * bar));
        s_table.Functions[Count++] = function;
    }

    private static void Complain(System.ReadOnlySpan<byte> what, uint function, uint found, uint expected)
    {
        LogLine line = Report.BeginBad(what);
        line.Hex("function"u8, function >> 8);
        line.Hex("found"u8, found);
        line.Hex("expected"u8, expected);
        line.WriteTo<DebugPort>();
    }

    private struct Table
    {
        public fixed uint Functions[Most];
        public fixed uint BaseAddresses[Most * Bars];
    }
}
