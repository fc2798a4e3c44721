using System;
using System.Collections.Generic;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;
using A = Switcher.Efi.Uefi.VariableAttributes;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>The list of variables in the run phase: UEFI 2.10, 8.2.2 "GetNextVariableName()".</summary>
public sealed class VariableNameTests
{
    private const ulong Room = 1024;

    [Fact]
    public void GetNextVariableName_FromTheEmptyName_ListsWhatTheRunPhaseHas()
    {
        ServiceGuest guest = VariableCallTests.Create();
        guest.Variables.Add(new string('n', ServiceMailbox.NameCapacity / sizeof(char)), Vendor, Lasting, 1);
        guest.Variables.Add("HiddenToo", Vendor, A.BootServiceAccess, 1);
        guest.Variables.Add("Others", Guid.Empty, Lasting, 1);
        guest.Variables.Add("HiddenLast", Vendor, A.BootServiceAccess, 1);
        List<string> names = [];
        string name = "";
        Guid vendor = Guid.Empty;
        EfiStatus status = guest.GetNext(name, Room, vendor);
        for (; !status.IsError; status = guest.GetNext(name, Room, vendor))
        {
            name = guest.ResultName!;
            vendor = new Guid(guest.Slot(2)!);
            Assert.Equal((ulong)((name.Length + 1) * sizeof(char)), guest.Number(0));
            Guid owner = name.StartsWith("Switcher", StringComparison.Ordinal) ? Variables.SwitcherVendor : Vendor;
            Assert.Equal(name == "Others" ? Guid.Empty : owner, vendor);
            names.Add(name);
        }

        Assert.Equal(EfiStatus.NotFound, status);
        Assert.Equal(["SwitcherStatus", "SwitcherLog", "Lasting", "Volatile", "Largest", "TooLarge", "Others"], names);
    }

    [Fact]
    public void GetNextVariableName_OfNone_FindsNothing() =>
        Assert.Equal(EfiStatus.NotFound, new ServiceGuest().GetNext("SwitcherLog", Room, Variables.SwitcherVendor));

    [Fact]
    public void GetNextVariableName_OfAListWithoutEnd_ComesBack()
    {
        var guest = new ServiceGuest();
        guest.Variables.Add("Hidden", Vendor, A.BootServiceAccess, 1);
        guest.Variables.GoesInCircles = true;
        Assert.Equal(EfiStatus.DeviceError, guest.GetNext("SwitcherLog", Room, Variables.SwitcherVendor));
    }

    [Fact]
    public void GetNextVariableName_WithTooLittleRoom_TellsTheSize()
    {
        ServiceGuest guest = VariableCallTests.Create();
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetNext("Lasting", 17, Vendor));
        Assert.Equal(18UL, guest.Number(0));
        Assert.Null(guest.ResultName);
        Assert.Null(guest.Slot(2));
        Assert.Equal(EfiStatus.Success, guest.GetNext("Lasting", 18, Vendor));
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Hidden")]
    public void GetNextVariableName_AfterWhatIsNotThere_IsInvalid(string name)
    {
        ServiceGuest guest = VariableCallTests.Create();
        Assert.Equal(EfiStatus.InvalidParameter, guest.GetNext(name, Room, Vendor));
        Assert.Equal(EfiStatus.InvalidParameter, guest.GetNext("Lasting", Room, Guid.Empty));
    }

    [Fact]
    public void GetNextVariableName_WithBadArguments_IsInvalid()
    {
        ServiceGuest guest = VariableCallTests.Create();
        for (int parameter = 0; parameter < 3; parameter++)
        {
            ulong[] arguments = [Pointer, Pointer, Pointer];
            arguments[parameter] = 0;
            Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.GetNextVariableName, arguments,
                parameter == 1 ? null : "", null, (0, BitConverter.GetBytes(Room))));
        }

        // A name that does not end within its size, or in the mailbox.
        Assert.Equal(EfiStatus.InvalidParameter, guest.GetNext("Lasting", 15, Vendor));
        Assert.Equal(EfiStatus.InvalidParameter, guest.GetNext("", 1, Vendor));
        Assert.Equal(EfiStatus.InvalidParameter, guest.GetNext(new string('n', 2000), 10_000, Vendor));
    }
}
