using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Carries out <see cref="Hypercall"/>.</summary>
    public static class HypercallExit
    {
        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            ulong number = cpu.Registers.Rax;
            ulong guest = cpu.Registers.Rcx;
            bool isKnown = number is Hypercall.Park or Hypercall.BeginRunPhase or Hypercall.Leave;
            bool isGuestValid = number == Hypercall.Leave || guest < (ulong)hypervisor.Guests.Count;
            if (hypervisor.ActiveGuest != HypervisorState.Firmware || !isKnown || !isGuestValid)
            {
                TVirtualization.InjectException(ref cpu, ExceptionVector.InvalidOpcode, 0);
                return;
            }

            // Skipped first: a parked guest goes on behind the instruction.
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
            cpu.Registers.Rax = 0;
            switch (number)
            {
                case Hypercall.Park:
                    Park(ref hypervisor.Guests.At<TPlatform>((int)guest), ref cpu);
                    break;
                case Hypercall.BeginRunPhase:
                    BeginRunPhase(ref hypervisor, ref cpu, (int)guest);
                    break;
                default:
                    cpu.IsLeaving = true;
                    break;
            }
        }

        private static void Park(ref Guest guest, ref VirtualCpu cpu)
        {
            TVirtualization.SaveState(ref cpu, out CpuState state);
            ref ParkContext context = ref TPlatform.At<ParkContext>(new HostPhysicalAddress(cpu.Registers.Rdx));
            state.Cr3 = context.Cr3;
            state.GdtBase = context.GdtBase;
            state.GdtLimit = (uint)context.GdtLimit;
            state.IdtBase = context.IdtBase;
            state.IdtLimit = (uint)context.IdtLimit;
            state.Rflags &= ~Rflags.Interrupt;
            guest.ParkedState = state;
            guest.ParkedRegisters = cpu.Registers;
            guest.ParkedFpu = cpu.Fpu;
            for (int i = 0; i < guest.Copies.Count; i++)
            {
                ref PrivateCopy copy = ref guest.Copies.At<TPlatform>(i);
                TPlatform.Bytes(new HostPhysicalAddress(copy.GuestStart), (int)copy.Length).CopyTo(
                    TPlatform.Bytes(copy.Backing, (int)copy.Length));
            }
            guest.Phase = GuestPhase.Parked;
            cpu.Registers.Rax = 1;
        }

        /// <summary>
        /// The point from which the firmware is only one guest's library. The other CPUs leave the firmware's idle loop, which is that guest's memory
        /// now, and wait under its page table until it starts them.
        /// </summary>
        private static void BeginRunPhase(ref HypervisorState hypervisor, ref VirtualCpu cpu, int guest)
        {
            for (int i = 0; i < hypervisor.PciFunctions.Count; i++)
                PciInventory.Refresh(ref hypervisor.PciFunctions.At<TPlatform>(i));
            hypervisor.Guests.At<TPlatform>(guest).Phase = GuestPhase.Active;
            hypervisor.ActiveGuest = guest;
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                ref VirtualCpu other = ref hypervisor.Cpus.At<TPlatform>(i);
                other.HasEntered = 0;
                if (i != cpu.Index)
                    CpuRequests.Post(hypervisor, ref other, CpuRequest.Init);
            }
            TVirtualization.SetNestedRoot(ref cpu, ActiveRoot.Of(hypervisor));
            IoBitmap.Initialize(TPlatform.Bytes(hypervisor.IoBitmap, IoBitmap.Bytes), hypervisor.Power);
            GuestLog.WriteExits(hypervisor, HypervisorState.Firmware);
            var line = new LogLine("STEP boot"u8);
            GuestLog.AppendGuest(ref line, hypervisor, guest);
            line.WriteTo<TPlatform>();
        }
    }
}
