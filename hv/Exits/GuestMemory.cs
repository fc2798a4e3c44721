using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Reads a guest's memory as the guest's own CPU would: through its page tables and its nested page table.</summary>
    public static class GuestMemory
    {
        private const ulong Present = 1 << 0;
        private const ulong PageSizeBit = 1 << 7;
        private const ulong AddressMask = 0xF_FFFF_FFFF_F000;

        /// <summary>Reads up to 15 bytes of the instruction at CS:RIP; fewer where the next page is not there.</summary>
        /// <returns>Bytes read.</returns>
        public static int FetchInstruction(HostPhysicalAddress nestedRoot, in CpuState state, Span<byte> buffer)
        {
            bool isLong = (state.Efer & Efer.LongModeActive) != 0 && state.Cs.IsLong;
            ulong linear = isLong ? state.Rip : (uint)(state.Cs.Base + state.Rip);
            return Read(nestedRoot, state, linear, buffer);
        }

        /// <summary>Reads bytes at a linear address, as far as they are mapped.</summary>
        /// <returns>Bytes read.</returns>
        public static int Read(HostPhysicalAddress nestedRoot, in CpuState state, ulong linear, Span<byte> buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                if (!TryTranslate(nestedRoot, state, linear + (ulong)done, out GuestPhysicalAddress physical)
                    || !TVirtualization.TryTranslate(nestedRoot, physical, out HostPhysicalAddress host))
                    break;
                int inPage = (int)(PageSize.Small - (host.Value & (PageSize.Small - 1)));
                int length = buffer.Length - done < inPage ? buffer.Length - done : inPage;
                TPlatform.Bytes(host, length).CopyTo(buffer.Slice(done, length));
                done += length;
            }
            return done;
        }

        /// <summary>Walks the guest's page tables (APM vol. 2, 5.2 Legacy-Mode Page Translation and 5.3 Long-Mode Page Translation).</summary>
        public static bool TryTranslate(HostPhysicalAddress nestedRoot, in CpuState state, ulong linear, out GuestPhysicalAddress physical)
        {
            if ((state.Cr0 & Cr0.Paging) == 0)
            {
                physical = new GuestPhysicalAddress((uint)linear);
                return true;
            }
            if ((state.Cr4 & Cr4.PhysicalAddressExtension) == 0)
                return TryWalkLegacy(nestedRoot, state, (uint)linear, out physical);
            if ((state.Efer & Efer.LongModeActive) == 0)
                return TryWalk(nestedRoot, state.Cr3 & 0xFFFF_FFE0, levels: 3, (uint)linear, out physical);
            return TryWalk(nestedRoot, state.Cr3 & AddressMask, (state.Cr4 & Cr4.FiveLevelPaging) != 0 ? 5 : 4, linear, out physical);
        }

        /// <summary>Tables of 512 entries of 8 bytes; with three levels the first has four entries (PAE).</summary>
        private static bool TryWalk(HostPhysicalAddress nestedRoot, ulong table, int levels, ulong linear, out GuestPhysicalAddress physical)
        {
            for (int level = levels; level >= 1; level--)
            {
                int shift = 12 + (9 * (level - 1));
                ulong index = (linear >> shift) & 0x1FF;
                if (!TryReadEntry(nestedRoot, table + (index * 8), 8, out ulong entry))
                    break;
                bool isLeaf = level == 1 || (level <= 3 && (entry & PageSizeBit) != 0 && !(level == 3 && levels == 3));
                if (isLeaf)
                {
                    ulong mask = (1UL << shift) - 1;
                    physical = new GuestPhysicalAddress((entry & AddressMask & ~mask) | (linear & mask));
                    return true;
                }
                table = entry & AddressMask;
            }
            physical = default;
            return false;
        }

        /// <summary>Two levels of 1,024 entries of 4 bytes.</summary>
        private static bool TryWalkLegacy(HostPhysicalAddress nestedRoot, in CpuState state, uint linear, out GuestPhysicalAddress physical)
        {
            physical = default;
            if (!TryReadEntry(nestedRoot, (state.Cr3 & 0xFFFF_F000) + ((linear >> 22) * 4UL), 4, out ulong directory))
                return false;
            if ((directory & PageSizeBit) != 0 && (state.Cr4 & Cr4.PageSizeExtensions) != 0)
            {
                physical = new GuestPhysicalAddress((directory & 0xFFC0_0000) | ((directory & 0x1F_E000) << 19) | (linear & 0x3F_FFFF));
                return true;
            }
            if (!TryReadEntry(nestedRoot, (directory & 0xFFFF_F000) + (((linear >> 12) & 0x3FF) * 4UL), 4, out ulong entry))
                return false;
            physical = new GuestPhysicalAddress((entry & 0xFFFF_F000) | (linear & 0xFFF));
            return true;
        }

        private static bool TryReadEntry(HostPhysicalAddress nestedRoot, ulong address, int size, out ulong entry)
        {
            entry = 0;
            if (!TVirtualization.TryTranslate(nestedRoot, new GuestPhysicalAddress(address), out HostPhysicalAddress host))
                return false;
            entry = size == 8 ? TPlatform.At<ulong>(host) : TPlatform.At<uint>(host);
            return (entry & Present) != 0;
        }
    }
}
