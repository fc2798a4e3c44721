using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Ctl.Live;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;
using A = Switcher.Efi.Uefi.VariableAttributes;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>The variables of Switcher's own in the run phase: what they say, what may be written, and what becomes of it.</summary>
public sealed class OwnVariableTests
{
    private const A Volatile = A.BootServiceAccess | A.RuntimeAccess;
    private const ulong Room = ServiceMailbox.DataCapacity;

    private static Guid Own => Variables.SwitcherVendor;

    [Fact]
    public void Status_OfAMachineThatHasSwitched_IsWhatSwitcherctlReads()
    {
        ServiceGuest guest = new();
        guest.Hypervisor.State.Switches = 7;
        (guest.Hypervisor.State.From, guest.Hypervisor.State.To, guest.Hypervisor.State.Next) = (0, 2, 1);
        guest.Hypervisor.State.Ticks = 5_000;
        SwitcherStatus status = ReadStatus(guest);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["version"] = "Switcher under test",
                ["backend"] = "svm",
                ["switches"] = "7",
                ["last-from"] = "0001",
                ["last-to"] = "00a3",
                ["last-microseconds"] = "2500",
                ["services"] = "ok",
                ["dma"] = "not-confined",
                ["hypervisor-bytes"] = "2097152",
                ["firmware-bytes"] = "58720256",
                ["sleep"] = "switch",
                ["next"] = "0002",
            },
            status.Machine);
        Assert.Equal(3, status.Guests.Count);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["guest"] = "0002",
                ["state"] = "suspended",
                ["sleep"] = "machine",
                ["restarts"] = "2",
                ["exits"] = "0",
                ["bytes"] = $"{2 << 20}",
                ["ranges"] = "0x80000000+0x200000",
                ["name"] = "système '1'?",
            },
            status.Guests[1]);
        Assert.Equal(["active", "suspended", "off"], status.Guests.Select(line => line["state"]));
    }

    [Fact]
    public unsafe void Status_OfALongName_IsCutBetweenCharacters()
    {
        ServiceGuest guest = new();
        byte[] name = Encoding.UTF8.GetBytes("x" + string.Concat(Enumerable.Repeat("€", 5000)));
        guest.Guest(0)->Name = (byte*)guest.Uefi.Pages.AllocatePool((ulong)name.Length);
        name.CopyTo(new Span<byte>(guest.Guest(0)->Name, name.Length));
        guest.Guest(0)->NameLength = name.Length;
        Assert.Equal("x" + string.Concat(Enumerable.Repeat("€", 42)), ReadStatus(guest).Guests[0]["name"]);
    }

    /// <summary>A value changes from moment to moment; who asks how large it is gets the one that was so large.</summary>
    [Fact]
    public void Status_AskedForItsSizeFirst_IsTheOneThatHadIt()
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetVariable("SwitcherStatus", 0, hasData: false, Own));
        ulong size = guest.Number(3)!.Value;
        guest.Hypervisor.State.Guests[0].Exits = ulong.MaxValue;
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherStatus", size, vendor: Own));
        Assert.Equal(((ulong)guest.Result!.Length, (ulong)Volatile), (size, guest.Number(2)));
        Assert.DoesNotContain($"{ulong.MaxValue}", Encoding.UTF8.GetString(guest.Result), StringComparison.Ordinal);

        // Not one moment longer, and for nobody else.
        Assert.Equal($"{ulong.MaxValue}", ReadStatus(guest).Guests[0]["exits"]);
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetVariable("SwitcherStatus", 0, hasData: false, Own));
        guest.CallerIndex = 1;
        guest.Hypervisor.State.Switches = 3;
        Assert.Equal("3", ReadStatus(guest).Machine["switches"]);
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetVariable("SwitcherStatus", 0, hasData: false, Own));
        guest.GetVariable("None", 0);
        guest.Hypervisor.State.Switches = 4;
        Assert.Equal("4", ReadStatus(guest).Machine["switches"]);
    }

    [Fact]
    public void Log_OfBothSides_EndsWithTheHypervisors()
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherLog", Room, vendor: Own));
        string log = Encoding.ASCII.GetString(guest.Result!);
        Assert.StartsWith("STEP firmware version=\"Switcher under test\"", log, StringComparison.Ordinal);
        Assert.EndsWith("\nSTEP s3 guest=0\n", log, StringComparison.Ordinal);
        guest.Hypervisor.Log = new string('x', 70_000) + "\n";
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherLog", Room, vendor: Own));
        Assert.Equal(ServiceMailbox.DataCapacity, guest.Result!.Length);
    }

    [Theory]
    [InlineData("SwitcherStatus")]
    [InlineData("SwitcherLog")]
    public void ReadOnly_WrittenOrDeleted_IsWriteProtected(string name)
    {
        ServiceGuest guest = new();
        foreach (A attributes in new[] { Lasting, Volatile, (A)0, Lasting | A.AppendWrite })
        {
            Assert.Equal(EfiStatus.WriteProtected, guest.SetVariable(Own, name, attributes, 1));
            Assert.Equal(EfiStatus.WriteProtected, guest.SetVariable(Own, name, attributes));
        }
        Assert.Equal(0, guest.Variables.Writes);
    }

    [Theory]
    [InlineData(Lasting)]
    [InlineData(Volatile)]
    public void Next_Written_IsOrderedReadAndCleared(A attributes)
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable("SwitcherNext", Room, vendor: Own));
        Assert.Equal(EfiStatus.NotFound, guest.SetVariable(Own, "SwitcherNext", attributes));
        Assert.Equal(EfiStatus.Success, guest.SetVariable(Own, "SwitcherNext", attributes, 0xA3, 0));
        Assert.Equal(2, guest.Hypervisor.State.Next);
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherNext", Room, vendor: Own));
        Assert.Equal((Volatile, 0xA3), ((A)guest.Number(2)!, BitConverter.ToUInt16(guest.Result!)));
        Assert.Equal(EfiStatus.Success, guest.SetVariable(Own, "SwitcherNext", 0));
        Assert.Equal(Domain.Nobody, guest.Hypervisor.State.Next);
        Assert.Equal(0, guest.Variables.Writes);
    }

    /// <summary>Sizes, guests that there are not, and the one that writes.</summary>
    [Theory]
    [InlineData(Lasting, 1)]
    [InlineData(Lasting, 2, 0, 0)]
    [InlineData(Lasting, 4, 0)]
    [InlineData(Lasting, 1, 0)]
    [InlineData(Lasting, 2, 1)]
    [InlineData(Lasting | A.AppendWrite, 2, 0)]
    [InlineData(Lasting | A.TimeBasedAuthenticatedWriteAccess, 2, 0)]
    [InlineData(A.NonVolatile, 2, 0)]
    [InlineData(A.BootServiceAccess, 2, 0)]
    public void Next_OfBadValueOrAttributes_ChangesNothing(A attributes, params int[] value)
    {
        ServiceGuest guest = new();
        guest.SetVariable(Own, "SwitcherNext", Lasting, 0xA3, 0);
        Assert.Equal(EfiStatus.InvalidParameter,
            guest.SetVariable(Own, "SwitcherNext", attributes, [.. value.Select(number => (byte)number)]));
        Assert.Equal(2, guest.Hypervisor.State.Next);
    }

    [Fact]
    public void Own_OfDeprecatedAuthentication_IsUnsupported()
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.Unsupported,
            guest.SetVariable(Own, "SwitcherNext", Lasting | A.AuthenticatedWriteAccess, 2, 0));
    }

    [Theory]
    [InlineData("armed", SleepPolicy.Machine)]
    [InlineData("armed\n", SleepPolicy.Machine)]
    [InlineData("switch\0", SleepPolicy.Switch)]
    public void Sleep_Written_IsStoredAndTakesEffect(string text, SleepPolicy policy)
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.Success, guest.SetVariable(Own, "SwitcherSleep", Lasting, Encoding.ASCII.GetBytes(text)));
        Assert.Equal(text, Encoding.ASCII.GetString(guest.Variables.Find("SwitcherSleep", Own)!.Value));
        Assert.Equal([(-1, policy)], guest.Hypervisor.Policies);
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherSleep", Room, vendor: Own));
        Assert.Equal(EfiStatus.Success, guest.SetVariable(Own, "SwitcherSleep", 0));
        Assert.Equal([(-1, policy), (-1, SleepPolicy.Switch)], guest.Hypervisor.Policies);
    }

    [Fact]
    public void Guest_Written_IsStoredAndTakesEffectForThatGuest()
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.Success, Write(guest, "SwitcherGuest00A3", "sleep=machine\noptions=quiet\n"));
        Assert.Equal([(2, SleepPolicy.Machine)], guest.Hypervisor.Policies);
        unsafe
        {
            Assert.Equal((false, true), (guest.Guest(1)->HasNewOptions, guest.Guest(2)->HasNewOptions));
        }

        // Of no guest of this start: stored for another one.
        Assert.Equal(EfiStatus.Success, Write(guest, "SwitcherGuest0077", "sleep=machine"));
        Assert.Equal(EfiStatus.Success, guest.SetVariable(Own, "SwitcherGuest00A3", Lasting));
        Assert.Equal([(2, SleepPolicy.Machine), (2, SleepPolicy.Switch)], guest.Hypervisor.Policies);
        Assert.Equal(["SwitcherGuest0077"], guest.Variables.All.Select(variable => variable.Name));
    }

    [Theory]
    [InlineData("SwitcherSleep", "")]
    [InlineData("SwitcherSleep", "Armed")]
    [InlineData("SwitcherSleep", "switch armed")]
    [InlineData("SwitcherSleep", "switch\narmed")]
    [InlineData("SwitcherSleep", "armed\u20AC")]
    [InlineData("SwitcherGuest0002", "sleep=armed")]
    [InlineData("SwitcherGuest0002", "sleep=switch\nsleep=machine")]
    [InlineData("SwitcherGuest0002", "memory=0M")]
    [InlineData("SwitcherGuest0002", "nonsense")]
    [InlineData("SwitcherGuests", "1")]
    [InlineData("SwitcherGuests", "11")]
    [InlineData("SwitcherGuests", "1111")]
    [InlineData("SwitcherGuests", "11223")]
    [InlineData("SwitcherTimeout", "1")]
    [InlineData("SwitcherTimeout", "123")]
    public void Stored_WithABadValue_IsRefusedAndChangesNothing(string name, string text)
    {
        ServiceGuest guest = new();
        guest.Variables.Add(name, Own, Lasting, 1, 2, 3);
        byte[] value = text.Length == 0 ? [(byte)'\n'] : Encoding.UTF8.GetBytes(text);
        Assert.Equal(EfiStatus.InvalidParameter, guest.SetVariable(Own, name, Lasting, value));

        // And one that ends within a character.
        Assert.Equal(EfiStatus.InvalidParameter, guest.SetVariable(Own, name, Lasting, [.. "options="u8, 0xE2, 0x82, 1]));
        Assert.Equal((0, 0), (guest.Variables.Writes, guest.Hypervisor.Policies.Count));
    }

    [Theory]
    [InlineData("SwitcherSleep", "armed")]
    [InlineData("SwitcherGuest0002", "sleep=machine")]
    public void Stored_WithAttributesThatCannotBe_IsRefused(string name, string text)
    {
        ServiceGuest guest = new();
        foreach (A attributes in new[] { Volatile, Lasting | A.AppendWrite, Lasting | A.TimeBasedAuthenticatedWriteAccess })
            Assert.Equal(EfiStatus.InvalidParameter, guest.SetVariable(Own, name, attributes, Encoding.ASCII.GetBytes(text)));
        Assert.Equal((0, 0), (guest.Variables.Writes, guest.Hypervisor.Policies.Count));
    }

    /// <summary>What is not stored has no effect.</summary>
    [Fact]
    public void Stored_OnFullFlashMemory_HasNoEffect()
    {
        ServiceGuest guest = new();
        for (int i = 0; guest.Variables.Used < guest.Variables.Capacity - 60_000; i++)
            guest.Variables.Add($"Filler{i}", Vendor, Lasting, new byte[60_000]);
        guest.Variables.Add("Last", Vendor, Lasting, new byte[guest.Variables.Capacity - guest.Variables.Used - 20]);
        Assert.Equal(EfiStatus.OutOfResources, Write(guest, "SwitcherSleep", "armed"));
        Assert.Empty(guest.Hypervisor.Policies);
    }

    /// <summary>Another name, another case, another vendor: the firmware's, unchanged.</summary>
    [Theory]
    [InlineData("SwitcherFuture")]
    [InlineData("switcherStatus")]
    [InlineData("SWITCHERSLEEP")]
    [InlineData("SwitcherGuest00a3")]
    [InlineData("SwitcherGuest00A")]
    [InlineData("SwitcherGuest00A30")]
    [InlineData("SwitcherStatus ")]
    [InlineData("SwitcherStatusSwitcherStatusSwitcherStatus")]
    public void Unknown_OfSwitchersVendor_GoesToTheFirmware(string name)
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable(name, Room, vendor: Own));
        Assert.Equal(EfiStatus.Success, Write(guest, name, "anything"));
        Assert.Equal(EfiStatus.Success, Write(guest, name, "more"));
        Assert.Equal("more", Encoding.ASCII.GetString(guest.Variables.Find(name, Own)!.Value));
        Assert.Empty(guest.Hypervisor.Policies);
    }

    [Fact]
    public void Known_OfAnotherVendor_GoesToTheFirmware()
    {
        ServiceGuest guest = new();
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable("SwitcherStatus", Room));
        Assert.Equal(EfiStatus.Success, guest.SetVariable("SwitcherNext", Lasting, 1, 2, 3));
        Assert.Equal(Domain.Nobody, guest.Hypervisor.State.Next);
    }

    /// <summary>Each once, also if the firmware has some of an earlier time.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Names_OfAll_HaveSwitchersOnce(bool hasNext)
    {
        ServiceGuest guest = new();
        guest.Variables.Add("First", Vendor, Lasting, 1);
        guest.Variables.Add("SwitcherNext", Own, Lasting, 1, 0);
        guest.Variables.Add("SwitcherStatus", Own, Lasting, 1);
        guest.Variables.Add("SwitcherSleep", Own, Lasting, 1);
        guest.Variables.Add("SwitcherLog", Own, Lasting, 1);
        guest.Variables.Add("SwitcherStatus", Vendor, Lasting, 1);
        if (hasNext)
            guest.SetVariable(Own, "SwitcherNext", Lasting, 2, 0);
        List<string> names = [];
        (string name, Guid vendor) = ("", Guid.Empty);
        while (!guest.GetNext(name, Room, vendor).IsError)
        {
            (name, vendor) = (guest.ResultName!, new Guid(guest.Slot(2)!));
            names.Add($"{name}{(vendor == Own ? "" : " of another")}");
        }
        string[] next = hasNext ? ["SwitcherNext"] : [];
        Assert.Equal(["SwitcherStatus", "SwitcherLog", .. next, "First of another", "SwitcherSleep", "SwitcherStatus of another"], names);
        Assert.Equal(hasNext ? EfiStatus.Success : EfiStatus.InvalidParameter, guest.GetNext("SwitcherNext", Room, Own));
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetNext("", 10, Guid.Empty));
    }

    /// <summary>Whatever is written: the answer is one that the service knows, and what is refused changes nothing.</summary>
    [Fact]
    public void Own_WrittenAnyhow_IsRefusedOrMeansWhatItSays()
    {
        string[] names = ["SwitcherStatus", "SwitcherLog", "SwitcherNext", "SwitcherSleep", "SwitcherGuests", "SwitcherGuest0002"];
        Gen<byte[]> values = Gen.OneOf(
            Gen.Byte.Array[0, 8],
            Gen.OneOf("armed", "switch", "sleep=machine", "\u0001\0", "\u0002\0", "\u0001\0\u0002\0").Select(Encoding.ASCII.GetBytes),
            Gen.String.Select(text => Encoding.UTF8.GetBytes("options=" + text)));
        var guest = new ServiceGuest();
        Gen.Select(Gen.OneOf(names), Gen.OneOf(Gen.UInt[0, 255], Gen.OneOf(0u, 6u, 7u, 7u)), values).Sample((name, attributes, value) =>
        {
            string before = VariableCallTests.Contents(guest);
            HypervisorReport state = guest.Hypervisor.State;
            EfiStatus status = guest.SetVariable(Own, name, (A)attributes, value);
            if (!status.IsError)
                return attributes is 0 or 6 or 7 || value.Length == 0 || (attributes & 6) == 0;
            return before == VariableCallTests.Contents(guest) && state.Next == guest.Hypervisor.State.Next
                && state.Sleep == guest.Hypervisor.State.Sleep && state.Guests[1].Sleep == guest.Hypervisor.State.Guests[1].Sleep;
        }, threads: 1, iter: 2000);
    }

    private static EfiStatus Write(ServiceGuest guest, string name, string text) =>
        guest.SetVariable(Own, name, Lasting, Encoding.UTF8.GetBytes(text));

    private static SwitcherStatus ReadStatus(ServiceGuest guest)
    {
        Assert.Equal(EfiStatus.Success, guest.GetVariable("SwitcherStatus", Room, vendor: Own));
        Assert.True(SwitcherStatus.TryParse(guest.Result!, out SwitcherStatus? status));
        return status;
    }
}
