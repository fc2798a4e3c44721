using System;
using System.Linq;
using Switcher.Hv.Exits;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>Brings a <see cref="FakeMachine"/> through its life: launch, boot phase, run phase; and lets waiting CPUs go on.</summary>
internal static class MachineRun
{
    private const int MostResumptions = 20_000;

    /// <summary>Puts every CPU under the hypervisor: the firmware is the guest now.</summary>
    public static FakeMachine Launch(this FakeMachine machine)
    {
        MachineMemory.AddPci(machine);
        if (machine.Options.VmxModel is null)
            Launch<Svm<FakePlatform>>(machine);
        else
            Launch<Vmx<FakePlatform>>(machine);
        machine.Bind(machine.Cpus[0]);
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Start();
        return machine;
    }

    /// <summary>Parks every guest; the first then has the machine.</summary>
    public static FakeMachine BootGuests(this FakeMachine machine)
    {
        for (int guest = 0; guest < machine.Options.Guests; guest++)
            machine.Park(guest);
        machine.BeginRunPhase();
        machine.Cpus[0].ContinueInLongMode();
        return machine;
    }

    /// <summary>The firmware waits for requests, for the first time.</summary>
    public static void BeginRunPhase(this FakeMachine machine)
    {
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
    }

    /// <summary>The firmware has loaded the guest that it was to load again.</summary>
    public static void LoadAgain(this FakeMachine machine, int guest)
    {
        machine.Park(guest);
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
    }

    /// <summary>A loader comes to its ExitBootServices on the boot CPU, which goes on in the firmware.</summary>
    public static void Park(this FakeMachine machine, int guest)
    {
        FakeCpu boot = machine.Cpus[0];
        ulong partition = MemoryLayout.Partition(guest);
        boot.Rip = partition + MemoryLayout.Code;
        boot.Virtual.Registers.Rbx = 0xB0B0_0000u + (uint)guest;
        boot.Hypercall(Hypercall.Park, (ulong)guest, partition + MemoryLayout.ParkContext);
        boot.Rip = MemoryLayout.Firmware + MemoryLayout.Code;
    }

    /// <summary>
    /// Lets CPUs go on, in the order that <paramref name="order"/> throws, until each is in its guest, sleeps or watches.
    /// </summary>
    public static void Settle(this FakeMachine machine, Random? order = null)
    {
        for (int i = 0; i < MostResumptions; i++)
        {
            FakeCpu[] ready = machine.Cpus.Where(cpu => machine.End == MachineEnd.Running && CanGoOn(machine, cpu)).ToArray();
            if (ready.Length == 0)
                return;
            ready[order?.Next(ready.Length) ?? i % ready.Length].Resume();
        }
        throw new InvalidOperationException("the CPUs wait for each other for ever: "
            + string.Join(", ", machine.Cpus.Select(cpu => $"{cpu.Index} is {cpu.Wait}")));
    }

    private static void Launch<TVirtualization>(FakeMachine machine)
        where TVirtualization : struct, IVirtualization
    {
        TVirtualization.InitializeMachine(ref machine.Hypervisor);
        foreach (FakeCpu cpu in machine.Cpus)
        {
            machine.Bind(cpu);
            if (TVirtualization.EnableCpu(ref machine.Hypervisor, ref cpu.Virtual) != Status.Success)
                throw new InvalidOperationException("no virtualization");
            FakePlatform.SaveHostState(cpu.Virtual.FirstVendorPage);
            TVirtualization.LoadState(ref cpu.Virtual, CpuStates.LongMode(MemoryLayout.Firmware));
            TVirtualization.SetNestedRoot(ref cpu.Virtual, machine.Domain(Domain.Firmware).NestedRoot);
        }
    }

    private static bool CanGoOn(FakeMachine machine, FakeCpu cpu) => cpu.Wait switch
    {
        CpuWait.InGuest => cpu.CanTakeEvent,

        // While one sleeps for the whole machine, the others wait for it.
        CpuWait.Spinning => !cpu.IsWatching && machine.Cpus.All(other => other.Wait != CpuWait.Halted),
        _ => false,
    };
}
