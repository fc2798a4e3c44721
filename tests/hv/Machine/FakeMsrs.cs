using System.Collections.Generic;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The model-specific registers of one CPU. Those that are not in it answer #GP.</summary>
internal sealed class FakeMsrs
{
    private readonly FakeCpu _cpu;
    private readonly Dictionary<uint, ulong> _values = new()
    {
        [Msr.SpecCtrl] = 0,
        [Msr.DebugCtl] = 0,
        [Msr.MtrrCap] = 0x508,
        [Msr.MtrrPhysBase0] = 0,
        [Msr.MtrrDefType] = 0xC06,
        [Msr.Pat] = Msr.PatAfterReset,
        [Msr.Xss] = 0,
        [Msr.Efer] = 0xD00,
        [Msr.TscAux] = 0,
        [Msr.VmCr] = 0,
        [Msr.VmHsavePa] = 0,
    };

    public FakeMsrs(FakeCpu cpu, string? vmxModel)
    {
        _cpu = cpu;
        if (vmxModel is not null)
        {
            foreach ((uint register, ulong value) in VmxModels.Of(vmxModel))
                _values[register] = value;
            foreach (uint register in new[] { Msr.Star, Msr.LStar, Msr.CStar, Msr.SfMask, Msr.KernelGsBase })
                _values[register] = 0;
        }
        ApicBase = FakeMachine.LocalApicBase | Switcher.Hv.Devices.ApicBase.Enable
            | (cpu.Index == 0 ? Switcher.Hv.Devices.ApicBase.BootCpu : 0);
    }

    /// <summary>IA32_APIC_BASE.</summary>
    public ulong ApicBase { get; set; }

    /// <summary>Writes in order, refused ones left out.</summary>
    public List<(uint Register, ulong Value)> Writes { get; } = [];

    /// <summary>A register as it is; setting one makes it exist.</summary>
    public ulong this[uint register]
    {
        get => _values[register];
        set => _values[register] = value;
    }

    public void Remove(uint register) => _values.Remove(register);

    public bool TryRead(uint register, out ulong value)
    {
        if (register == Msr.ApicBase)
        {
            value = ApicBase;
            return true;
        }
        if (IsX2ApicRegister(register, out uint offset))
        {
            value = offset == ApicRegister.InterruptCommandLow ? 0 : _cpu.Apic[offset];
            return offset is not (ApicRegister.DestinationFormat or ApicRegister.InterruptCommandHigh);
        }
        return _values.TryGetValue(register, out value);
    }

    public bool TryWrite(uint register, ulong value)
    {
        bool isGood = IsX2ApicRegister(register, out uint offset) ? _cpu.Apic.TryWrite(offset, value)
            : register == Msr.ApicBase ? TryWriteApicBase(value)
            : register != Msr.MtrrCap && _values.ContainsKey(register);
        if (!isGood)
            return false;
        if (_values.ContainsKey(register))
            _values[register] = value;
        Writes.Add((register, value));
        return true;
    }

    private bool IsX2ApicRegister(uint register, out uint offset)
    {
        offset = (register - Msr.X2ApicFirst) << 4;
        return register is >= Msr.X2ApicFirst and < Msr.X2ApicFirst + 0x40 && _cpu.Apic.IsX2Apic;
    }

    /// <summary>SDM vol. 3, 11.12.5.1 x2APIC States: which mode may follow which.</summary>
    private bool TryWriteApicBase(ulong value)
    {
        const ulong Mode = Switcher.Hv.Devices.ApicBase.Enable | Switcher.Hv.Devices.ApicBase.X2ApicEnable;
        const ulong X2Apic = Mode;
        const ulong XApic = Switcher.Hv.Devices.ApicBase.Enable;
        ulong from = ApicBase & Mode;
        ulong to = value & Mode;
        bool isAllowed = to != Switcher.Hv.Devices.ApicBase.X2ApicEnable
            && !(from == X2Apic && to == XApic) && !(from == 0 && to == X2Apic);
        if (isAllowed)
            ApicBase = value;
        return isAllowed;
    }
}
