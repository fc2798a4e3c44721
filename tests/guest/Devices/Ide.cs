using System;
using System.Threading;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>
/// Reads one sector of the primary master by bus-master DMA: "Programming Interface for Bus Master IDE Controller", revision 1.0.
/// </summary>
internal static unsafe class Ide
{
    private const uint Bar4 = 0x20;
    private const ushort SectorCount = 0x1F2;
    private const ushort LbaLow = 0x1F3;
    private const ushort LbaMiddle = 0x1F4;
    private const ushort LbaHigh = 0x1F5;
    private const ushort Drive = 0x1F6;
    private const ushort CommandOrStatus = 0x1F7;
    private const ushort Control = 0x3F6;
    private const byte Busy = 0x80;
    private const byte Ready = 0x40;
    private const uint Patience = 10_000;

    private static ulong s_page;

    /// <summary>Reads a sector of the first disk.</summary>
    /// <returns>False if there is no disk, or it did not answer.</returns>
    public static bool TryRead(uint function, uint sector, ulong destination)
    {
        const byte master = 0xE0;
        const byte readDma = 0xC8;
        const byte noInterrupt = 2;
        const byte fromDevice = 8;
        const byte start = 1;
        const byte interruptAndError = 6;
        const byte error = 1;
        const uint lastRegion = 0x8000_0000;
        if (s_page == 0)
            s_page = Arena.Take(1);
        Pci.Enable(function);
        ushort registers = (ushort)(Pci.Read(function, Bar4) & 0xFFF0);
        if (registers == 0 || Instructions.In8(CommandOrStatus) == 0xFF)
            return false;
        ((uint*)s_page)[0] = (uint)destination;
        ((uint*)s_page)[1] = lastRegion | Disk.SectorSize;
        Instructions.Out8(Control, noInterrupt);
        Instructions.Out8(Drive, master);
        if (!Await(CommandOrStatus, Busy | Ready, Ready))
            return false;
        Instructions.Out8(registers, 0);
        Instructions.Out8((ushort)(registers + 2), interruptAndError);
        Instructions.Out32((ushort)(registers + 4), (uint)s_page);
        Instructions.Out8(SectorCount, 1);
        Instructions.Out8(LbaLow, (byte)sector);
        Instructions.Out8(LbaMiddle, (byte)(sector >> 8));
        Instructions.Out8(LbaHigh, (byte)(sector >> 16));
        Instructions.Out8(CommandOrStatus, readDma);
        Instructions.Out8(registers, fromDevice);
        Instructions.Out8(registers, fromDevice | start);
        bool isDone = AwaitChange(destination) && Await(CommandOrStatus, Busy | Ready, Ready);
        Instructions.Out8(registers, 0);
        return isDone && (Instructions.In8(CommandOrStatus) & error) == 0;
    }

    /// <summary>The caller has filled the destination with something that no sector is full of.</summary>
    private static bool AwaitChange(ulong destination)
    {
        ulong before = Volatile.Read(ref *(ulong*)destination);
        Deadline deadline = Deadline.After(Patience);
        while (Volatile.Read(ref *(ulong*)destination) == before)
        {
            if (deadline.IsOver())
                return false;
        }

        return true;
    }

    private static bool Await(ushort port, byte bits, byte value)
    {
        Deadline deadline = Deadline.After(Patience);
        while ((Instructions.In8(port) & bits) != value)
        {
            if (deadline.IsOver())
                return false;
        }

        return true;
    }
}
