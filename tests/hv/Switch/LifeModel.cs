using System.Collections.Generic;
using System.Linq;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Switch;

/// <summary>
/// What the project promises, as plainly as it can be said: who is where in its life, what each guest's memory holds, and what became of
/// the machine. Knows nothing of CPUs, devices and page tables.
/// </summary>
internal sealed class LifeModel
{
    private readonly MachineOptions _options;

    public LifeModel(MachineOptions options)
    {
        _options = options;
        Phases = Enumerable.Repeat(DomainPhase.Parked, options.Guests).ToArray();
        Phases[0] = DomainPhase.Active;
        WakeStatus = new ushort[options.Guests];
        Memory = Enumerable.Range(0, options.Guests).Select(GuestRunner.PartitionOf).ToArray();
    }

    public DomainPhase[] Phases { get; }

    public int Active { get; private set; }

    /// <summary>Bits of PM1_STS that each guest is to find.</summary>
    public ushort[] WakeStatus { get; }

    /// <summary>Every byte of each guest's partition.</summary>
    public byte[][] Memory { get; }

    /// <summary>What the log has to say of each switch.</summary>
    public List<string> Switches { get; } = [];

    public MachineEnd End { get; private set; }

    /// <summary>The only guest left sleeps, and the machine with it.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>The request that is being carried out is the first one; what other CPUs of that guest still ask for is void.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>The guest that became active boots; otherwise it wakes.</summary>
    public bool IsFirst { get; private set; }

    public bool IsLast => Next() < 0;

    /// <summary>The request that is being carried out is of the only guest left.</summary>
    public bool IsLastLeaving => IsLeaving && (IsAsleep || End != MachineEnd.Running);

    /// <summary>The active guest asks for S3.</summary>
    public void Suspend(bool hasVector)
    {
        if (!hasVector)
            Leave(DomainPhase.Off, "shutdown", MachineEnd.Reset);
        else if (!IsLeaving && IsLast)
            IsLeaving = IsAsleep = true;
        else
            Leave(DomainPhase.Suspended, "s3", MachineEnd.Running);
    }

    /// <summary>The active guest is over.</summary>
    /// <param name="ifLast">What becomes of the machine if nobody else is left.</param>
    public void EndGuest(string reason, MachineEnd ifLast) => Leave(DomainPhase.Off, reason, ifLast);

    /// <summary>The machine wakes from the ordinary sleep.</summary>
    public void Wake(ushort status)
    {
        IsAsleep = false;
        IsFirst = false;
        WakeStatus[Active] = status;
    }

    /// <summary>All CPUs have come to rest: the request has been carried out.</summary>
    public void Settle() => IsLeaving = false;

    private void Leave(DomainPhase phase, string reason, MachineEnd ifLast)
    {
        if (IsLeaving)
            return;
        IsLeaving = true;
        int next = Next();
        if (next < 0)
        {
            End = ifLast;
            return;
        }
        Phases[Active] = phase;
        WakeStatus[Active] = 0;
        IsFirst = Phases[next] == DomainPhase.Parked;
        Switches.Add($"n={Switches.Count + 1} from={Active} to={next} first={(IsFirst ? 1 : 0)} reason={reason}");
        Active = next;
        Phases[next] = DomainPhase.Active;
        WakeStatus[next] = IsFirst ? (ushort)0 : (ushort)0x8100;
    }

    private int Next()
    {
        for (int i = 1; i < _options.Guests; i++)
        {
            int candidate = (Active + i) % _options.Guests;
            if (Phases[candidate] is DomainPhase.Parked or DomainPhase.Suspended)
                return candidate;
        }
        return -1;
    }
}
