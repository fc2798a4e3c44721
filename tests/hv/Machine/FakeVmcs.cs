using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>One VMCS: values by their fields' encodings. Only fields that the hypervisor declares exist.</summary>
internal sealed class FakeVmcs
{
    private const uint Valid = 1u << 31;
    private readonly Dictionary<uint, ulong> _values = [];

    public bool IsLaunched { get; set; }

    public VmxExitReason ExitReason => (VmxExitReason)Read(VmcsExit.Reason.Encoding);

    /// <summary>VMREAD.</summary>
    public ulong Read(uint encoding)
    {
        Demand(VmcsFields.All.ContainsKey(encoding), encoding, "does not exist");
        return _values.GetValueOrDefault(encoding);
    }

    /// <summary>VMWRITE.</summary>
    public void Write(uint encoding, ulong value)
    {
        Demand(VmcsFields.All.ContainsKey(encoding), encoding, "does not exist");
        Demand(!VmcsFields.All[encoding].IsReadOnly, encoding, "cannot be written");
        int width = (encoding >> 13 & 3) switch { 0 => 16, 2 => 32, _ => 64 };
        Demand(width == 64 || value >> width == 0, encoding, "is not so wide");
        _values[encoding] = value;
    }

    public T Get<T>(VmcsField<T> field)
        where T : unmanaged
    {
        ulong value = _values.GetValueOrDefault(field.Encoding);
        return Unsafe.As<ulong, T>(ref value);
    }

    public void Set<T>(VmcsField<T> field, T value)
        where T : unmanaged
        => _values[field.Encoding] = Widen(value);

    public void Set(VmcsField<nuint> field, ulong value) => _values[field.Encoding] = value;

    public T Get<T>(VmcsInformation<T> field)
        where T : unmanaged
    {
        ulong value = _values.GetValueOrDefault(field.Encoding);
        return Unsafe.As<ulong, T>(ref value);
    }

    public void Set<T>(VmcsInformation<T> field, T value)
        where T : unmanaged
        => _values[field.Encoding] = Widen(value);

    /// <summary>What the CPU records at an exit: SDM vol. 3, 28.2. An exit takes the event to inject away.</summary>
    /// <param name="length">Bytes of the instruction that exits, 0 if it is no instruction.</param>
    public void SetExit(uint reason, ulong qualification, int length)
    {
        Set(VmcsExit.Reason, reason);
        Set(VmcsExit.Qualification, (nuint)qualification);
        Set(VmcsExit.InstructionLength, (uint)length);
        Set(VmcsExit.IdtVectoringInformation, 0u);
        Set(VmcsControl.EntryInterruptionInformation, Get(VmcsControl.EntryInterruptionInformation) & ~Valid);
    }

    private static ulong Widen<T>(T value)
        where T : unmanaged
    {
        ulong wide = 0;
        Unsafe.As<ulong, T>(ref wide) = value;
        return wide;
    }

    private static void Demand(bool isGood, uint encoding, string what)
    {
        if (!isGood)
            throw new InvalidOperationException($"the VMCS field 0x{encoding:x} {what}");
    }
}
