using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Uefi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest;

/// <summary>The two pages below 1 MiB through which processors come from real mode, found in the guest's own memory map.</summary>
internal static unsafe class Trampoline
{
    private const uint Pages = 2;
    private const ulong ConventionalEnd = 640 * 1024;
    private const int CodeLength = 0x280;
    private const int WakeEntryOffset = 0x40;
    private const int LongEntryOffset = 0x200;
    private const int GdtOffset = 0x280;
    private const int ArrivalOffset = 0x1000;
    private const int RecordsOffset = 0x1080;

    // The rest of the first page, where waking vectors can be tried.
    private const uint FirstVectorOffset = 0x300;
    private const uint LastVectorOffset = 0xFE0;

    public static MemoryRange Range { get; private set; }

    /// <summary>The page number that a start-up interrupt carries.</summary>
    public static byte StartupVector => (byte)(Range.Start >> 12);

    public static TrampolineParameters* Parameters => (TrampolineParameters*)Range.Start;

    /// <summary>CS as the waking vector's first instruction found it.</summary>
    public static ushort ArrivalCs => *(ushort*)(Range.Start + ArrivalOffset);

    public static FoundState* Record(uint number) => (FoundState*)(Range.Start + RecordsOffset) + number;

    /// <summary>Takes the highest two pages of conventional memory and puts the code there.</summary>
    /// <param name="stacks">Tops of the processors' stacks, by number.</param>
    public static bool Install(ulong* stacks)
    {
        if (!TryFindPages(out ulong place))
            return false;
        Range = new MemoryRange(place, Pages * MemoryDescriptor.PageSize);
        new Span<byte>((void*)place, (int)Range.Length).Clear();
        new ReadOnlySpan<byte>(Stubs.AddressOfTrampolineCode(), CodeLength).CopyTo(new Span<byte>((void*)place, CodeLength));
        ulong* gdt = (ulong*)(place + GdtOffset);
        gdt[0] = 0;
        gdt[1] = 0x00AF_9B00_0000_FFFF;         // 64-bit code
        gdt[2] = 0x00CF_9300_0000_FFFF;         // data
        Parameters->GdtLimit = (3 * sizeof(ulong)) - 1;
        Parameters->GdtBase = (uint)(place + GdtOffset);
        Parameters->LongEntry = (uint)(place + LongEntryOffset);
        Parameters->LongSelector = 8;
        Parameters->Cr3 = (uint)PageTables.Root;
        Parameters->Stacks = (ulong)stacks;
        return true;
    }

    /// <summary>Sets who is expected.</summary>
    /// <param name="first">The number of the first processor that comes.</param>
    public static void Expect(uint first, delegate* unmanaged<uint, FoundState*, void> function)
    {
        Parameters->Counter = first;
        Parameters->Function = (ulong)function;
    }

    /// <summary>
    /// Puts two instructions at an address in the first page: one notes CS, relative to the CS that belongs to this address (ACPI 6.5,
    /// table 5.12: CS = vector shifted right by 4, IP = its low four bits), the other goes on to the code.
    /// </summary>
    /// <param name="variation">Any number: each gives another address.</param>
    /// <returns>The waking vector.</returns>
    public static uint PlaceWakingVector(uint variation)
    {
        const uint prime = 37;
        uint offset = FirstVectorOffset + ((variation * prime) % (LastVectorOffset - FirstVectorOffset));
        uint vector = (uint)Range.Start + offset;
        ushort arrival = (ushort)((uint)Range.Start + ArrivalOffset - (vector & ~0xFu));
        ushort segment = (ushort)(Range.Start >> 4);
        *(ushort*)(Range.Start + ArrivalOffset) = 0xFFFF;

        // MOV CS:[arrival], CS; JMP segment:entry.
        ReadOnlySpan<byte> code =
        [
            0x2E, 0x8C, 0x0E, (byte)arrival, (byte)(arrival >> 8),
            0xEA, WakeEntryOffset, 0, (byte)segment, (byte)(segment >> 8),
        ];
        code.CopyTo(new Span<byte>((void*)(ulong)vector, code.Length));
        return vector;
    }

    private static bool TryFindPages(out ulong place)
    {
        place = 0;
        for (int i = 0; i < MemoryMap.Count; i++)
        {
            MemoryRange range = MemoryMap.RangeOf(MemoryMap.At(i));
            ulong end = range.End < ConventionalEnd ? range.End : ConventionalEnd;
            ulong start = end - (Pages * MemoryDescriptor.PageSize);
            if (MemoryMap.IsUsable(MemoryMap.At(i)) && end > range.Start + (Pages * MemoryDescriptor.PageSize) && start > place)
                place = start;
        }

        return place != 0;
    }
}
