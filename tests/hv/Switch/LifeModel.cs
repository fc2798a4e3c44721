using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Boot.Config;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Switch;

/// <summary>
/// What the project promises, as plainly as it can be said: who is where in its life, what each guest's memory holds, and what became of
/// the machine. Knows nothing of CPUs, devices and page tables.
/// </summary>
internal sealed class LifeModel
{
    private const int MostEarlyResets = 5;

    private readonly MachineOptions _options;

    // What the request that is being carried out decides, and how everything was before.
    private Action _decision = () => { };
    private Action _restore = () => { };

    // Whose machine it was before the firmware's.
    private int _last;

    public LifeModel(MachineOptions options)
    {
        _options = options;
        Phases = Enumerable.Repeat(DomainPhase.Parked, options.Guests).ToArray();
        Phases[0] = DomainPhase.Active;
        WakeStatus = new ushort[options.Guests];
        Restarts = new ulong[options.Guests];
        EarlyResets = new int[options.Guests];
        Sleep = new SleepPolicy[options.Guests];
        Memory = Enumerable.Range(0, options.Guests).Select(GuestRunner.PartitionOf).ToArray();
        Nvs = Enumerable.Range(0, Domain.OfGuest(options.Guests)).Select(_ => GuestRunner.NvsNow()).ToArray();
    }

    public DomainPhase[] Phases { get; }

    public int Active { get; private set; }

    /// <summary>Bits of PM1_STS that each guest is to find.</summary>
    public ushort[] WakeStatus { get; }

    /// <summary>How often each guest was loaded again.</summary>
    public ulong[] Restarts { get; }

    /// <summary>How often in a row each guest has reset the machine. No life here lasts a minute.</summary>
    public int[] EarlyResets { get; }

    /// <summary>What S3 means for each guest, and for all.</summary>
    public SleepPolicy[] Sleep { get; }

    public SleepPolicy SleepOfAll { get; private set; }

    /// <summary>Who is to be next, or -1.</summary>
    public int Asked { get; private set; } = -1;

    /// <summary>Every guest that has given the machine up, once for each time.</summary>
    public List<int> Departures { get; } = [];

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
    public void Suspend(bool hasVector) => Decide(() =>
    {
        if (!hasVector)
            Finish("shutdown", MachineEnd.Reset);
        else if (Next() < 0 || (!IsUsable(Asked) && (SleepOfAll == SleepPolicy.Machine || Sleep[Active] == SleepPolicy.Machine)))
            (IsAsleep, Asked, EarlyResets[Active]) = (true, -1, 0);
        else
            Leave(DomainPhase.Suspended, "s3");
    });

    /// <summary>The active guest is over.</summary>
    /// <param name="ifLast">What becomes of the machine if nobody else is left.</param>
    public void EndGuest(string reason, MachineEnd ifLast)
    {
        // Who waits to be switched away, and finds that nobody is left to switch to, resets.
        MachineEnd end = ifLast;
        Decide(() =>
        {
            Finish(reason, end);
            end = MachineEnd.Reset;
        });
    }

    /// <summary>The active guest has reset the machine: it is to begin anew, and nobody else notices.</summary>
    public void Restart(string reason) => Decide(() =>
    {
        if (HasLostServices)
        {
            Finish(reason, MachineEnd.Reset);
            return;
        }
        if (++EarlyResets[Active] > MostEarlyResets && Next() >= 0)
        {
            EarlyResets[Active] = 0;
            Finish(reason, MachineEnd.Reset);
            return;
        }
        _last = Active;
        Load(Active);
        Arrivals++;
    });

    /// <summary>The active guest asks the firmware for a cold reset, which is the machine's if all others are off.</summary>
    public void ResetCold()
    {
        if (Enumerable.Range(0, _options.Guests).All(guest => guest == Active || Phases[guest] == DomainPhase.Off))
            End = MachineEnd.Reset;
        else
            Restart("reset");
    }

    /// <summary>The firmware has come to the end of loading.</summary>
    public void EndLoading(bool isGood)
    {
        IsLoading = false;
        Phases[Active] = isGood ? DomainPhase.Parked : DomainPhase.Off;
        if (isGood)
        {
            Restarts[Active]++;
            Enter(Active);
            return;
        }
        int next = TakeNext(_last);
        if (next < 0)
            End = MachineEnd.Reset;
        else if (IsAlive(next))
            Enter(next);
        else
            Load(next);
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
        DecideAgain();
    }

    /// <summary>The user names the next guest, or takes that back.</summary>
    public void SetNext(int guest) => Configure(() => Asked = guest);

    /// <summary>The user says what S3 is to mean for a guest, or for all.</summary>
    public void SetSleep(int guest, SleepPolicy policy) => Configure(() =>
    {
        if (guest < 0)
            SleepOfAll = policy;
        else
            Sleep[guest] = policy;
    });

    /// <summary>The machine wakes from the ordinary sleep.</summary>
    public void Wake(ushort status)
    {
        IsAsleep = false;
        IsFirst = false;
        WakeStatus[Active] = status;
    }

    /// <summary>All CPUs have come to rest: the request has been carried out.</summary>
    public void Settle() => IsLeaving = false;

    private void Decide(Action decision)
    {
        if (IsLeaving)
            return;
        IsLeaving = true;
        _decision = decision;
        var before = (Active, _last, Asked, Arrivals, IsFirst, IsAsleep, Switches.Count, Departures.Count);
        (DomainPhase[] phases, ushort[] wake, int[] early) = ([.. Phases], [.. WakeStatus], [.. EarlyResets]);
        _restore = () =>
        {
            (Active, _last, Asked, Arrivals, IsFirst, IsAsleep, int switches, int departures) = before;
            Switches.RemoveRange(switches, Switches.Count - switches);
            Departures.RemoveRange(departures, Departures.Count - departures);
            phases.CopyTo(Phases, 0);
            wake.CopyTo(WakeStatus, 0);
            early.CopyTo(EarlyResets, 0);
            (IsLoading, End) = (false, MachineEnd.Running);
        };
        decision();
    }

    /// <summary>Who switches waits for the end of a runtime service, and decides then.</summary>
    private void DecideAgain()
    {
        if (!IsLeaving)
            return;
        _restore();
        _decision();
    }

    private void Configure(Action change)
    {
        if (IsLeaving)
            _restore();
        change();
        if (!IsLeaving)
            return;
        IsLeaving = false;
        Decide(_decision);
    }

    private void Finish(string reason, MachineEnd ifLast)
    {
        if (Next() < 0)
            End = ifLast;
        else
            Leave(DomainPhase.Off, reason);
    }

    private void Leave(DomainPhase phase, string reason)
    {
        int from = Active;
        int next = TakeNext(from);
        Phases[from] = phase;
        if (phase == DomainPhase.Suspended)
            EarlyResets[from] = 0;
        WakeStatus[from] = 0;
        Departures.Add(from);
        if (IsAlive(next))
        {
            Enter(next);
            Switches.Add($"n={Switches.Count + 1} from={from} to={next} first={(IsFirst ? 1 : 0)} reason={reason}");
            return;
        }
        _last = from;
        Load(next);
        Arrivals++;
    }

    private void Load(int guest)
    {
        IsLoading = true;
        Active = guest;
        Phases[guest] = DomainPhase.Loading;
        WakeStatus[guest] = 0;
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

    private int TakeNext(int after)
    {
        int next = IsUsable(Asked) ? Asked : InOrder(after);
        Asked = -1;
        return next;
    }

    private int Next() => IsUsable(Asked) ? Asked : InOrder(IsLoading ? _last : Active);

    private int InOrder(int after)
        => Enumerable.Range(1, _options.Guests).Select(i => (after + i) % _options.Guests).FirstOrDefault(IsAlive, -1);

    private bool IsAlive(int guest) => Phases[guest] is DomainPhase.Parked or DomainPhase.Suspended;

    private bool IsUsable(int guest) => guest >= 0 && (IsAlive(guest) || (Phases[guest] == DomainPhase.Off && !HasLostServices));
}
