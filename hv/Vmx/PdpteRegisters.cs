using Switcher.Boot.Memory;
using Switcher.Hv.Paging;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>
    /// The four page-directory-pointer-table entries that a CPU with PAE paging holds in registers: SDM vol. 3, 4.4.1 "PDPTE Registers".
    /// </summary>
    public static class PdpteRegisters
    {
        private const ulong TableMask = 0xFFFF_FFE0;

        /// <summary>Loads them from the guest's memory.</summary>
        /// <returns>False if one has reserved bits set, as the CPU would find.</returns>
        public static bool TryLoad(HostPhysicalAddress nestedRoot, ulong cr3, int physicalAddressBits)
        {
            var table = new GuestPhysicalAddress(cr3 & TableMask);
            if (!NestedPageTable<EptFormat, TPlatform>.Open(nestedRoot).TryTranslate(table, out Translation translation))
                return false;
            ulong entry0 = TPlatform.At<ulong>(translation.Address);
            ulong entry1 = TPlatform.At<ulong>(translation.Address + 8);
            ulong entry2 = TPlatform.At<ulong>(translation.Address + 16);
            ulong entry3 = TPlatform.At<ulong>(translation.Address + 24);
            if (!PdpteCheck.IsValid(entry0, physicalAddressBits) || !PdpteCheck.IsValid(entry1, physicalAddressBits)
                || !PdpteCheck.IsValid(entry2, physicalAddressBits) || !PdpteCheck.IsValid(entry3, physicalAddressBits))
                return false;
            Vmcs.Write(VmcsGuest.Pdpte0, entry0);
            Vmcs.Write(VmcsGuest.Pdpte1, entry1);
            Vmcs.Write(VmcsGuest.Pdpte2, entry2);
            Vmcs.Write(VmcsGuest.Pdpte3, entry3);
            return true;
        }
    }
}
