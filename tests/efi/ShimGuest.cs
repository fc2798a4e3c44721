using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Build;
using Switcher.Stubs;
using Switcher.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Efi;

/// <summary>
/// A guest's page of runtime services in the test's own process: the product's machine code, but without CLI and with a call of
/// <see cref="Firmware"/> for the hypercall.
/// </summary>
internal sealed unsafe class ShimGuest : IDisposable
{
    public const ulong Answer = 0x8000_0000_0000_1234;

    [ThreadStatic]
    private static ShimGuest? t_calling;

    private readonly NativeMemory _page = new(ServiceShim.Length);
    private readonly NativeMemory _mailbox = new(ServiceMailbox.Length);
    private readonly NativeMemory _own = new(OwnLength);

    public ShimGuest()
    {
        ServiceStubs.Code(CallFirmware, masksInterrupts: false).CopyTo(_page.Bytes);
        UseMailbox(_mailbox);
        _mailbox.Bytes[8..].Fill(0xEE);
        _own.Bytes.Fill(0x77);
    }

    /// <summary>Bytes of <see cref="Own"/>.</summary>
    public static int OwnLength => 3 * ServiceMailbox.DataCapacity;

    /// <summary>What the hypervisor does at the call; the result is RAX.</summary>
    public Func<ulong> Firmware { get; set; } = () => Answer;

    public int FirmwareCalls { get; private set; }

    /// <summary>RAX at the last hypercall.</summary>
    public ulong Number { get; private set; }

    /// <summary>RSP at the last hypercall.</summary>
    public ulong Rsp { get; private set; }

    public NativeCall Caller { get; } = new();

    public Span<byte> Page => _page.Bytes;

    public ref ServiceMailbox Mailbox => ref Unsafe.As<byte, ServiceMailbox>(ref MemoryMarshal.GetReference(_mailbox.Bytes));

    public Span<byte> MailboxBytes => _mailbox.Bytes;

    public Span<byte> Name => _mailbox.Bytes.Slice(ServiceMailbox.NameOffset, ServiceMailbox.NameCapacity);

    public Span<byte> Data => _mailbox.Bytes.Slice(ServiceMailbox.DataOffset, ServiceMailbox.DataCapacity);

    /// <summary>The guest's own memory, at <see cref="OwnAt"/>.</summary>
    public Span<byte> Own => _own.Bytes;

    public static byte[] Text(string text) => Encoding.Unicode.GetBytes(text);

    public ulong OwnAt(int offset) => _own.Start + (ulong)offset;

    public Span<byte> Slot(int parameter)
    {
        Span<byte> slots = Mailbox.Slots;
        return slots.Slice(parameter * ServiceMailbox.SlotBytes, ServiceMailbox.SlotBytes);
    }

    public void UseMailbox(NativeMemory mailbox) =>
        Unsafe.As<byte, ServiceShim>(ref MemoryMarshal.GetReference(Page)).Mailbox = mailbox.Start;

    /// <summary>Puts something into the guest's own memory.</summary>
    public ulong Put(int offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Own[offset..]);
        return OwnAt(offset);
    }

    public ulong Put(int offset, ulong value) => Put(offset, BitConverter.GetBytes(value));

    /// <summary>Calls a service, also from <see cref="Firmware"/>.</summary>
    public ulong Call(RuntimeService service, params ReadOnlySpan<ulong> arguments) => Call(Caller, _page, service, arguments);

    /// <summary>Calls a service of a page of code elsewhere.</summary>
    public ulong Call(NativeCall caller, NativeMemory page, RuntimeService service, params ReadOnlySpan<ulong> arguments)
    {
        ShimGuest? outer = t_calling;
        t_calling = this;
        ulong status = caller.Invoke(page.Start + (ulong)ServiceShim.EntryOf(service), arguments);
        t_calling = outer;
        return status;
    }

    public void Dispose()
    {
        Caller.Dispose();
        _own.Dispose();
        _mailbox.Dispose();
        _page.Dispose();
    }

    // System V ABI, "Parameter Passing": RDI and RSI. Unlike the hypercall, what is called breaks all registers that it may.
    private static void CallFirmware(StubAssembler a)
    {
        a.push(rbp);
        a.mov(rbp, rsp);
        a.mov(rdi, rax);
        a.mov(rsi, rsp);
        a.and(rsp, -16);
        a.mov(rax, (ulong)(delegate* unmanaged<ulong, ulong, ulong>)&Hypercall);
        a.call(rax);
        a.mov(rsp, rbp);
        a.pop(rbp);
    }

    [UnmanagedCallersOnly]
    private static ulong Hypercall(ulong number, ulong rsp)
    {
        ShimGuest guest = t_calling!;
        guest.FirmwareCalls++;
        guest.Number = number;
        guest.Rsp = rsp;
        return guest.Firmware();
    }
}
