using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Switcher.Boot.Plan;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Switcher.Tests.Loader.Runtime;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>Promise 10 on the firmware's console: what is shown, what a key does, and what is stored.</summary>
public sealed unsafe class SystemMenuTests
{
    private const ushort Down = 0x02;
    private const ushort Escape = 0x17;

    private readonly TestBoot _boot = new(0);

    public SystemMenuTests()
    {
        for (ushort i = 1; i <= 3; i++)
            AddOption(i, $@"\EFI\system{i}\loader.efi");
        _boot.Uefi.Variables.Set("BootOrder", VariableVendor.Global, ServiceGuest.Lasting, [1, 0, 2, 0, 3, 0]);
    }

    private FakeFirmware Uefi => _boot.Uefi;

    [Fact]
    public void Run_WithoutAList_WaitsForAsLongAsItTakes()
    {
        Assert.False(Run());
        Assert.True(Uefi.Stalled > 3600UL * 1_000_000);
        Assert.True(_boot.Context->HasLeft);
        Assert.Equal((0, ""), (_boot.Context->Plan.Guests.Count, _boot.Refusal));
        Assert.Null(Stored("SwitcherGuests"));
    }

    [Fact]
    public void Run_Enter_StartsTheProposalAndStoresNothing()
    {
        Uefi.Type("\r");
        Assert.True(Run());
        Assert.Equal([1, 2, 3], Guests());
        Assert.Null(Stored("SwitcherGuests"));
        Assert.Contains(Uefi.Console, line => line.StartsWith("> [ 1] system 1", StringComparison.Ordinal));
        Assert.Contains("STEP menu systems=3 others=0 selected=3", DebugPort.Lines);
        Assert.All(Uefi.Console, line => Assert.True(line.Length < 80, line));
    }

    /// <summary>The firmware's own menu was left with Enter; that key, and its repetitions, start nothing.</summary>
    [Fact]
    public void Run_KeysFromBefore_StartNothing()
    {
        for (int i = 0; i < 10; i++)
            Uefi.Keys.Enqueue(new InputKey { UnicodeChar = '\r' });
        Assert.False(Run());
        Assert.True(_boot.Context->HasLeft);
    }

    [Fact]
    public void Run_SavedChoice_IsThatOfTheNextBoot()
    {
        Set("SwitcherGuest0002", "options=quiet\nmemory=10%\n");
        Uefi.Type("+ms\r", Down);
        Assert.True(Run());
        Assert.Equal([2, 1, 3], Guests());
        Assert.Equal([2, 0, 1, 0, 3, 0], Stored("SwitcherGuests"));
        Assert.Equal("options=quiet\nmemory=20%\n", Encoding.UTF8.GetString(Stored("SwitcherGuest0002")!));
        Assert.Equal(20UL, _boot.Guest(0)->Memory.Value);
        Assert.Contains(Uefi.Console, line => line.StartsWith("Saved.", StringComparison.Ordinal));

        // Again, and nobody touches a key.
        _boot.Context->IsListed = false;
        ulong before = Uefi.Stalled;
        Assert.True(Run());
        Assert.Equal((true, 3_000_000UL), (_boot.Context->IsListed, Uefi.Stalled - before));
        Assert.Equal([2, 1, 3], Guests());
        Assert.Equal((MemoryUnit.Percent, 20UL), (_boot.Guest(0)->Memory.Unit, _boot.Guest(0)->Memory.Value));
    }

    [Fact]
    public void Run_StoreThatIsBroken_SaysSoAndTheMenuStays()
    {
        Assert.True(Configuration.Read(_boot.Context));
        Uefi.Type("s");
        Uefi.Variables.Set("SwitcherGuests", Variables.SwitcherVendor, VariableAttributes.BootServiceAccess, [9]);
        Assert.False(SystemMenu.Run(_boot.Context));
        Assert.Contains(Uefi.Console, line => line.StartsWith("The firmware did not store it.", StringComparison.Ordinal));
        Assert.Contains("INFO menu saved guests=3 stored=no", DebugPort.Lines);
    }

    [Fact]
    public void Run_KeyInTheCountdown_OpensTheMenuOnTheSavedChoice()
    {
        Uefi.Variables.Set("SwitcherGuests", Variables.SwitcherVendor, ServiceGuest.Lasting, [3, 0, 1, 0]);
        Uefi.Type("x");
        Uefi.Type(" \r", Down, Down);
        Assert.True(Run());
        Assert.Equal([3, 1, 2], Guests());
        Assert.Contains("STEP menu systems=3 others=0 selected=2", DebugPort.Lines);
    }

    [Fact]
    public void Run_Native_LeavesThatSystemAlone()
    {
        Uefi.Type("n", Down);
        Assert.False(Run());
        Assert.Equal([2], Guests());
        Assert.Equal((false, ""), (_boot.Context->HasLeft, _boot.Refusal));
    }

    [Fact]
    public void Run_WithoutAConsole_RefusesAndStartsNothing()
    {
        Uefi.Table->ConIn = null;
        Assert.False(Run());
        Assert.StartsWith("nobody has chosen systems yet", _boot.Refusal);
    }

    /// <summary>A list that names one system, or none that there are, is no choice.</summary>
    [Theory]
    [InlineData(new byte[] { 1, 0 })]
    [InlineData(new byte[] { 7, 0, 8, 0 })]
    public void Run_ListOfTooFew_AsksToo(byte[] list)
    {
        Uefi.Variables.Set("SwitcherGuests", Variables.SwitcherVendor, ServiceGuest.Lasting, list);
        Uefi.Keys.Enqueue(new InputKey { ScanCode = Escape });
        Uefi.Type("\r");
        Assert.True(Run());
        Assert.Equal([1, 2, 3], Guests());
    }

    private bool Run()
    {
        _boot.Context->Plan.Guests = default;
        Assert.True(Configuration.Read(_boot.Context), _boot.Refusal);
        return SystemMenu.Run(_boot.Context);
    }

    private int[] Guests() => [.. Enumerable.Range(0, _boot.Context->Plan.Guests.Count).Select(i => (int)_boot.Guest(i)->BootOption)];

    private byte[]? Stored(string name) => Uefi.Variables.Find(name, Variables.SwitcherVendor)?.Value;

    private void Set(string name, string text) =>
        Uefi.Variables.Set(name, Variables.SwitcherVendor, ServiceGuest.Lasting, Encoding.UTF8.GetBytes(text));

    /// <summary>A loader on a partition that this machine does not have: nothing can be read of it.</summary>
    private void AddOption(ushort number, string file)
    {
        byte[] drive = new byte[42];
        (drive[0], drive[1], drive[2], drive[4], drive[40], drive[41]) = (4, 1, 42, 1, 2, 2);
        byte[] text = Encoding.Unicode.GetBytes(file + "\0");
        List<byte> option =
        [
            1, 0, 0, 0, (byte)(drive.Length + text.Length + 8), 0, .. Encoding.Unicode.GetBytes($"system {number}\0"),
            .. drive, 4, 4, (byte)(text.Length + 4), 0, .. text, 0x7F, 0xFF, 4, 0,
        ];
        Uefi.Variables.Set($"Boot{number:X4}", VariableVendor.Global, ServiceGuest.Lasting, [.. option]);
    }
}
