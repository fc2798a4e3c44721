using System;
using System.Collections.Generic;
using System.Numerics;
using Switcher.Hv.Devices;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// A local APIC: APM vol. 2, 16.3.2. Registers by their offset in the APIC page; what is pending and in service as 256 bits each.
/// </summary>
internal sealed class FakeLocalApic
{
    private const uint Version = 0x30;
    private const uint Masked = 1 << 16;
    private readonly FakeMachine _machine;
    private readonly FakeCpu _cpu;
    private readonly Dictionary<uint, uint> _registers = [];

    public FakeLocalApic(FakeMachine machine, FakeCpu cpu)
    {
        _machine = machine;
        _cpu = cpu;
        foreach (uint lvt in LocalVectors)
            _registers[lvt] = Masked;
        _registers[ApicRegister.SpuriousVector] = 0xFF;
        _registers[ApicRegister.DestinationFormat] = 0xFFFF_FFFF;
    }

    /// <summary>The local vector table.</summary>
    public static IReadOnlyList<uint> LocalVectors { get; } =
    [
        ApicRegister.LvtTimer, ApicRegister.LvtThermal, ApicRegister.LvtPerformance, ApicRegister.LvtLint0, ApicRegister.LvtLint1,
        ApicRegister.LvtError,
    ];

    /// <summary>IRR: vectors that wait for this CPU.</summary>
    public SortedSet<byte> Pending { get; } = [];

    /// <summary>ISR: vectors that this CPU has taken and not ended.</summary>
    public SortedSet<byte> InService { get; } = [];

    /// <summary>
    /// Interprocessor interrupts sent from here, as the 64 bits of the interrupt command register (destination in bits 63:32).
    /// </summary>
    public List<ulong> Sent { get; } = [];

    /// <summary>Register writes in order, apart from those of the interrupt command.</summary>
    public List<(uint Register, uint Value)> Writes { get; } = [];

    public bool IsX2Apic => (_cpu.Msrs.ApicBase & ApicBase.X2ApicEnable) != 0;

    public bool IsTimerArmed => this[ApicRegister.TimerInitialCount] != 0 && (this[ApicRegister.LvtTimer] & Masked) == 0;

    /// <summary>A register as it is, without the side effects of reading and writing.</summary>
    public uint this[uint register]
    {
        get => register switch
        {
            ApicRegister.Id => IsX2Apic ? _cpu.ApicId : _cpu.ApicId << 24,
            Version => 0x0005_0014,
            ApicRegister.LogicalDestination when IsX2Apic => ((_cpu.ApicId >> 4) << 16) | (1u << (int)(_cpu.ApicId & 0xF)),
            >= ApicRegister.InService and < ApicRegister.InService + 0x80 => Bits(InService, register),
            >= 0x200 and < 0x280 => Bits(Pending, register),
            _ => _registers.GetValueOrDefault(register),
        };
        set => _registers[register] = value;
    }

    /// <summary>A write through the page or an MSR; false where x2APIC mode answers #GP.</summary>
    public bool TryWrite(uint register, ulong value)
    {
        if (register == ApicRegister.InterruptCommandLow)
        {
            ulong high = IsX2Apic ? value >> 32 : this[ApicRegister.InterruptCommandHigh] >> 24;
            this[register] = (uint)value;
            Sent.Add((high << 32) | (uint)value);
            _machine.Deliver(_cpu, (uint)value, (uint)high);
            return true;
        }
        if (IsX2Apic && (value > uint.MaxValue || register is ApicRegister.Id or Version or ApicRegister.LogicalDestination
            or ApicRegister.DestinationFormat or ApicRegister.InterruptCommandHigh
                || (register == ApicRegister.EndOfInterrupt && value != 0)))
            return false;
        if (register is >= 0x100 and < 0x280 or ApicRegister.Id or Version)
            return !IsX2Apic;
        Writes.Add((register, (uint)value));
        if (register == ApicRegister.EndOfInterrupt)
            InService.Remove(InService.Max);
        else
            this[register] = (uint)value;
        return true;
    }

    /// <summary>
    /// The host opens its interrupt flag: its handlers take and end what has a higher priority than what is in service and than TPR.
    /// </summary>
    public void TakeAllInterrupts()
    {
        int threshold = (int)(this[ApicRegister.TaskPriority] >> 4);
        if (InService.Count != 0)
            threshold = Math.Max(threshold, InService.Max >> 4);
        Pending.RemoveWhere(vector => vector >> 4 > threshold);
    }

    /// <summary>
    /// True if nothing that software set up here can interrupt the CPU, apart from the two pins of the virtual-wire mode on the boot CPU.
    /// </summary>
    public bool IsQuiet(bool allowsVirtualWire)
    {
        if (Pending.Count != 0 || InService.Count != 0 || this[ApicRegister.TaskPriority] != 0 || this[ApicRegister.TimerInitialCount] != 0)
            return false;
        foreach (uint lvt in LocalVectors)
        {
            bool isVirtualWire = (lvt == ApicRegister.LvtLint0 && this[lvt] == 0x700)
                || (lvt == ApicRegister.LvtLint1 && this[lvt] == 0x400);
            if ((this[lvt] & Masked) == 0 && !(allowsVirtualWire && isVirtualWire))
                return false;
        }
        return true;
    }

    private static uint Bits(SortedSet<byte> vectors, uint register)
    {
        uint bits = 0;
        foreach (byte vector in vectors)
        {
            if (vector >> 5 == ((register >> 4) & 7))
                bits |= BitOperations.RotateLeft(1u, vector & 31);
        }
        return bits;
    }
}
