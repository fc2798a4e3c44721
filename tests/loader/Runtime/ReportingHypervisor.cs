using System;
using System.Collections.Generic;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Efi.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.State;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>What the hypervisor of three guests, of which the first is active, answers to the firmware's domain.</summary>
internal sealed unsafe class ReportingHypervisor
{
    private readonly HypervisorReport* _report;

    public ReportingHypervisor(HypervisorReport* report)
    {
        _report = report;
        HostStubs.Hypercalls.Clear();
        HostStubs.Answer = Answer;
        State.Guests[0] = new GuestReport { Phase = DomainPhase.Active, Exits = 1234 };
        State.Guests[1] = new GuestReport { Phase = DomainPhase.Suspended, Restarts = 2, Sleep = SleepPolicy.Machine };
        State.Guests[2] = new GuestReport { Phase = DomainPhase.Off };
    }

    /// <summary>What it reports.</summary>
    public HypervisorReport State = new() { From = -1, To = -1, Next = -1, TimestampFrequency = 2_000_000 };

    /// <summary>Its log.</summary>
    public string Log { get; set; } = "STEP s3 guest=0\n";

    /// <summary>What was ordered: the policy of a guest, or of all.</summary>
    public List<(int Guest, SleepPolicy Policy)> Policies { get; } = [];

    private ulong Answer(ulong number, ulong first, ulong second)
    {
        switch (number)
        {
            case Hypercall.Report:
                *_report = State;
                return 0;
            case Hypercall.CopyLog:
                byte[] log = Encoding.ASCII.GetBytes(Log);
                int length = (int)Math.Min((ulong)log.Length, first);
                log.AsSpan(log.Length - length).CopyTo(new Span<byte>((byte*)_report + HypervisorReport.LogOffset, length));
                return (ulong)length;
            case Hypercall.SetNext:
                State.Next = (int)(long)first;
                return 0;
            case Hypercall.SetSleep when first == Hypercall.NoGuest:
                State.Sleep = (SleepPolicy)second;
                Policies.Add((-1, (SleepPolicy)second));
                return 0;
            case Hypercall.SetSleep:
                State.Guests[(int)first].Sleep = (SleepPolicy)second;
                Policies.Add(((int)first, (SleepPolicy)second));
                return 0;
            default:
                throw new InvalidOperationException($"an unexpected hypercall {number:x}");
        }
    }
}
