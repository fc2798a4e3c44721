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
    private string _restart = "";

    public LifeModel(MachineOptions options)
    {
        _options = options;
        Phases = Enumerable.Repeat(DomainPhase.Parked, options.Guests).ToArray();
        Phases[0] = DomainPhase.Active;
        WakeStatus = new ushort[options.Guests];
        Memory = Enumerable.Range(0, options.Guests).Select(GuestRunner.PartitionOf).ToArray();
        Nvs = Enumerable.Range(0, Domain.OfGuest(options.Guests)).Select(_ => GuestRunner.NvsNow()).ToArray();
    }

    public DomainPhase[] Phases { get; }

    public int Active { get; private set; }

    /// <summary>Bits of PM1_STS that each guest is to find.</summary>
    public ushort[] WakeStatus { get; }

    /// <summary>Every byte of each guest's partition.</summary>
    public byte[][] Memory { get; }

    /// <summary>What each domain has in the ACPI NVS memory.</summary>
    public byte[][] Nvs { get; }

    /// <summary>What the log has to say of each switch.</summary>
    public List<string> Switches { get; } = [];

    public MachineEnd End { get; private set; }

    /// <summary>The only guest left sleeps, and the machine with it.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>The request that is being carried out is the first one; what other CPUs of that guest still ask for is void.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>The firmware has the machine and is to load the active guest again.</summary>
    public bool IsLoading { get; private set; }

    /// <summary>The firmware is no more to be asked for anything.</summary>
    public bool HasLostServices { get; private set; }

    /// <summary>The CPU that is in a runtime service, or -1.</summary>
    public int Serving { get; private set; } = -1;

    /// <summary>How often somebody got the machine.</summary>
    public int Arrivals { get; private set; }

    /// <summary>The guest that became active boots; otherwise it wakes.</summary>
    public bool IsFirst { get; private set; }

    public bool IsLast => Next() < 0;

    /// <summary>The request that is being carried out is of the only guest left.</summary>
    public bool IsLastLeaving => IsLeaving && (IsAsleep || End != MachineEnd.Running || (IsLoading && IsLast));

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

    /// <summary>The active guest has reset the machine: it is to begin anew, and nobody else notices.</summary>
    public void Restart(string reason)
    {
        if (HasLostServices)
        {
            EndGuest(reason, MachineEnd.Reset);
            return;
        }
        if (IsLeaving)
            return;
        _restart = reason;
        IsLeaving = IsLoading = true;
        Phases[Active] = DomainPhase.Loading;
        WakeStatus[Active] = 0;
        Arrivals++;
    }

    /// <summary>The firmware has come to the end of loading.</summary>
    public void EndLoading(bool isGood)
    {
        IsLoading = false;
        Phases[Active] = isGood ? DomainPhase.Parked : DomainPhase.Off;
        int next = isGood ? Active : Enumerable.Range(0, _options.Guests).FirstOrDefault(IsAlive, -1);
        if (next < 0)
            End = MachineEnd.Reset;
        else
            Enter(next);
    }

    /// <summary>The loader has ended the firmware, or would have ended the machine.</summary>
    public void AbandonLoading()
    {
        HasLostServices = true;
        EndLoading(isGood: false);
    }

    public void BeginCall(int cpu) => Serving = cpu;

    public void EndCall() => Serving = -1;

    public void FailInCall()
    {
        HasLostServices = true;
        EndCall();
        if (!IsLeaving || !IsLoading)
            return;

        // Another CPU was waiting to have this guest loaded again.
        IsLeaving = IsLoading = false;
        EndGuest(_restart, MachineEnd.Reset);
    }

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
        int from = Active;
        Enter(next);
        Switches.Add($"n={Switches.Count + 1} from={from} to={next} first={(IsFirst ? 1 : 0)} reason={reason}");
    }

    private void Enter(int next)
    {
        Arrivals++;
        IsFirst = Phases[next] == DomainPhase.Parked;
        if (IsFirst)
            Nvs[Domain.OfGuest(next)] = [.. Nvs[Domain.Firmware]];
        Active = next;
        Phases[next] = DomainPhase.Active;
        WakeStatus[next] = IsFirst ? (ushort)0 : (ushort)0x8100;
    }

    private int Next()
    {
        for (int i = 1; i < _options.Guests; i++)
        {
            int candidate = (Active + i) % _options.Guests;
            if (IsAlive(candidate))
                return candidate;
        }
        return -1;
    }

    private bool IsAlive(int guest) => Phases[guest] is DomainPhase.Parked or DomainPhase.Suspended;
}
