using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>
    /// Translates VMX's exit reasons into neutral ones: SDM vol. 3, 28.2 "Recording VM-Exit Information and Updating VM-Entry Control
    /// Fields".
    /// </summary>
    public static class VmxExit
    {
        /// <summary>In <see cref="VmExit.Code"/>: the entry instruction itself failed, and the low half is its error number.</summary>
        public const ulong InstructionFailed = 1UL << 32;

        private const uint EntryFailure = 1u << 31;

        /// <summary>Reads what the VMCS says of the latest exit.</summary>
        public static VmExit Read()
        {
            uint code = Vmcs.Read(VmcsExit.Reason);
            var reason = (VmxExitReason)code;
            var exit = new VmExit
            {
                Kind = (code & EntryFailure) != 0 ? VmExitKind.InvalidState : KindOf(reason),
                Code = code,
                Information = Vmcs.Read(VmcsExit.Qualification),
            };
            switch (exit.Kind)
            {
                case VmExitKind.NestedPageFault:
                    exit.Address = Vmcs.Read(VmcsExit.GuestPhysicalAddress);
                    exit.Access = EptViolation.Access(exit.Information);
                    break;
                case VmExitKind.Startup:
                    exit.Vector = (byte)exit.Information;
                    break;
                case VmExitKind.Io:
                    ReadIo(ref exit);
                    exit.NextRip = NextRip();
                    break;
                case VmExitKind.Cpuid or VmExitKind.ReadMsr or VmExitKind.WriteMsr or VmExitKind.Hypercall or VmExitKind.ControlRegister
                    or VmExitKind.ExtendedControlRegister or VmExitKind.CacheInvalidation or VmExitKind.Pause:
                    exit.NextRip = NextRip();
                    break;
                default:
                    break;
            }
            return exit;
        }

        /// <summary>The exit that stands for an entry that did not take place.</summary>
        public static VmExit Failed(VmEntryOutcome outcome)
        {
            uint error = outcome == VmEntryOutcome.Failed
                ? Vmcs.Read(VmcsExit.InstructionError)
                : VmxInstructionErrorText.NoCurrentVmcs;
            return new VmExit { Kind = VmExitKind.InvalidState, Code = InstructionFailed | error };
        }

        private static VmExitKind KindOf(VmxExitReason reason) => reason switch
        {
            VmxExitReason.ExceptionOrNmi => new EventInformation(Vmcs.Read(VmcsExit.InterruptionInformation)).IsException
                ? VmExitKind.Unknown : VmExitKind.Nmi,
            VmxExitReason.Pause or VmxExitReason.Hlt => VmExitKind.Pause,
            VmxExitReason.PreemptionTimer => VmExitKind.Time,
            VmxExitReason.TripleFault => VmExitKind.TripleFault,
            VmxExitReason.Init => VmExitKind.Init,
            VmxExitReason.Sipi => VmExitKind.Startup,
            VmxExitReason.NmiWindow => VmExitKind.None,
            VmxExitReason.Cpuid => VmExitKind.Cpuid,
            VmxExitReason.Io => VmExitKind.Io,
            VmxExitReason.Rdmsr => VmExitKind.ReadMsr,
            VmxExitReason.Wrmsr => VmExitKind.WriteMsr,
            VmxExitReason.EptViolation => VmExitKind.NestedPageFault,
            VmxExitReason.ControlRegister => VmExitKind.ControlRegister,
            VmxExitReason.Xsetbv => VmExitKind.ExtendedControlRegister,
            VmxExitReason.Invd => VmExitKind.CacheInvalidation,
            VmxExitReason.Vmcall => VmExitKind.Hypercall,
            VmxExitReason.Getsec or VmxExitReason.Vmclear or VmxExitReason.Vmlaunch or VmxExitReason.Vmptrld or VmxExitReason.Vmptrst
                or VmxExitReason.Vmread or VmxExitReason.Vmresume or VmxExitReason.Vmwrite or VmxExitReason.Vmxoff or VmxExitReason.Vmxon
                or VmxExitReason.Invept or VmxExitReason.Invvpid or VmxExitReason.Vmfunc => VmExitKind.VirtualizationInstruction,
            _ => VmExitKind.Unknown,
        };

        /// <summary>SDM vol. 3, table 28-5 "Exit Qualification for I/O Instructions".</summary>
        private static void ReadIo(ref VmExit exit)
        {
            exit.Port = (ushort)(exit.Information >> 16);
            exit.Size = (byte)((exit.Information & 7) + 1);
            exit.IsIn = (exit.Information & 8) != 0;
            exit.IsString = (exit.Information & 0x10) != 0;
        }

        private static ulong NextRip()
        {
            ulong rip = Vmcs.Read(VmcsGuest.Rip);
            ulong next = rip + Vmcs.Read(VmcsExit.InstructionLength);

            // Only outside 64-bit code can an instruction begin below 4 GiB and end above: there RIP wraps.
            return rip <= uint.MaxValue && next > uint.MaxValue && !GuestMode.Is64Bit() ? (uint)next : next;
        }
    }
}
