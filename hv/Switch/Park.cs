using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

/// <summary>
/// What replaces the firmware's structures when a parked guest runs for the first time: it does not see the firmware's memory. All of it
/// lies in the guest's partition. Its physical address is the argument of the park hypercall.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ParkContext
{
    /// <summary>Identity map of the whole physical address space, of as many levels as CR4 says.</summary>
    public ulong Cr3;

    /// <summary>The firmware's GDT with the same selectors and contents.</summary>
    public ulong GdtBase;
    public ulong GdtLimit;

    /// <summary>32 gates that halt.</summary>
    public ulong IdtBase;
    public ulong IdtLimit;

    /// <summary>The page of code that is the guest's runtime services.</summary>
    public ulong Services;

    /// <summary>Its FACS.</summary>
    public ulong Facs;
}

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// Each loader stops in its ExitBootServices and its guest is parked. The boot side asks for it, in its own code, which goes on in the
    /// firmware.
    /// </summary>
    public static class Park
    {
        /// <summary>
        /// Keeps the boot CPU's state as the guest's, with structures of its own, and copies what it is to have copies of. The CPU goes on
        /// in the firmware with RAX 1, the guest later with RAX 0: so the caller has set it.
        /// </summary>
        public static void Run(ref Domain guest, ref VirtualCpu cpu)
        {
            ref ParkContext context = ref TPlatform.At<ParkContext>(new HostPhysicalAddress(cpu.Registers.Rdx));
            TVirtualization.SaveState(ref cpu, out guest.Saved.State);
            guest.Saved.State.Cr3 = context.Cr3;
            guest.Saved.State.GdtBase = context.GdtBase;
            guest.Saved.State.GdtLimit = (uint)context.GdtLimit;
            guest.Saved.State.IdtBase = context.IdtBase;
            guest.Saved.State.IdtLimit = (uint)context.IdtLimit;
            guest.Saved.State.Rflags &= ~Rflags.Interrupt;
            guest.Saved.Registers = cpu.Registers;
            guest.Saved.Fpu = cpu.Fpu;
            guest.Services = new HostPhysicalAddress(context.Services);
            guest.Facs = new HostPhysicalAddress(context.Facs);
            for (int i = 0; i < guest.Copies.Count; i++)
            {
                ref PrivateCopy copy = ref At(guest.Copies, i);
                TPlatform.Bytes(new HostPhysicalAddress(copy.GuestStart), (int)copy.Length)
                    .CopyTo(TPlatform.Bytes(copy.Backing, (int)copy.Length));
            }
            guest.Devices = DeviceState.AsFirmwareLeft;
            guest.Phase = DomainPhase.Parked;
            cpu.Registers.Rax = 1;
        }
    }
}
