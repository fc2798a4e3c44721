using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Memory that is not the guest's: reads all ones, and writes change nothing.</summary>
internal static unsafe class ForeignMemory
{
    private const ulong Page = MemoryDescriptor.PageSize;

    /// <summary>HLT; JMP to it.</summary>
    private const ulong WaitLoop = 0xFD_EBF4;

    /// <summary>Writes are slow: each one is caught. So only so many pages of a range get them.</summary>
    private const ulong PagesToWrite = 8;

    /// <summary><c>read:RANGE:...</c> reads a word of each page.</summary>
    public static void Read(Arguments arguments)
    {
        while (arguments.TryNextRange(out MemoryRange range))
            ExpectOnes(range, Page);
    }

    /// <summary>
    /// <c>write:RANGE:...</c> writes to some pages of each range in every way there is, and looks whether anything stays.
    /// </summary>
    public static void Write(Arguments arguments)
    {
        while (arguments.TryNextRange(out MemoryRange range))
        {
            ulong stride = range.Length / PagesToWrite & ~(Page - 1);
            if (stride == 0)
                stride = Page;
            for (ulong address = range.Start; address < range.End; address += stride)
                WritePage(address);
        }
    }

    /// <summary><c>execute:RANGE:...</c> jumps to the start of each range: all ones are an invalid opcode.</summary>
    public static void Execute(Arguments arguments)
    {
        while (arguments.TryNextRange(out MemoryRange range))
        {
            Outcome outcome = Attempt.Jump(range.Start);
            Report.Expect(outcome.IsInvalidOpcode, "foreign memory can be executed"u8, outcome.Vector);
        }
    }

    private static void WritePage(ulong page)
    {
        for (GuestInstruction way = GuestInstruction.StoreByte; way <= GuestInstruction.LockAdd; way++)
        {
            Outcome outcome = Attempt.Execute(way, page + 128);
            if (outcome.IsDone)
                continue;
            LogLine line = Report.BeginBad("a write to foreign memory faults"u8);
            line.Hex("address"u8, page);
            line.Number("instruction"u8, (ulong)way);
            line.Number("vector"u8, outcome.Vector);
            line.WriteTo<DebugPort>();
        }

        ExpectOnes(new MemoryRange(page, Page), sizeof(ulong));
    }

    private static void ExpectOnes(MemoryRange range, ulong stride)
    {
        ulong wrong = 0;
        for (ulong address = range.Start; address < range.End; address += stride)
        {
            ulong found = *(ulong*)address;
            if (found == ulong.MaxValue || IsWaitPage(address & ~(Page - 1)) || wrong++ != 0)
                continue;
            LogLine line = Report.BeginBad("foreign memory shows something"u8);
            line.Hex("address"u8, address);
            line.Hex("found"u8, found);
            line.WriteTo<DebugPort>();
        }
    }

    /// <summary>
    /// On processors whose start-up interrupt cannot be intercepted, those that wait for one execute a loop in the guest's own address
    /// space. Its page tells nothing: it has that loop and is empty otherwise.
    /// </summary>
    private static bool IsWaitPage(ulong page)
    {
        ulong* words = (ulong*)page;
        ulong rest = 0;
        for (ulong i = 1; i < Page / sizeof(ulong); i++)
            rest |= words[i];
        return Features.IsAmd && words[0] == WaitLoop && rest == 0;
    }
}
