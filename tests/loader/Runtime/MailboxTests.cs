using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;
using A = Switcher.Efi.Uefi.VariableAttributes;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>Mailboxes that no shim has filled: whatever is in them, they harm nobody but their guest.</summary>
public sealed unsafe class MailboxTests
{
    // Nothing else in these tests has such bytes.
    private static readonly byte[] s_secret = [.. Enumerable.Repeat((byte)0xE7, 24)];
    private static readonly string[] s_names = ["Hidden", "HiddenToo", "Public", "Volatile", "New", "", "\0x", "Public\0Hidden"];

    /// <summary>A mailbox as numbers; the name by its index, or unterminated.</summary>
    private sealed record Request(ulong Service, ulong[] Arguments, int Name, ulong NameBytes, ulong DataBytes, ulong[] Slots);

    private static Gen<ulong> Number { get; } = Gen.Frequency(
        (4, Gen.OneOf<ulong>(0, 1, 2, 7, 24, 40, 80, 0x40, 0x47, 0x67, Pointer, ulong.MaxValue, 0x1_0000, 0x1_0001, 0xF00, 1UL << 63)),
        (1, Gen.ULong));

    private static Gen<Request> Any { get; } =
        Gen.Select(
            Gen.Frequency((12, Gen.ULong[0, 14]), (1, Gen.ULong)), Number.Array[ServiceMailbox.Parameters], Gen.Int[0, s_names.Length],
            Gen.Frequency((2, Gen.Const(0xFFFFUL)), (1, Number)), Number, Number.Array[2 * ServiceMailbox.Parameters])
        .Select((service, arguments, name, nameBytes, dataBytes, slots) =>
            new Request(service, arguments, name, nameBytes, dataBytes, slots));

    [Fact]
    public void Serve_OfAnyMailbox_ChangesAndShowsOnlyWhatItMay()
    {
        ServiceGuest guest = Create();
        byte[] fresh = Memory.ToArray();
        string firmware = guest.Uefi.State;
        var succeeded = new HashSet<ulong>();
        Any.Sample(request =>
        {
            fresh.CopyTo(Memory);
            guest.Runtime->IsVirtual = false;
            guest.Variables.Clear();
            AddVariables(guest);
            Fill(guest.Mailbox, request);
            byte[] filled = Memory.ToArray();
            EfiStatus status = guest.Serve();
            Check(guest, filled, status);
            if (!status.IsError)
                succeeded.Add(request.Service);
            Assert.Equal(firmware, guest.Uefi.State);
        }, iter: 20_000, threads: 1);

        // All but the capsules' (a map comes from nowhere): the calls are not all refused.
        ulong[] others = [(ulong)RuntimeService.SetVirtualAddressMap, 11, 12];
        Assert.Empty(Enumerable.Range(0, 14).Select(i => (ulong)i).Except(succeeded).Except(others));
        Assert.Empty(guest.Uefi.ForbiddenCalls);
    }

    /// <summary>
    /// Another CPU of the guest changes lengths and name while a call is served: who reads one of them twice would take the second for the
    /// first that was checked.
    /// </summary>
    [Fact]
    public void Serve_OfAMailboxThatChanges_ReadsItOnce()
    {
        ServiceGuest guest = Create();
        ServiceMailbox* mailbox = guest.Mailbox;
        bool isOver = false;
        var other = new Thread(() =>
        {
            ReadOnlySpan<char> names = "Hidden\0Public\0";
            for (int i = 0; !Volatile.Read(ref isOver); i++)
            {
                names.Slice(i % 2 * 7, 7).CopyTo(new Span<char>((byte*)mailbox + ServiceMailbox.NameOffset, 7));
                Volatile.Write(ref mailbox->NameBytes, i % 8 == 0 ? ulong.MaxValue : 14);
                Volatile.Write(ref mailbox->DataBytes, i % 2 == 0 ? ulong.MaxValue : 4);
                Volatile.Write(ref *(ulong*)((byte*)&mailbox->Slots + (3 * ServiceMailbox.SlotBytes)), i % 2 == 0 ? 4 : 0x7000_0000UL);
                Volatile.Write(ref *((ulong*)&mailbox->Arguments + 3), i % 2 == 0 ? 4 : ulong.MaxValue);
            }
        });
        other.Start();
        int served = 0;
        try
        {
            for (long start = Environment.TickCount64; Environment.TickCount64 - start < 2000; served++)
            {
                mailbox->Service = (ulong)(served % 2 == 0 ? RuntimeService.GetVariable : RuntimeService.SetVariable);
                var arguments = (ulong*)&mailbox->Arguments;
                arguments[0] = arguments[1] = arguments[4] = Pointer;
                arguments[2] = (ulong)Lasting;
                *(Guid*)((byte*)&mailbox->Slots + ServiceMailbox.SlotBytes) = Vendor;
                arguments[3] = 4;
                mailbox->NameBytes = 14;
                mailbox->DataBytes = 4;
                guest.Serve();

                // All of the memory takes far longer to look through than a call to serve.
                Span<byte> data = new((byte*)mailbox + ServiceMailbox.DataOffset, 2 * s_secret.Length);
                Assert.True(data.IndexOf(s_secret) < 0 && (served % 1024 != 0 || IsAroundIntact));
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            other.Join();
        }

        Assert.Equal(s_secret, guest.Variables.Find("Hidden", Vendor)!.Value);
        Assert.DoesNotContain(guest.Variables.All, v => v.Value.Length is not (4 or 24) && v.Name == "Public");
        Assert.InRange(served, 100, int.MaxValue);
    }

    private static ServiceGuest Create()
    {
        var guest = new ServiceGuest();
        AddVariables(guest);
        return guest;
    }

    private static void AddVariables(ServiceGuest guest)
    {
        guest.Variables.Add("Hidden", Vendor, A.NonVolatile | A.BootServiceAccess, s_secret);
        guest.Variables.Add("HiddenToo", Vendor, A.BootServiceAccess, s_secret);
        guest.Variables.Add("Public", Vendor, Lasting, 1, 2, 3, 4);
        guest.Variables.Add("Volatile", Vendor, A.BootServiceAccess | A.RuntimeAccess, 4);
    }

    private static void Fill(ServiceMailbox* mailbox, Request request)
    {
        string name = request.Name < s_names.Length
            ? $"{s_names[request.Name]}\0"
            : new string('n', ServiceMailbox.NameCapacity / sizeof(char));
        name.CopyTo(new Span<char>((byte*)mailbox + ServiceMailbox.NameOffset, name.Length));
        mailbox->Service = request.Service;
        mailbox->NameBytes = request.NameBytes == 0xFFFF ? (ulong)(name.Length * sizeof(char)) : request.NameBytes;
        mailbox->DataBytes = request.DataBytes;
        request.Arguments.CopyTo(new Span<ulong>(&mailbox->Arguments, ServiceMailbox.Parameters));
        request.Slots.CopyTo(new Span<ulong>(&mailbox->Slots, 2 * ServiceMailbox.Parameters));

        // Where services have their vendor, mostly one that there is.
        int parameter = (RuntimeService)request.Service switch
        {
            RuntimeService.GetVariable or RuntimeService.SetVariable => 1,
            RuntimeService.GetNextVariableName => 2,
            _ => 0,
        };
        if (parameter != 0 && request.Arguments[0] % 4 != 0)
            *(Guid*)((byte*)&mailbox->Slots + (parameter * ServiceMailbox.SlotBytes)) = Vendor;
    }

    private static void Check(ServiceGuest guest, byte[] filled, EfiStatus status)
    {
        const int Tables = (int)(Data - Base) + ServiceMailbox.Length;
        ServiceMailbox* mailbox = guest.Mailbox;
        Assert.True(IsAroundIntact);
        Assert.Equal(status.Value, mailbox->Status);
        Assert.InRange(mailbox->NameBytes, 0UL, (ulong)ServiceMailbox.NameCapacity);
        Assert.InRange(mailbox->DataBytes, 0UL, (ulong)ServiceMailbox.DataCapacity);
        Assert.True(guest.Runtime->IsVirtual || Memory[Tables..].SequenceEqual(filled.AsSpan(Tables)));
        fixed (byte* before = &filled[(int)(Data - Base)])
        {
            var was = (ServiceMailbox*)before;
            Assert.Equal((was->Service, was->Lock, was->Owner), (mailbox->Service, mailbox->Lock, mailbox->Owner));
            for (int i = 0; i < ServiceMailbox.Parameters; i++)
            {
                // Nothing goes where the caller has no pointer.
                ulong argument = ((ulong*)&was->Arguments)[i];
                Assert.Equal(argument, ((ulong*)&mailbox->Arguments)[i]);
                Assert.False(argument == 0 && (mailbox->Results & (1UL << i)) != 0);
            }
        }

        Assert.True(Memory.IndexOf(s_secret) < 0);
        Assert.False(guest.ResultName is "Hidden" or "HiddenToo");
        foreach (Variable variable in guest.Variables.All)
        {
            bool isHidden = (variable.Attributes & A.RuntimeAccess) == 0;
            Assert.Equal(isHidden, variable.Vendor == Vendor && variable.Name.StartsWith("Hidden", StringComparison.Ordinal));
            Assert.True(!isHidden || variable.Value.SequenceEqual(s_secret));
        }

        Assert.Equal(2, guest.Variables.All.Count(v => (v.Attributes & A.RuntimeAccess) == 0));
        Assert.Equal([4], guest.Variables.Find("Volatile", Vendor)!.Value);
    }
}
