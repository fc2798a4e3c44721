using System;
using System.Collections.Generic;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The I/O space of a <see cref="FakeMachine"/>. Ports where nothing is read as ones and swallow writes.</summary>
internal sealed class FakePorts
{
    private const ushort ConfigAddress = 0xCF8;
    private const ushort ConfigData = 0xCFC;
    private readonly Dictionary<ushort, (Func<byte> Read, Action<byte> Write)> _bytes = [];
    private readonly FakePci _pci;
    private uint _configAddress;

    public FakePorts(FakePci pci) => _pci = pci;

    /// <summary>Writes in order, as they reached the hardware.</summary>
    public List<(ushort Port, uint Value, int Size)> Writes { get; } = [];

    /// <summary>Puts a register of one byte at a port.</summary>
    public void Add(int port, Func<byte> read, Action<byte> write) => _bytes.Add((ushort)port, (read, write));

    public uint In(ushort port, int size)
    {
        if (port == ConfigAddress && size == 4)
            return _configAddress;
        if (port >= ConfigData && port + size <= ConfigData + 4)
            return _pci.Read(_configAddress, port - ConfigData, size);
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            uint read = _bytes.TryGetValue((ushort)(port + i), out (Func<byte> Read, Action<byte> Write) handler) ? handler.Read() : 0xFFu;
            value |= read << (8 * i);
        }
        return value;
    }

    public void Out(ushort port, uint value, int size)
    {
        Writes.Add((port, value, size));
        if (port == ConfigAddress && size == 4)
        {
            _configAddress = value;
        }
        else if (port >= ConfigData && port + size <= ConfigData + 4)
        {
            _pci.Write(_configAddress, port - ConfigData, size, value);
        }
        else
        {
            for (int i = 0; i < size; i++)
            {
                if (_bytes.TryGetValue((ushort)(port + i), out (Func<byte> Read, Action<byte> Write) handler))
                    handler.Write((byte)(value >> (8 * i)));
            }
        }
    }
}
