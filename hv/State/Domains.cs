using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Hv.State;

/// <summary>Who has the machine, and what is known of each domain and each CPU.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public abstract partial class Domains<TPlatform> : Machine<TPlatform>
    where TPlatform : struct, IPlatform
{
    /// <summary>The domain that has the machine. There is one, except while the machine sleeps.</summary>
    public static ref Domain Active(in HypervisorState hypervisor) => ref At(hypervisor, hypervisor.ActiveDomain);

    /// <summary>The domain whose code a CPU executes: the active one, or the firmware on its behalf.</summary>
    public static ref Domain Executing(in HypervisorState hypervisor, in VirtualCpu cpu)
        => ref At(hypervisor, cpu.IsInFirmware ? Domain.Firmware : hypervisor.ActiveDomain);

    public static ref Domain At(in HypervisorState hypervisor, int domain) => ref At(hypervisor.Domains, domain);

    public static ref VirtualCpu Cpu(in HypervisorState hypervisor, int index) => ref At(hypervisor.Cpus, index);

    /// <summary>What the log says about domains. Guests are counted from 0 there.</summary>
    public static class DomainLog
    {
        /// <summary>Appends <c> guest=1</c> for the domain that has the machine.</summary>
        public static void AppendActive(ref LogLine line, in HypervisorState hypervisor)
            => Append(ref line, "guest"u8, hypervisor.ActiveDomain);

        /// <summary>Appends <c> key=1</c>, or <c> key=firmware</c>.</summary>
        public static void Append(ref LogLine line, ReadOnlySpan<byte> key, int domain)
        {
            if (Domain.IsFirmware(domain))
                line.Word(key, "firmware"u8);
            else
                line.Number(key, (ulong)Domain.GuestOf(domain));
        }

        /// <summary>Appends <c> guest=1 name="debian"</c>.</summary>
        public static void AppendNamed(ref LogLine line, in HypervisorState hypervisor, int domain)
        {
            Append(ref line, "guest"u8, domain);
            ref Domain guest = ref At(hypervisor, domain);
            if (!Domain.IsFirmware(domain))
                line.Quoted("name"u8, TPlatform.Bytes(guest.Name, guest.NameLength));
        }

        /// <summary>Writes <paramref name="text"/> with number and name of a domain.</summary>
        public static void Write(ReadOnlySpan<byte> text, in HypervisorState hypervisor, int domain)
        {
            var line = new LogLine(text);
            AppendNamed(ref line, hypervisor, domain);
            Log(ref line);
        }

        /// <summary>Writes the exits of a domain since the boot, by reason.</summary>
        public static void WriteExits(in HypervisorState hypervisor, int domain)
        {
            var line = new LogLine("INFO exits"u8);
            Append(ref line, "guest"u8, domain);
            PhysicalArray<ulong> counts = At(hypervisor, domain).ExitCounts;
            for (int reason = 0; reason < ExitReasonText.Count; reason++)
            {
                ulong count = At(counts, reason);
                if (count != 0)
                    line.Number(ExitReasonText.Of((ExitReason)reason), count);
            }
            line.Number("tsc"u8, TPlatform.ReadTimestamp());
            Log(ref line);
        }
    }
}
