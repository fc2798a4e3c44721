using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Decode;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>A guest touched what its nested page table does not allow: the trapped local APIC, or memory that is not its own.</summary>
    public static class NestedPageFaultExit
    {
        /// <summary>After this many lines the log falls silent about foreign accesses; the counter goes on.</summary>
        private const int LoggedViolations = 32;

        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            bool isApic = (TVirtualization.Gaps & VendorGaps.StartupIntercept) != 0
                && PageSize.AlignDown(exit.Address, PageSize.Small) == hypervisor.LocalApic.Value;
            ExitDispatcher.Count(ref hypervisor, isApic ? ExitReason.Apic : ExitReason.Foreign);
            if (!isApic)
                Log(ref hypervisor, cpu, exit);

            // Reads of foreign memory give all ones without an exit; so this is a write, unless the guest's page tables or its code lie
            // there.
            TVirtualization.SaveState(ref cpu, out CpuState state);
            if ((exit.Access & (NestedAccess.PageTableWalk | NestedAccess.Execute)) != 0
                || !InstructionSkip.TryDecode(hypervisor, cpu, state, out DecodedInstruction instruction))
            {
                StateDump.Write(ref cpu);
                Crash.Run(ref hypervisor, ref cpu, SwitchReason.Crash);
                return;
            }
            uint offset = (uint)(exit.Address & (PageSize.Small - 1));
            if (isApic)
            {
                StoreEmulation<ApicPage>.Run(
                    ref hypervisor, ref cpu, state, instruction, offset);
            }
            else
            {
                StoreEmulation<ForeignMemory>.Run(ref hypervisor, ref cpu, state, instruction, offset);
            }
        }

        private static void Log(ref HypervisorState hypervisor, in VirtualCpu cpu, in VmExit exit)
        {
            if (hypervisor.LoggedViolations >= LoggedViolations)
                return;
            hypervisor.LoggedViolations++;
            var line = new LogLine("WARN foreign memory touched"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Number("cpu"u8, (uint)cpu.Index);
            line.Hex("address"u8, exit.Address);
            line.Word("access"u8, (exit.Access & NestedAccess.PageTableWalk) != 0 ? "page-table-walk"u8
                : (exit.Access & NestedAccess.Execute) != 0 ? "execute"u8
                : (exit.Access & NestedAccess.Write) != 0 ? "write"u8 : "read"u8);
            line.WriteTo<TPlatform>();
        }
    }
}
