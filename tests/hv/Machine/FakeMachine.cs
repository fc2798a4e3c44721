using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// A whole machine in memory under the real hypervisor code: CPUs, RAM, devices. Only <c>VMRUN</c> is played by the test, which does what a
/// guest would (<see cref="GuestCode"/>). Nothing happens by itself: every CPU stands until the test lets it go on, so each run with the
/// same events is the same.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    public const ulong LocalApicBase = 0xFEE0_0000;
    public const ulong HpetBase = 0xFED0_0000;
    public const ushort ResetPort = 0xB2;
    public const byte ResetValue = 0xE7;
    public const ulong TimestampFrequency = 1_000_000;
    private const ulong TicksPerRead = 1000;
    private const ulong PageMask = 0xFFF;

    [ThreadStatic]
    private static FakeMachine? s_machine;

    [ThreadStatic]
    private static FakeCpu? s_cpu;

    public HypervisorState Hypervisor;
    private ulong _timestamp;

    public FakeMachine(MachineOptions? options = null)
    {
        Options = options ?? new MachineOptions();
        Power = Describe(Options);
        Ports = new FakePorts(Pci);
        Legacy = new FakeLegacyDevices(this);
        Acpi = new FakeAcpiHardware(this, Power);

        // Local APIC IDs are neither the CPUs' numbers nor without gaps.
        Cpus = Enumerable.Range(0, Options.Cpus).Select(i => new FakeCpu(this, i, (uint)(2 * i))).ToArray();
        Bind(Cpus[0]);
        MachineMemory.Build(this);
    }

    /// <summary>The machine that the calling thread is part of.</summary>
    public static FakeMachine Current => s_machine ?? throw new InvalidOperationException("this test has no machine");

    public MachineOptions Options { get; }

    public PowerManagement Power { get; }

    public FakeRam Ram { get; } = new();

    public FakePci Pci { get; } = new();

    public FakePorts Ports { get; }

    public FakeCpuid Cpuid { get; } = new();

    public FakeLegacyDevices Legacy { get; }

    public FakeAcpiHardware Acpi { get; }

    public FakeHpet Hpet { get; } = new();

    public IReadOnlyDictionary<ulong, FakeIoApic> IoApics { get; } = new Dictionary<ulong, FakeIoApic>
    {
        [0xFEC0_0000] = new(),
        [0xFEC1_0000] = new(),
    };

    public IReadOnlyList<FakeCpu> Cpus { get; }

    /// <summary>Lines of the log without their line feeds.</summary>
    public List<string> Log { get; } = [];

    public MachineEnd End { get; private set; }

    public bool HasNextRipSave => Options.HasNextRipSave;

    /// <summary>Called at every entry of a CPU into its guest.</summary>
    public Action<FakeCpu>? Entered { get; set; }

    /// <summary>Called at every access to memory, ports and devices, in the middle of it.</summary>
    public Action? Touched { get; set; }

    /// <summary>The CPU for which the calling thread runs: its own on a CPU's thread, the boot CPU on the test's.</summary>
    public FakeCpu ExecutingCpu => s_cpu!;

    /// <summary>The guest that has the machine, counted from 0.</summary>
    public int ActiveGuest => Switcher.Hv.State.Domain.GuestOf(Hypervisor.ActiveDomain);

    public DomainPhase[] GuestPhases => Enumerable.Range(0, Options.Guests).Select(i => Guest(i).Phase).ToArray();

    public ref Domain Domain(int index) => ref Hypervisor.Domains.At<FakePlatform>(index);

    public ref Domain Guest(int index) => ref Domain(Switcher.Hv.State.Domain.OfGuest(index));

    /// <summary>From now on the calling thread is a CPU of this machine.</summary>
    public void Bind(FakeCpu cpu)
    {
        s_machine = this;
        s_cpu = cpu;
    }

    /// <summary>Does something on behalf of one CPU and goes on on behalf of the one before.</summary>
    public void BindWhile(FakeCpu cpu, Action action)
    {
        FakeCpu before = ExecutingCpu;
        Bind(cpu);
        action();
        Bind(before);
    }

    public ulong ReadTimestamp() => _timestamp += TicksPerRead;

    /// <summary>Lets time pass, in ticks.</summary>
    public void Advance(ulong ticks) => _timestamp += ticks;

    /// <summary>The counter, without the time that reading it takes.</summary>
    public ulong Now => _timestamp;

    public void AddToLog(string line)
    {
        if (!line.EndsWith('\n') || line.Count(c => c == '\n') != 1)
            throw new InvalidOperationException($"not one line: {line}");
        Log.Add(line[..^1]);
    }

    /// <summary>Power goes, or the machine resets: the calling CPU goes no further.</summary>
    public void Stop(MachineEnd end)
    {
        End = end;
        throw new MachineEndedException();
    }

    public void NoteEntry(FakeCpu cpu) => Entered?.Invoke(cpu);

    public ulong ReadDevice(FakeCpu cpu, ulong address, int size)
    {
        ulong offset = address & PageMask;
        ulong value = ulong.MaxValue;
        if (address - offset == LocalApicBase && IsApicInPage(cpu))
            value = cpu.Apic[(uint)offset];
        else if (address - offset == HpetBase)
            value = Hpet[(uint)offset];
        else if (IoApics.TryGetValue(address - offset, out FakeIoApic? ioApic))
            value = ioApic.Read((uint)offset);
        return size == 8 ? value : value & ((1UL << (8 * size)) - 1);
    }

    public void WriteDevice(FakeCpu cpu, ulong address, ulong value, int size)
    {
        ulong offset = address & PageMask;
        if (size != 4)
            throw new InvalidOperationException($"a device register written with {size} bytes");
        if (address - offset == LocalApicBase && IsApicInPage(cpu))
            cpu.Apic.TryWrite((uint)offset, value);
        else if (address - offset == HpetBase)
            Hpet[(uint)offset] = (uint)value;
        else if (IoApics.TryGetValue(address - offset, out FakeIoApic? ioApic))
            ioApic.Write((uint)offset, (uint)value);
    }

    /// <summary>An interprocessor interrupt: APM vol. 2, 16.5.</summary>
    public void Deliver(FakeCpu sender, uint command, uint destination)
    {
        const uint Nmi = 4;
        const uint Init = 5;
        const uint Startup = 6;
        uint mode = (command >> 8) & 7;
        if (mode is Init or Startup && Options.VmxModel is null)
            throw new InvalidOperationException("a real INIT or start-up interrupt takes its target out of the hypervisor");
        foreach (FakeCpu target in Cpus.Where(cpu => IsAddressed(sender, cpu, command, destination)))
        {
            if (mode == Nmi)
                target.IsNmiPending = true;
            else if (mode == Init)
                target.Vmx.ReceiveInit(command);
            else if (mode == Startup)
                target.Vmx.ReceiveStartup((byte)command);
            else
                target.Apic.Pending.Add((byte)command);
        }
    }

    /// <summary>A system-management interrupt for all CPUs. On VMX there is nothing to see of it.</summary>
    public void RaiseSmi()
    {
        foreach (FakeCpu cpu in Cpus)
            cpu.IsSmiPending = !cpu.HasVmx;
    }

    public void Dispose()
    {
        foreach (FakeCpu cpu in Cpus)
            cpu.Dispose();
        s_machine = null;
        s_cpu = null;
    }

    private static bool IsApicInPage(FakeCpu cpu)
        => (cpu.Msrs.ApicBase & (ApicBase.Enable | ApicBase.X2ApicEnable)) == ApicBase.Enable;

    private static bool IsAddressed(FakeCpu sender, FakeCpu target, uint command, uint destination) => ((command >> 18) & 3) switch
    {
        0 when (command & (1 << 11)) == 0 => destination == target.ApicId || destination == (target.Apic.IsX2Apic ? uint.MaxValue : 0xFF),
        0 => ((target.Apic[ApicRegister.LogicalDestination] >> 24) & destination) != 0,
        1 => sender == target,
        2 => true,
        _ => sender != target,
    };

    private static PowerManagement Describe(MachineOptions options) => new()
    {
        Pm1aEvent = 0x600,
        Pm1bEvent = options.HasPm1b ? (ushort)0x610 : (ushort)0,
        Pm1EventLength = 4,
        Pm1aControl = 0x604,
        Pm1bControl = options.HasPm1b ? (ushort)0x614 : (ushort)0,
        Gpe0 = 0x620,
        Gpe0Length = 4,
        ResetPort = ResetPort,
        ResetValue = ResetValue,
        S3 = options.HasTypesInPm1bOnly ? Type(0, 5) : Type(5, 3),
        S4 = options.HasTypesInPm1bOnly ? Type(0, 6) : Type(6, 6),
        S5 = options.HasTypesInPm1bOnly ? Type(0, 7) : Type(7, 2),
    };

    private static SleepType Type(byte a, byte b) => new() { IsPresent = true, A = a, B = b };
}
