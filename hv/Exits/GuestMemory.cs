using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Reads a guest's memory as the guest's own CPU would: through its page tables and its nested page table.</summary>
    public static class GuestMemory
    {
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

        /// <summary>Walks the guest's page tables, whose addresses are guest-physical.</summary>
        public static bool TryTranslate(HostPhysicalAddress nestedRoot, in CpuState state, ulong linear, out GuestPhysicalAddress physical)
        {
            const ulong PaeRoot = 0xFFFF_FFE0;
            physical = new GuestPhysicalAddress((uint)linear);
            if ((state.Cr0 & Cr0.Paging) == 0)
                return true;
            PagingMode mode = PagingMode.Of(state);
            bool isLong = mode.Levels > 3;
            ulong root = state.Cr3 & (isLong ? PageEntry.AddressMask : mode.Levels == 3 ? PaeRoot : uint.MaxValue & PageEntry.AddressMask);
            if (!mode.TryWalk(new GuestTables(nestedRoot), root, isLong ? linear : (uint)linear, out ulong entry, out ulong span))
                return false;
            ulong page = entry & PageEntry.AddressMask & ~(span - 1);

            // A page of 4 MiB has bits 39:32 of its address in bits 20:13: APM vol. 2, 5.2.2 4-Mbyte Page Translation.
            if (mode.Levels == 2 && span > PageSize.Small)
                page |= (entry & 0x1F_E000) << 19;
            physical = new GuestPhysicalAddress(page | (linear & (span - 1)));
            return true;
        }

        private readonly struct GuestTables(HostPhysicalAddress nestedRoot) : IPageTables
        {
            public bool TryRead(ulong address, int size, out ulong entry)
            {
                bool isMapped = TVirtualization.TryTranslate(nestedRoot, new GuestPhysicalAddress(address), out HostPhysicalAddress host);
                entry = !isMapped ? 0 : size == sizeof(ulong) ? TPlatform.At<ulong>(host) : TPlatform.At<uint>(host);
                return isMapped;
            }
        }
    }
}
