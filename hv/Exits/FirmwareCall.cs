using System.Threading;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>
    /// A guest's runtime service: the CPU that asks executes the firmware's domain until that is done, in the firmware's own page tables
    /// and on its own stack. The machine stays the guest's; no device is touched. One call at a time.
    /// </summary>
    public static class FirmwareCall
    {
        /// <summary>EFI_DEVICE_ERROR: UEFI 2.10, appendix D "Status Codes".</summary>
        private const ulong DeviceError = 0x8000_0000_0000_0007;

        /// <summary>The hypercall of a guest's runtime services. While another CPU is in a call, this one executes it again.</summary>
        public static void Enter(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            TVirtualization.SaveState(ref cpu, out CpuState state);
            if (!IsFromServices(Active(hypervisor), state))
            {
                TVirtualization.Inject(ref cpu, GuestEvent.InvalidOpcode);
                return;
            }
            if (!hypervisor.HasLostServices && Interlocked.CompareExchange(ref hypervisor.ServiceLock, 1, 0) != 0)
                return;
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
            if (hypervisor.HasLostServices)
            {
                cpu.Registers.Rax = DeviceError;
                return;
            }
            TVirtualization.SaveState(ref cpu, out hypervisor.Caller.State);
            hypervisor.Caller.Registers = cpu.Registers;
            hypervisor.Caller.Fpu = cpu.Fpu;

            ref Domain firmware = ref At(hypervisor, Domain.Firmware);
            cpu.IsInFirmware = true;
            hypervisor.ServiceStart = cpu.ExitTimestamp;
            hypervisor.ServiceCpu = cpu.Index;
            cpu.Registers = firmware.Saved.Registers;
            cpu.Registers.Rax = FirmwareRequests.Service(Domain.GuestOf(hypervisor.ActiveDomain));
            cpu.Fpu = firmware.Saved.Fpu;
            TVirtualization.SetNestedRoot(ref cpu, firmware.NestedRoot);
            TVirtualization.LoadState(ref cpu, firmware.Saved.State, StateKind.Service);
            if ((TVirtualization.Gaps & VendorGaps.Timer) != 0)
                ServiceWatch.Begin(hypervisor, cpu);
        }

        /// <summary>The firmware's hypercall for the next request: with the first one, the run phase begins.</summary>
        public static void Next(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            var answer = (FirmwareAnswer)cpu.Registers.Rcx;
            ulong status = cpu.Registers.Rdx;
            ref Domain firmware = ref At(hypervisor, Domain.Firmware);
            TVirtualization.SaveState(ref cpu, out firmware.Saved.State);
            firmware.Saved.State.Rflags &= ~Rflags.Interrupt;
            firmware.Saved.Registers = cpu.Registers;
            firmware.Saved.Fpu = cpu.Fpu;
            if (!cpu.IsInFirmware)
            {
                EndLoading(ref hypervisor, ref cpu);
                return;
            }
            Leave(ref hypervisor, ref cpu, status);
            if (answer is FirmwareAnswer.ColdReset && Selection.AreOthersOff(hypervisor))
                MachineReset.Run(ref hypervisor);
            else if (answer is FirmwareAnswer.Reset or FirmwareAnswer.ColdReset)
                Switch.Run(ref hypervisor, ref cpu, SwitchReason.Reset);
            else if (answer is FirmwareAnswer.Shutdown && !Selection.HasNext(hypervisor))
                MachineOff.Run(ref hypervisor);
            else if (answer is FirmwareAnswer.Shutdown)
                Switch.Run(ref hypervisor, ref cpu, SwitchReason.Shutdown);
        }

        /// <summary>What was loaded goes on, or if that failed another guest that can.</summary>
        private static void EndLoading(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            int next = hypervisor.IsBootPhase ? Domain.OfGuest(0) : hypervisor.LoadingDomain;
            ref Domain loaded = ref At(hypervisor, next);
            if (loaded.Phase == DomainPhase.Parked)
            {
                loaded.Restarts += hypervisor.IsBootPhase ? 0u : 1;
            }
            else
            {
                Ownership.GiveUp(ref loaded);
                next = Selection.Take(ref hypervisor, SwitchReason.Boot);
            }
            if (next == Domain.Nobody)
                MachineReset.Run(ref hypervisor);
            if (Selection.HasSession(hypervisor, next))
            {
                Switch.FromFirmware(ref hypervisor, ref cpu, next);
                return;
            }

            // While this one was to start again, another was asked for that is off: the firmware goes on with that.
            hypervisor.LoadingDomain = next;
            Ownership.BeginLoading(ref At(hypervisor, next));
            cpu.Registers.Rax = FirmwareRequests.Load(Domain.GuestOf(next));
        }

        /// <summary>
        /// The firmware waits for something, or somebody has interrupted it: it must come back some time. A flash chip takes up to 2 s to
        /// erase a block, a reclaim of the variable store erases some dozen, and to give up in its middle is a power cut for the flash.
        /// </summary>
        public static void CheckTime(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            if (!IsTimeOver(hypervisor, cpu.ExitTimestamp))
                return;
            Log("ERROR the firmware does not come back from a runtime service"u8);
            Abandon(ref hypervisor, ref cpu);
        }

        /// <summary>The firmware has crashed in a service: the guest is told so, and nobody calls it any more.</summary>
        public static void Abandon(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            var line = new LogLine("ERROR the firmware failed in a runtime service; there are none until the machine restarts"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Number("cpu"u8, (uint)cpu.Index);
            Log(ref line);
            hypervisor.HasLostServices = true;
            Leave(ref hypervisor, ref cpu, DeviceError);
        }

        private static void Leave(ref HypervisorState hypervisor, ref VirtualCpu cpu, ulong status)
        {
            cpu.IsInFirmware = false;
            cpu.GuestNmi |= cpu.DeferredNmi;
            cpu.DeferredNmi = 0;
            cpu.Registers = hypervisor.Caller.Registers;
            cpu.Registers.Rax = status;
            cpu.Fpu = hypervisor.Caller.Fpu;
            TVirtualization.SetNestedRoot(ref cpu, Active(hypervisor).NestedRoot);
            TVirtualization.LoadState(ref cpu, hypervisor.Caller.State, StateKind.AfterService);
            Volatile.Write(ref hypervisor.ServiceLock, 0);
        }

        /// <summary>
        /// The service has taken longer than any may. Counters of two CPUs may differ a little, so that it is yet to begin.
        /// </summary>
        /// <param name="hypervisor">In which a service is under way.</param>
        /// <param name="now">The executing CPU's time-stamp counter.</param>
        public static bool IsTimeOver(in HypervisorState hypervisor, ulong now)
        {
            const ulong Seconds = 60;
            return (long)(now - hypervisor.ServiceStart) > (long)(Seconds * hypervisor.TimestampFrequency);
        }

        private static bool IsFromServices(in Domain guest, in CpuState state)
        {
            // SDM vol. 3, 25.4.1 "Guest Register State": the privilege level is SS.DPL, whatever the code segment is.
            const int PrivilegeShift = 5;
            return ((state.Ss.Attributes >> PrivilegeShift) & 3) == 0
                && !guest.Services.IsNull
                && GuestMemory.TryTranslate(guest.NestedRoot, state, state.Rip, out GuestPhysicalAddress physical)
                && PageSize.AlignDown(physical.Value, PageSize.Small) == guest.Services.Value;
        }
    }

    /// <summary>What executes has ended itself: the active guest, or the firmware in a service for it.</summary>
    public static class Crash
    {
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu, SwitchReason reason)
        {
            if (cpu.IsInFirmware)
                FirmwareCall.Abandon(ref hypervisor, ref cpu);
            else
                Switch.Run(ref hypervisor, ref cpu, reason);
        }
    }
}
