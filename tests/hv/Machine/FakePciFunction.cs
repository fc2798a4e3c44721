using System;
using System.Buffers.Binary;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// One PCI function: PCI Local Bus 3.0, 6 Configuration Space, with the capabilities that the hypervisor acts upon. The state D3hot is left
/// with an internal reset, as where No_Soft_Reset is clear.
/// </summary>
internal sealed class FakePciFunction
{
    private const int PowerManagement = 0x40;
    private const int Msi = 0x50;
    private const int MsiX = 0x70;
    private readonly byte[] _bytes = new byte[256];
    private readonly byte[] _writable = new byte[256];

    /// <param name="parent">The bridge before it, or null on bus 0.</param>
    /// <param name="device">Its device number.</param>
    /// <param name="function">Its function number.</param>
    /// <param name="classCode">Base class and subclass.</param>
    /// <param name="isBridge">A PCI-to-PCI bridge.</param>
    /// <param name="hasCapabilities">Power management, MSI and MSI-X.</param>
    public FakePciFunction(FakePciFunction? parent, int device, int function, int classCode, bool isBridge, bool hasCapabilities = true)
    {
        Parent = parent;
        Slot = (device << 3) | function;
        IsBridge = isBridge;
        Set(0x00, 2, 0x1234);
        Set(0x02, 2, 0x5678);
        Set(0x0A, 2, classCode);
        _bytes[0x0E] = isBridge ? (byte)1 : (byte)0;
        Allow(0x04, 0x47, 0x05);
        Allow(0x0C, 0xFF, 0);
        Allow(0x3C, 0xFF, 0);
        if (isBridge)
            AllowBridge();
        else
            AllowEndpoint();
        if (hasCapabilities)
            AddCapabilities();
    }

    public FakePciFunction? Parent { get; }

    public int Slot { get; }

    public bool IsBridge { get; }

    public int PrimaryBus => _bytes[0x18];

    public int SecondaryBus => _bytes[0x19];

    public int PowerState => _bytes[PowerManagement + 4] & 3;

    public bool IsBusMaster => (Get(0x04, 2) & 4) != 0;

    public bool IsMsiEnabled => (Get(Msi + 2, 2) & 1) != 0;

    public bool IsMsiXEnabled => (Get(MsiX + 2, 2) & 0x8000) != 0;

    /// <summary>True if it can neither interrupt nor reach memory by itself.</summary>
    public bool IsSilent => (IsBridge || !IsBusMaster) && !IsMsiEnabled && !IsMsiXEnabled;

    public bool IsMultifunction
    {
        set => _bytes[0x0E] = (byte)((_bytes[0x0E] & 0x7F) | (value ? 0x80 : 0));
    }

    public byte[] Configuration => (byte[])_bytes.Clone();

    public uint Get(int offset, int size) => size switch
    {
        1 => _bytes[offset],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset)),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset)),
    };

    /// <summary>Changes configuration space as the hardware would, whatever software may write.</summary>
    public void Set(int offset, int size, long value)
    {
        for (int i = 0; i < size; i++)
            _bytes[offset + i] = (byte)(value >> (8 * i));
    }

    /// <summary>What a driver does: decoding, bus mastering and both kinds of message-signalled interrupts.</summary>
    public void StartDevice()
    {
        Set(0x04, 2, 7);
        if (_bytes[0x34] == 0)
            return;
        Set(Msi + 2, 2, Get(Msi + 2, 2) | 1);
        Set(MsiX + 2, 2, Get(MsiX + 2, 2) | 0x8000);
    }

    public void SetPowerState(int state) => Write(PowerManagement + 4, 1, (uint)state);

    public uint Read(int offset, int size) => Get(offset, size);

    public void Write(int offset, int size, uint value)
    {
        int before = PowerState;
        for (int i = 0; i < size; i++)
        {
            byte mask = _writable[offset + i];
            _bytes[offset + i] = (byte)((_bytes[offset + i] & ~mask) | ((byte)(value >> (8 * i)) & mask));
        }
        if (before == 3 && PowerState == 0)
            ResetInternally();
    }

    private void ResetInternally()
    {
        for (int offset = 0; offset < PowerManagement; offset++)
            _bytes[offset] &= (byte)~_writable[offset];
        Set(Msi + 2, 2, Get(Msi + 2, 2) & ~1L);
        Set(MsiX + 2, 2, Get(MsiX + 2, 2) & ~0x8000L);
    }

    private void Allow(int offset, byte low, byte high)
    {
        _writable[offset] = low;
        _writable[offset + 1] = high;
    }

    private void AllowEndpoint()
    {
        // Six memory windows of 4 KiB, and an expansion ROM.
        for (int bar = 0x10; bar <= 0x24; bar += 4)
            AllowWindow(bar, 0xFFFF_F000);
        AllowWindow(0x30, 0xFFFF_F801);
    }

    private void AllowBridge()
    {
        Allow(0x18, 0xFF, 0xFF);
        Allow(0x1A, 0xFF, 0xFF);
        Allow(0x1C, 0xF0, 0xF0);
        AllowWindow(0x20, 0xFFF0_FFF0);
        AllowWindow(0x24, 0xFFF0_FFF0);
        AllowWindow(0x28, 0xFFFF_FFFF);
        AllowWindow(0x2C, 0xFFFF_FFFF);
        AllowWindow(0x30, 0xFFFF_FFFF);
        _writable[0x3E] = 0x0F;
    }

    private void AllowWindow(int offset, uint mask) => BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset), mask);

    private void AddCapabilities()
    {
        _bytes[0x06] |= 0x10;
        _bytes[0x34] = PowerManagement;
        Set(PowerManagement, 2, 0x01 | (Msi << 8));
        _writable[PowerManagement + 4] = 0x03;
        Set(Msi, 2, 0x05 | (MsiX << 8));
        Allow(Msi + 2, 0x71, 0);
        Set(MsiX, 2, 0x11);
        Allow(MsiX + 2, 0, 0xC0);
    }
}
