using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>How a function can be reset.</summary>
internal enum FakeReset
{
    None,
    Express,
    Advanced,
}

/// <summary>A PCI function with its protocol, and a driver that takes it unless its last user has left it unusable.</summary>
internal sealed unsafe class FakePciFunction
{
    private const int Express = 0x50;
    private const int Advanced = 0x60;
    private static readonly Dictionary<ulong, FakePciFunction> s_functions = [];

    private readonly FakeFirmware _firmware;
    private readonly FakeReset _reset;
    private ulong _thereAt;

    public FakePciFunction(FakeFirmware firmware, int bus, uint classCode, FakeReset reset = FakeReset.None)
    {
        _firmware = firmware;
        _reset = reset;
        Bus = bus;
        BitConverter.TryWriteBytes(Configuration.AsSpan(0), 0x5678_1AF4u);
        BitConverter.TryWriteBytes(Configuration.AsSpan(8), classCode << 8);
        BitConverter.TryWriteBytes(Configuration.AsSpan(4), (ushort)0x0407);
        BitConverter.TryWriteBytes(Configuration.AsSpan(0x10), 0xC000_0000u);
        BitConverter.TryWriteBytes(Configuration.AsSpan(0x24), 0xC100_0000u);
        if (reset != FakeReset.None)
        {
            (Configuration[6], Configuration[0x34]) = (0x10, (byte)Express);
            (Configuration[Express], Configuration[Express + 1], Configuration[Express + 8]) = (0x10, (byte)Advanced, 0x36);
            (Configuration[Advanced], Configuration[Advanced + 2]) = (0x13, 6);
            Configuration[Express + 7] = (byte)(reset == FakeReset.Express ? 0x10 : 0);
            Configuration[Advanced + 3] = (byte)(reset == FakeReset.Advanced ? 3 : 0);
        }

        var io = firmware.Make<PciIo>();
        io->PciRead = &Read;
        io->PciWrite = &Write;
        io->GetLocation = &Locate;
        s_functions[(ulong)io] = this;
        Handle = (ulong)firmware.Install(PciIo.Protocol, io).Value;
        Expected = [.. Configuration];
    }

    public ulong Handle { get; }

    public int Bus { get; }

    public byte[] Configuration { get; } = new byte[256];

    /// <summary>As the firmware has set it up.</summary>
    public byte[] Expected { get; }

    /// <summary>No driver can start on it before it is reset.</summary>
    public bool IsWedged { get; set; }

    public int Resets { get; private set; }

    /// <summary>Functions on the bus below, for a bridge.</summary>
    public List<FakePciFunction> Below { get; } = [];

    /// <summary>How long it does not answer after a reset, in microseconds.</summary>
    public ulong Absence { get; set; } = 50_000;

    public bool HasDriver =>
        _firmware.Handles.Opens(Handle, PciIo.Protocol)!.Any(open => open.Attributes == OpenProtocolAttributes.ByDriver);

    /// <summary>Makes it a bridge.</summary>
    public FakePciFunction Over(FakePciFunction below)
    {
        Below.Add(below);
        (Configuration[0x0E], Configuration[0x19]) = (1, (byte)below.Bus);
        return this;
    }

    private void Reset()
    {
        Resets++;
        IsWedged = false;
        _thereAt = _firmware.Stalled + Absence;
        Configuration.AsSpan(4, 2).Clear();
        Configuration.AsSpan(0x10, 0x18).Clear();
        if (_reset != FakeReset.None)
            Configuration.AsSpan(Express + 8, 2).Clear();
    }

    private void Written(int offset)
    {
        if (_reset == FakeReset.Express && offset == Express + 8 && (Configuration[Express + 9] & 0x80) != 0)
            Reset();
        if (_reset == FakeReset.Advanced && offset == Advanced + 4 && (Configuration[Advanced + 4] & 1) != 0)
            Reset();
        if (offset == 0x3E && (Configuration[0x3E] & 0x40) != 0)
            Below.ForEach(function => function.Reset());
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Read(PciIo* self, PciWidth width, uint offset, nuint count, void* buffer)
    {
        FakePciFunction function = s_functions[(ulong)self];
        var target = new Span<byte>(buffer, (int)count << (int)width);
        function.Configuration.AsSpan((int)offset, target.Length).CopyTo(target);
        if (function._firmware.Stalled < function._thereAt)
            target.Fill(0xFF);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Write(PciIo* self, PciWidth width, uint offset, nuint count, void* buffer)
    {
        FakePciFunction function = s_functions[(ulong)self];
        if (function._firmware.Stalled >= function._thereAt)
            new Span<byte>(buffer, (int)count << (int)width).CopyTo(function.Configuration.AsSpan((int)offset));
        function.Written((int)offset);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Locate(PciIo* self, nuint* segment, nuint* bus, nuint* device, nuint* function)
    {
        (*segment, *bus, *device, *function) = (0, (nuint)s_functions[(ulong)self].Bus, 0, 0);
        return EfiStatus.Success;
    }
}
