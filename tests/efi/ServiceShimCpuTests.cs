using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Switcher.Stubs.Shared;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>A guest's runtime services, the very machine code: the CPU's registers, the lock, the place in memory.</summary>
public sealed partial class ServiceShimCpuTests : IDisposable
{
    private const ulong NotReady = 0x8000_0000_0000_0006;
    private const ulong MostStack = 256;

    private readonly ShimGuest _guest = new();

    public static TheoryData<RuntimeService> Services => [.. Enum.GetValues<RuntimeService>()];

    public void Dispose() => _guest.Dispose();

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_Called_KeepsRegistersAndFlags(RuntimeService service)
    {
        foreach (ulong flags in new[] { 0UL, NativeCall.Flags })
        {
            _guest.Caller.FlagsBefore = flags;
            _guest.Call(service, 0, 0, 0, 0, 0);

            Assert.Equal(NativeCall.KeptBefore, _guest.Caller.Kept);
            Assert.Equal(_guest.Caller.RspBefore, _guest.Caller.RspAfter);
            Assert.Equal(flags, _guest.Caller.FlagsAfter & NativeCall.Flags);
        }
    }

    /// <summary>The direction flag is the caller's; strings are copied upward all the same.</summary>
    [Fact]
    public void Service_CalledWithTheDirectionFlag_CopiesUpward()
    {
        _guest.Caller.FlagsBefore = NativeCall.Flags;
        byte[] name = ShimGuest.Text("SecureBoot\0");
        _guest.Call(RuntimeService.SetVariable, _guest.Put(0, name), 0, 0, 0, 0);

        Assert.Equal((ulong)name.Length, _guest.Mailbox.NameBytes);
        Assert.Equal(name, _guest.Name[..name.Length]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(15)]
    public void Service_OnAStackOfAnyAlignment_Works(ulong shift)
    {
        _guest.Caller.Shift = shift;

        Assert.Equal(ShimGuest.Answer, _guest.Call(RuntimeService.GetVariable, 0, 0, 0, 0, 0x1234));
        Assert.Equal(0x1234UL, _guest.Mailbox.Arguments[4]);
        Assert.Equal(NativeCall.KeptBefore, _guest.Caller.Kept);
        Assert.InRange(_guest.Caller.RspBefore - _guest.Rsp, 0UL, MostStack);
    }

    [Fact]
    public void Lock_HeldByThisCpu_IsAnsweredAtOnce() => OnOneCpu(() =>
    {
        ulong inner = 0;
        byte[] before = [];
        byte[] after = [];
        using var nested = new NativeCall();
        using var elsewhere = new NativeMemory(ServiceShim.Length);
        _guest.Page.CopyTo(elsewhere.Bytes);
        _guest.Firmware = () =>
        {
            before = _guest.MailboxBytes.ToArray();
            nested.FlagsBefore = NativeCall.Flags;
            inner = _guest.Call(nested, elsewhere, RuntimeService.GetTime, _guest.OwnAt(0), _guest.OwnAt(64));
            after = _guest.MailboxBytes.ToArray();
            return ShimGuest.Answer;
        };

        Assert.Equal(ShimGuest.Answer, _guest.Call(RuntimeService.SetTime, _guest.OwnAt(0)));
        Assert.Equal(NotReady, inner);
        Assert.Equal(1, _guest.FirmwareCalls);
        Assert.True(before.AsSpan().SequenceEqual(after));
        Assert.Equal(NativeCall.KeptBefore, nested.Kept);
        Assert.Equal(nested.RspBefore, nested.RspAfter);
        Assert.Equal(NativeCall.Flags, nested.FlagsAfter & NativeCall.Flags);
    });

    [Fact]
    public void Lock_DuringAService_NamesTheCpu() => OnOneCpu(() =>
    {
        (uint Lock, uint Owner) held = default;
        _guest.Firmware = () =>
        {
            held = (_guest.Mailbox.Lock, _guest.Mailbox.Owner);
            return ShimGuest.Answer;
        };
        _guest.Call(RuntimeService.GetTime, 0, 0);

        Assert.Equal((1U, (uint)System.Runtime.Intrinsics.X86.X86Base.CpuId(1, 0).Ebx >> 24), held);
        Assert.Equal((0U, 0U), (_guest.Mailbox.Lock, _guest.Mailbox.Owner));
    });

    /// <summary>A released lock names nobody, so that the CPU that had it last does not take another's for its own.</summary>
    [Fact]
    public void Lock_HeldByAnotherCpu_IsWaitedFor()
    {
        _guest.Mailbox.Owner = 0x1FF;                   // no identifier of eight bits
        _guest.Mailbox.Lock = 1;
        byte[] before = _guest.MailboxBytes.ToArray();
        ulong status = 0;
        var caller = new Thread(() => status = _guest.Call(RuntimeService.GetTime, 0, 0));
        caller.Start();

        Assert.False(caller.Join(100));
        Assert.Equal(0, _guest.FirmwareCalls);
        Assert.True(_guest.MailboxBytes.SequenceEqual(before));
        Volatile.Write(ref _guest.Mailbox.Lock, 0U);
        _guest.Mailbox.Owner = 0;
        Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(ShimGuest.Answer, status);
    }

    [Fact]
    public void Page_CopiedElsewhere_UsesItsOwnMailbox()
    {
        using var elsewhere = new NativeMemory(ServiceShim.Length);
        using var mailbox = new NativeMemory(ServiceMailbox.Length);
        byte[] before = _guest.MailboxBytes.ToArray();
        _guest.UseMailbox(mailbox);
        _guest.Page.CopyTo(elsewhere.Bytes);
        _guest.Page.Clear();

        Assert.Equal(ShimGuest.Answer, _guest.Call(_guest.Caller, elsewhere, RuntimeService.ConvertPointer, 5, _guest.OwnAt(0)));
        ServiceMailbox used = MemoryMarshal.Read<ServiceMailbox>(mailbox.Bytes);
        Assert.Equal((ulong)RuntimeService.ConvertPointer, used.Service);
        Assert.Equal([5, _guest.OwnAt(0), 0, 0, 0], ((ReadOnlySpan<ulong>)used.Arguments).ToArray());
        Assert.Equal(Enumerable.Repeat((byte)0x77, 8), ((ReadOnlySpan<byte>)used.Slots).Slice(ServiceMailbox.SlotBytes, 8).ToArray());
        Assert.True(_guest.MailboxBytes.SequenceEqual(before));
    }

    /// <summary>SetVirtualAddressMap() moves the mailbox: the call that does it ends in the one that it began with.</summary>
    [Fact]
    public void Mailbox_MovedDuringTheCall_IsUsedFromTheNextOn()
    {
        using var mailbox = new NativeMemory(ServiceMailbox.Length);
        _guest.Firmware = () =>
        {
            _guest.UseMailbox(mailbox);
            return ShimGuest.Answer;
        };
        _guest.Call(RuntimeService.SetVirtualAddressMap, 0, 48, 1, 0);

        Assert.Equal((0U, (ulong)RuntimeService.SetVirtualAddressMap), (_guest.Mailbox.Lock, _guest.Mailbox.Service));
        Assert.Equal(-1, mailbox.Bytes.IndexOfAnyExcept((byte)0));
        _guest.Call(RuntimeService.SetTime, 0);
        Assert.Equal((ulong)RuntimeService.SetTime, MemoryMarshal.Read<ServiceMailbox>(mailbox.Bytes).Service);
    }

    // A thread of its own, for it is not given back to all CPUs.
    private static void OnOneCpu(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            int cpu = SchedGetCpu();
            byte[] set = new byte[128];
            set[cpu / 8] = (byte)(1 << (cpu % 8));
            failure = Record.Exception(() =>
            {
                Assert.Equal(0, SchedSetAffinity(0, set.Length, set));
                test();
            });
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    private static partial int SchedGetCpu();

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SchedSetAffinity(int thread, nint length, byte[] set);
}
