using System;

namespace Switcher.Tests.Guest.Devices;

/// <summary>Reads one sector through an AHCI controller, without interrupts: Serial ATA AHCI 1.3.1.</summary>
internal static unsafe class Ahci
{
    private const uint Bar5 = 0x24;
    private const uint GlobalControl = 0x04;
    private const uint PortsImplemented = 0x0C;
    private const uint FirstPort = 0x100;
    private const uint PortSize = 0x80;
    private const uint CommandList = 0x00;
    private const uint CommandListUpper = 0x04;
    private const uint Fis = 0x08;
    private const uint FisUpper = 0x0C;
    private const uint InterruptStatus = 0x10;
    private const uint Command = 0x18;
    private const uint TaskFile = 0x20;
    private const uint SataStatus = 0x28;
    private const uint SataError = 0x30;
    private const uint CommandIssue = 0x38;
    private const uint Patience = 10_000;

    // The page of one command: its list, the area for answers, its table.
    private const uint FisOffset = 0x400;
    private const uint TableOffset = 0x800;

    private static ulong s_page;

    /// <summary>Reads a sector of the first disk.</summary>
    /// <returns>False if there is no disk, or it did not answer.</returns>
    public static bool TryRead(uint function, ulong sector, ulong destination)
    {
        const uint ahciEnable = 1u << 31;
        const uint present = 3;
        if (s_page == 0)
            s_page = Arena.Take(1);
        Pci.Enable(function);
        ulong registers = Pci.Read(function, Bar5) & ~0xFu;
        *(uint*)(registers + GlobalControl) = ahciEnable;
        uint implemented = *(uint*)(registers + PortsImplemented);
        for (uint i = 0; i < 32; i++)
        {
            ulong port = registers + FirstPort + (i * PortSize);
            if ((implemented & (1u << (int)i)) != 0 && (*(uint*)(port + SataStatus) & 0xF) == present)
                return TryRead(port, sector, destination);
        }

        return false;
    }

    private static bool TryRead(ulong port, ulong sector, ulong destination)
    {
        const uint start = 1;
        const uint fisReceive = 1 << 4;
        const uint fisRunning = 1 << 14;
        const uint listRunning = 1 << 15;
        const uint busyOrRequest = 0x88;
        const uint error = 1;
        *(uint*)(port + Command) &= ~(start | fisReceive);
        if (!AwaitClear(port + Command, fisRunning | listRunning))
            return false;
        BuildCommand(sector, destination);
        *(uint*)(port + CommandList) = (uint)s_page;
        *(uint*)(port + CommandListUpper) = (uint)(s_page >> 32);
        *(uint*)(port + Fis) = (uint)s_page + FisOffset;
        *(uint*)(port + FisUpper) = (uint)(s_page >> 32);
        *(uint*)(port + SataError) = uint.MaxValue;
        *(uint*)(port + InterruptStatus) = uint.MaxValue;
        *(uint*)(port + Command) |= fisReceive;
        *(uint*)(port + Command) |= start;
        if (!AwaitClear(port + TaskFile, busyOrRequest))
            return false;
        *(uint*)(port + CommandIssue) = 1;
        bool isDone = AwaitClear(port + CommandIssue, 1) && (*(uint*)(port + TaskFile) & error) == 0;
        *(uint*)(port + Command) &= ~start;
        return isDone;
    }

    /// <summary>Section 4.2: one command header, a READ DMA EXT in its table, and one region of memory.</summary>
    private static void BuildCommand(ulong sector, ulong destination)
    {
        const byte hostToDevice = 0x27;
        const byte isCommand = 0x80;
        const byte readDmaExt = 0x25;
        const byte useLba = 0x40;
        const uint fisDoublewords = 5;
        const uint oneRegion = 1 << 16;
        new Span<byte>((void*)s_page, 4096).Clear();
        uint* header = (uint*)s_page;
        header[0] = fisDoublewords | oneRegion;
        header[2] = (uint)(s_page + TableOffset);
        header[3] = (uint)((s_page + TableOffset) >> 32);
        byte* fis = (byte*)(s_page + TableOffset);
        fis[0] = hostToDevice;
        fis[1] = isCommand;
        fis[2] = readDmaExt;
        fis[4] = (byte)sector;
        fis[5] = (byte)(sector >> 8);
        fis[6] = (byte)(sector >> 16);
        fis[7] = useLba;
        fis[8] = (byte)(sector >> 24);
        fis[12] = 1;
        uint* region = (uint*)(s_page + TableOffset + 0x80);
        region[0] = (uint)destination;
        region[1] = (uint)(destination >> 32);
        region[3] = Disk.SectorSize - 1;
    }

    private static bool AwaitClear(ulong register, uint bits)
    {
        Deadline deadline = Deadline.After(Patience);
        while ((System.Threading.Volatile.Read(ref *(uint*)register) & bits) != 0)
        {
            if (deadline.IsOver())
                return false;
        }

        return true;
    }
}
