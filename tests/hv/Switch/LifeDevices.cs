using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Switch;

/// <summary>The devices of a <see cref="GuestLife"/>: what guests make of them, and what wakes the machine.</summary>
internal static class LifeDevices
{
    /// <summary>The ways of resetting a PC.</summary>
    public static readonly (int Port, byte Value)[] Resets =
    [
        (0xCF9, 0x06), (0xCF9, 0x0E), (0x64, 0xFE), (0x92, 0x01), (FakeMachine.ResetPort, FakeMachine.ResetValue),
    ];

    public static void Add(FakeMachine machine)
    {
        machine.Pci.Add(new FakePciFunction(null, 0, 0, 0x0600, isBridge: false));
        machine.Pci.Add(new FakePciFunction(null, 2, 0, 0x0200, isBridge: false));
        FakePciFunction bridge = machine.Pci.Add(new FakePciFunction(null, 3, 0, 0x0604, isBridge: true));
        bridge.Set(0x18, 4, 0x0001_0100);
        machine.Pci.Add(new FakePciFunction(bridge, 0, 0, 0x0108, isBridge: false));
    }

    /// <summary>A guest's drivers at work: anything enabled, in service or pending.</summary>
    public static void Use(FakeMachine machine, Random random)
    {
        foreach (FakePciFunction function in machine.Pci.Functions)
        {
            if (random.Next(2) == 0)
                function.StartDevice();
            if (!function.IsBridge && random.Next(4) == 0)
                function.SetPowerState(3);
        }
        foreach (FakeIoApic ioApic in machine.IoApics.Values)
            ioApic.Entries[random.Next(24)] = (ulong)random.NextInt64() & ~0x1_0000UL;
        machine.Hpet[0x100] |= 4;
        machine.Legacy.MasterPic.Mask = (byte)random.Next(256);
        machine.Legacy.SlavePic.InService = (byte)random.Next(256);
        machine.Legacy.IsCounterRunning = true;
        machine.Legacy.ClockControl = (byte)(random.Next(8) << 4);
        machine.Acpi.Enable = (ushort)(random.Next(8) << 8);
        machine.Acpi.GpeEnable[random.Next(2)] = (byte)random.Next(256);
        foreach (FakeCpu cpu in machine.Cpus)
        {
            // One that is in the hypervisor already cannot use its own any more.
            if (cpu.Wait != CpuWait.InGuest)
                continue;
            cpu.Apic.Pending.Add((byte)random.Next(0x20, 0x100));
            cpu.Apic.InService.Add((byte)random.Next(0x20, 0x100));
            cpu.Apic[ApicRegister.LvtTimer] = 0x2_00EC;
            cpu.Apic[ApicRegister.TimerInitialCount] = 1000;
            cpu.Msrs[Msr.TscAux] = (ulong)random.Next();
            cpu.IsExtendedStateInitial = false;
            cpu.AreDebugRegistersInitial = false;
        }
    }

    /// <summary>A system clears what is pending before it sleeps, or it would not sleep long.</summary>
    public static void ClearPending(FakeMachine machine)
    {
        machine.Acpi.Status = 0;
        machine.Acpi.GpeStatus.AsSpan().Clear();
        machine.Legacy.ClockFlags = 0;
        machine.Legacy.KeyboardStatus &= 0xFE;
    }

    /// <summary>Nothing that anybody enabled is left to interrupt a CPU or to reach memory.</summary>
    public static bool AreQuiet(FakeMachine machine)
    {
        bool isQuiet = machine.Legacy.IsQuiet && machine.Hpet.IsQuiet && machine.Acpi.IsQuiet;
        foreach (FakeIoApic ioApic in machine.IoApics.Values)
            isQuiet &= ioApic.IsQuiet;
        foreach (FakePciFunction function in machine.Pci.Functions)
            isQuiet &= function.IsSilent || (function.Slot == 0 && function.Parent is null);
        foreach (FakeCpu cpu in machine.Cpus)
        {
            isQuiet &= cpu.Apic.IsQuiet(allowsVirtualWire: cpu.Index == 0) && cpu.Msrs[Msr.TscAux] == 0
                && cpu.IsExtendedStateInitial && cpu.AreDebugRegistersInitial;
        }
        return isQuiet;
    }

    /// <summary>Something that ends a sleep of this machine happens.</summary>
    /// <returns>The log's word for it, and the bits that the guest is to find beside WAK_STS.</returns>
    public static (string Reason, ushort Status) Wake(FakeMachine machine, uint value)
    {
        switch (value % 5)
        {
            case 1:
                machine.Legacy.KeyboardStatus |= 1;
                return ("key", 0);
            case 2 when (machine.Acpi.Enable & Pm1Event.Rtc) != 0:
                machine.Acpi.Status |= Pm1Event.Rtc;
                return ("rtc", Pm1Event.Rtc);
            case 3 when (machine.Legacy.ClockControl & 0x20) != 0:
                machine.Legacy.RingAlarm();
                return ("rtc", Pm1Event.Rtc);
            case 4 when machine.Acpi.GpeEnable[0] != 0:
                machine.Acpi.GpeStatus[0] = machine.Acpi.GpeEnable[0];
                return ("gpe", 0);
            default:
                machine.Acpi.Status |= Pm1Event.PowerButton;
                return ("power-button", Pm1Event.PowerButton);
        }
    }
}
