using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;
using A = Switcher.Efi.Uefi.VariableAttributes;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>Variables that do not outlast the boot: each guest has those of its own loader, and the firmware none of them.</summary>
public sealed class LoaderVariableTests
{
    private const A Volatile = A.BootServiceAccess | A.RuntimeAccess;
    private const ulong Room = 1024;

    [Fact]
    public void Take_WhatTwoLoadersWrote_IsEachGuestsOwn()
    {
        var guest = new ServiceGuest();
        guest.Variables.Add("BootCurrent", VariableVendor.Global, Volatile, 9, 0);
        guest.Variables.Add("Firmware", Vendor, Volatile, 1);
        guest.RememberVariables();
        for (byte i = 0; i < 2; i++)
        {
            guest.Variables.Set("BootCurrent", VariableVendor.Global, Volatile, [i, 0]);
            guest.Variables.Set("Lasts", Vendor, Lasting, [i]);
            guest.Variables.Set("Hidden", Vendor, A.BootServiceAccess, [i]);
            guest.Variables.Set("OfLoader", Vendor, Volatile, [i, i, i]);
            guest.TakeVariables(i);
        }

        Assert.Equal("BootCurrent 9 0, Firmware 1, Lasts 1, Hidden 1", Text(guest.Variables.All));
        for (byte i = 0; i < 2; i++)
        {
            guest.CallerIndex = i;
            Assert.Equal([i, 0], Read(guest, "BootCurrent", VariableVendor.Global));
            Assert.Equal([i, i, i], Read(guest, "OfLoader", Vendor));
            Assert.Equal([1], Read(guest, "Firmware", Vendor));
            Assert.Equal(["BootCurrent", "OfLoader", "Firmware", "Lasts"], Names(guest));
            Assert.Equal(EfiStatus.WriteProtected, guest.SetVariable("OfLoader", Volatile, 5));
            Assert.Equal(EfiStatus.InvalidParameter, guest.SetVariable("OfLoader", Lasting, 5));
            Assert.Equal(EfiStatus.WriteProtected, guest.SetVariable("OfLoader", 0));
        }

        guest.CallerIndex = 2;
        Assert.Equal([9, 0], Read(guest, "BootCurrent", VariableVendor.Global));
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable("OfLoader", Room));
    }

    [Fact]
    public void Take_OfAGuestLoadedAgain_ForgetsWhatItHad()
    {
        var guest = new ServiceGuest();
        guest.RememberVariables();
        guest.Variables.Add("First", Vendor, Volatile, 1);
        guest.TakeVariables(0);
        guest.Variables.Add("Second", Vendor, Volatile, 2);
        guest.TakeVariables(0);
        Assert.Equal(["Second"], Names(guest));
        Assert.Empty(guest.Variables.All);
    }

    [Fact]
    public void Take_MoreThanThereIsRoomFor_LeavesTheRestToTheFirmware()
    {
        var guest = new ServiceGuest();
        guest.RememberVariables();
        for (int i = 0; i < 10; i++)
            guest.Variables.Add($"Large{i}", Vendor, Volatile, new byte[VariableList.Capacity / 4]);
        guest.TakeVariables(0);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"Large{i}"), Names(guest));
        Assert.Equal(7, guest.Variables.All.Count);
    }

    [Fact]
    public void Take_FirmwaresOwnChangedOrRemoved_PutsThemBack()
    {
        var guest = new ServiceGuest();
        guest.Variables.Add("Changed", Vendor, Volatile, 1);
        guest.Variables.Add("Removed", Vendor, Volatile, 2, 3);
        guest.RememberVariables();
        guest.Variables.Set("Changed", Vendor, Volatile, [7, 7]);
        guest.Variables.Set("Removed", Vendor, Volatile, []);
        guest.TakeVariables(0);
        Assert.Equal("Changed 1, Removed 2 3", Text(guest.Variables.All));
        Assert.Equal([7, 7], Read(guest, "Changed", Vendor));
    }

    /// <summary>Whatever loaders do, the firmware's volatile variables are afterwards what they were.</summary>
    [Fact]
    public void Take_AfterAnyChanges_LeavesTheFirmwareAsItWas() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4], Gen.Bool).Array[0, 25].Sample(changes =>
        {
            var guest = new ServiceGuest();
            for (int i = 0; i < 3; i++)
                guest.Variables.Add($"V{i}", Vendor, Volatile, (byte)i);
            guest.RememberVariables();
            foreach ((int number, int size, bool isVolatile) in changes)
                guest.Variables.Set($"{(isVolatile ? "V" : "L")}{number}", Vendor, isVolatile ? Volatile : Lasting, new byte[size]);
            Variable[] lasting = [.. guest.Variables.All.Where(v => v.Name[0] == 'L')];
            Variable[] expected = [.. guest.Variables.All.Where(v => v.Name[0] == 'V')];
            guest.TakeVariables(0);
            Assert.Equal("V0 0, V1 1, V2 2", Text(guest.Variables.All.Where(v => v.Name[0] == 'V').OrderBy(v => v.Name)));
            Assert.Equal(Text(lasting), Text(guest.Variables.All.Where(v => v.Name[0] == 'L')));
            foreach (Variable variable in expected)
                Assert.Equal(variable.Value, Read(guest, variable.Name, Vendor));
        }, iter: 200, threads: 1);

    private static byte[] Read(ServiceGuest guest, string name, Guid vendor)
    {
        Assert.Equal(EfiStatus.Success, guest.GetVariable(name, Room, vendor: vendor));
        return guest.Result!;
    }

    private static List<string> Names(ServiceGuest guest)
    {
        List<string> names = [];
        (string name, Guid vendor) = ("", Guid.Empty);
        while (guest.GetNext(name, Room, vendor) == EfiStatus.Success)
        {
            (name, vendor) = (guest.ResultName!, new Guid(guest.Slot(2)!));
            if (vendor != Variables.SwitcherVendor)
                names.Add(name);
        }

        return names;
    }

    private static string Text(IEnumerable<Variable> variables) =>
        string.Join(", ", variables.Select(v => $"{v.Name} {string.Join(' ', v.Value)}"));
}
