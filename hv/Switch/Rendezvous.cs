using System.Threading;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Brings all CPUs but one into the hypervisor and lets them go again under the guest that is active then.</summary>
    public static class Rendezvous
    {
        /// <summary>The calling CPU becomes the one that switches; false if another CPU is.</summary>
        public static bool TryBegin(ref HypervisorState hypervisor) => Interlocked.CompareExchange(ref hypervisor.SwitchLock, 1, 0) == 0;

        /// <summary>Returns when no other CPU executes the guest any more.</summary>
        public static void StopOthers(ref HypervisorState hypervisor, in VirtualCpu self)
        {
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                if (i != self.Index)
                    CpuRequests.Post(hypervisor, ref hypervisor.Cpus.At<TPlatform>(i), CpuRequest.Stop);
            }
            ulong start = TPlatform.ReadTimestamp();
            bool hasWarned = false;
            while (Volatile.Read(ref hypervisor.StoppedCpus) != hypervisor.Cpus.Count - 1)
            {
                TPlatform.Pause();
                if (!hasWarned && TPlatform.ReadTimestamp() - start > 5 * hypervisor.TimestampFrequency)
                {
                    hasWarned = true;
                    LogMissing(ref hypervisor, self);
                }
            }
        }

        /// <summary>Lets the others go: the boot CPU into the active guest, the rest into the wait for their start-up.</summary>
        public static void ReleaseOthers(ref HypervisorState hypervisor)
        {
            // All CPUs are here, and so nobody asks for anything now: what is left are INITs and start-ups of the guest that went.
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
                CpuRequests.Take(ref hypervisor.Cpus.At<TPlatform>(i));
            Volatile.Write(ref hypervisor.StoppedCpus, 0);
            Interlocked.Increment(ref hypervisor.Release);
            Volatile.Write(ref hypervisor.SwitchLock, 0);
        }

        /// <summary>What a CPU does that was asked to stop.</summary>
        public static void StopHere(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            LocalApic.Reset(hypervisor.LocalApic);
            cpu.Activity = CpuActivity.Stopped;
            int release = Volatile.Read(ref hypervisor.Release);
            Interlocked.Increment(ref hypervisor.StoppedCpus);
            while (Volatile.Read(ref hypervisor.Release) == release)
                TPlatform.Pause();

            // What was on its way from an I/O APIC that is silent by now: the guest that starts this CPU must not get it.
            LocalApic.Reset(hypervisor.LocalApic);
            EnterActiveGuest(ref hypervisor, ref cpu);
        }

        /// <summary>Prepares this CPU for the guest that has become active: the boot CPU runs it, the others wait for its start-up.</summary>
        public static void EnterActiveGuest(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            CpuReset.Run(hypervisor, cpu);
            cpu.LogicalDestination = 0;

            // A non-maskable interrupt that came meanwhile was for the guest that went.
            cpu.GuestNmi = 0;
            TVirtualization.SetNestedRoot(ref cpu, ActiveRoot.Of(hypervisor));
            if (cpu.Index == 0)
            {
                cpu.Activity = CpuActivity.Running;
                GuestEntry.Prepare(ref hypervisor, ref cpu);
            }
            else
            {
                cpu.Activity = CpuActivity.WaitingForStartup;
                cpu.Registers = default;
                cpu.Fpu = FpuState.AfterReset;
                TVirtualization.WaitForStartup(ref hypervisor, ref cpu);
            }
        }

        private static void LogMissing(ref HypervisorState hypervisor, in VirtualCpu self)
        {
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                if (i == self.Index || hypervisor.Cpus.At<TPlatform>(i).Activity == CpuActivity.Stopped)
                    continue;
                var line = new LogLine("WARN a CPU does not come into the hypervisor; still waiting"u8);
                line.Number("cpu"u8, (uint)i);
                line.WriteTo<TPlatform>();
            }
        }
    }
}
