using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Switch;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>The one method that changes the machine's owner, for every pair of owners and every reason.</summary>
public class OwnershipTests
{
    private const int Guests = 3;
    private const ushort WakeStatus = 0x8500;
    private static readonly int[] s_owners = [Domain.Nobody, Domain.Firmware, 1, 2, 3];

    public static TheoryData<int, int, DomainPhase, SwitchReason> Changes
    {
        get
        {
            var changes = new TheoryData<int, int, DomainPhase, SwitchReason>();
            foreach (int from in s_owners)
            {
                foreach (int to in s_owners.Where(owner => owner != from))
                {
                    foreach (DomainPhase phase in new[] { DomainPhase.Loading, DomainPhase.Parked, DomainPhase.Suspended })
                    {
                        foreach (SwitchReason reason in Enum.GetValues<SwitchReason>())
                            changes.Add(from, to, phase, reason);
                    }
                }
            }
            return changes;
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_AnyOwners_LeavesOneActiveDomainOrNone(int from, int to, DomainPhase phase, SwitchReason reason)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = Guests, Cpus = 3 }).Launch();
        DomainPhase[] phases = Prepare(machine, from, phase);

        // Whom the firmware is to load: the guest that ends, or where that one sleeps another.
        int loaded = machine.Hypervisor.LoadingDomain = from > Domain.Firmware && reason != SwitchReason.Suspend ? from : 1 + (from & 1);
        Switching<FakePlatform, Svm<FakePlatform>>.Ownership.Change(
            ref machine.Hypervisor, machine.Cpus[0].Virtual, to, reason, WakeStatus);

        bool wakes = to != Domain.Nobody && phase == DomainPhase.Suspended;
        if (from != Domain.Nobody)
        {
            phases[from] = reason == SwitchReason.Suspend ? DomainPhase.Suspended
                : from == Domain.Firmware ? DomainPhase.Parked : DomainPhase.Off;
        }
        if (to == Domain.Firmware)
            phases[loaded] = DomainPhase.Loading;
        if (to != Domain.Nobody)
            phases[to] = DomainPhase.Active;
        Assert.Equal(to, machine.Hypervisor.ActiveDomain);
        Assert.Equal(phases, Phases(machine));
        Assert.Equal(Enumerable.Range(0, Guests + 1).Select(domain => domain == to && wakes ? WakeStatus : (ushort)0),
            Enumerable.Range(0, Guests + 1).Select(domain => machine.Domain(domain).WakeStatus));
        Assert.Equal(wakes, machine.Cpus[0].IsPortIntercepted(GuestRunner.Pm1Event, 2));
        Assert.All(machine.Cpus, cpu => Assert.Equal(0, cpu.Virtual.HasEntered));
        if (from != Domain.Nobody)
            Assert.Equal(reason == SwitchReason.Suspend ? DeviceState.Silenced : DeviceState.AsFirmwareLeft, machine.Domain(from).Devices);

        PendingSwitch pending = machine.Hypervisor.Pending;
        bool isSwitch = from > Domain.Firmware && to > Domain.Firmware;
        Assert.Equal((isSwitch, isSwitch ? 1UL : 0), (pending.IsActive, machine.Hypervisor.SwitchCount));
        if (isSwitch)
        {
            Assert.Equal((from, to, !wakes, reason), (pending.From, pending.To, pending.IsFirst, pending.Reason));
            Assert.Equal((2u, 4711UL), (pending.EnteredCpus, pending.Start));
        }
    }

    /// <summary>Every domain is in the same phase but the owner; who owns the machine was woken and has used two CPUs.</summary>
    private static DomainPhase[] Prepare(FakeMachine machine, int owner, DomainPhase others)
    {
        for (int domain = 0; domain <= Guests; domain++)
            machine.Domain(domain).Phase = domain == owner ? DomainPhase.Active : others;
        machine.Hypervisor.ActiveDomain = owner;
        if (owner != Domain.Nobody)
        {
            machine.Domain(owner).WakeStatus = 0x8100;
            Switching<FakePlatform, Svm<FakePlatform>>.WakeStatus.Intercept(machine.Hypervisor, true);
        }
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Virtual.HasEntered = cpu.Index == 1 ? 0 : 1;
        machine.Cpus[0].Virtual.ExitTimestamp = 4711;
        return Phases(machine);
    }

    private static DomainPhase[] Phases(FakeMachine machine)
        => Enumerable.Range(0, Guests + 1).Select(domain => machine.Domain(domain).Phase).ToArray();
}
