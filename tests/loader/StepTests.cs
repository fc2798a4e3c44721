using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Cpu;
using Switcher.Efi.Guests;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using MemoryType = Switcher.Efi.Uefi.MemoryType;

namespace Switcher.Tests.Loader;

/// <summary>The steps of the boot side that come before and after the loaders.</summary>
public unsafe class StepTests
{
    private const ulong Gibibyte = 1UL << 30;

    private readonly FakeFirmware _firmware = new((0x1_0000, 0x8_0000), (Gibibyte, Gibibyte), (4 * Gibibyte, 2 * Gibibyte));
    private readonly BootContext* _boot = (BootContext*)NativeMemory.AllocZeroed((nuint)sizeof(BootContext));

    public StepTests()
    {
        DebugPort.Lines.Clear();
        _boot->Firmware.Start(_firmware.Install(LoadedImage.Protocol, _firmware.Make<LoadedImage>()), _firmware.Table);
        Volume.Install(_firmware);
        _boot->Plan.Guests.Create(&_boot->Firmware, MemoryPlanner.MaximumGuests);
        for (int i = 0; i < 2; i++)
        {
            GuestBoot* guest = _boot->Plan.Guests.Add();
            guest->BootOption = (ushort)(i + 1);
            byte[] name = Encoding.UTF8.GetBytes($"system {i}");
            guest->Name = (byte*)NativeMemory.Alloc((nuint)name.Length);
            name.CopyTo(new Span<byte>(guest->Name, name.Length));
            guest->NameLength = name.Length;
            guest->Path = Volume.PathOf(_firmware, $"\\loader{i}.efi");
            Volume.Add($"\\loader{i}.efi", Machine.Image(_ => EfiStatus.Success));
        }
    }

    [Theory]
    [InlineData(false, 3_000_000)]
    [InlineData(true, 50_000)]
    public void Countdown_EndsWithTimeOrAKey(bool isPressed, ulong microseconds)
    {
        _boot->Timeout = 3;
        if (isPressed)
        {
            _firmware.Keys.Enqueue(null);
            _firmware.Type("x");
        }

        Assert.Equal(isPressed, Countdown.IsInterrupted(_boot));
        Assert.Equal(microseconds, _firmware.Stalled);
        Assert.Contains("system 0, system 1 in 3 s", Assert.Single(_firmware.Console));
    }

    /// <summary>The key that opened the firmware's menu, and is still held, was not meant for Switcher.</summary>
    [Fact]
    public void Countdown_KeysFromBefore_DoNotInterrupt()
    {
        _boot->Timeout = 3;
        for (int i = 0; i < 5; i++)
            _firmware.Keys.Enqueue(new InputKey { UnicodeChar = '\r' });
        _firmware.Type("\r");
        _firmware.Keys.Enqueue(null);
        Assert.False(Countdown.IsInterrupted(_boot));
        Assert.Equal(3_100_000UL, _firmware.Stalled);
    }

    /// <summary>A warning needs more time than a countdown has.</summary>
    [Fact]
    public void Countdown_AfterAWarning_IsLongEnoughToReadIt()
    {
        _boot->Timeout = 1;
        _boot->Firmware.Warn("WARN something"u8);
        Assert.False(Countdown.IsInterrupted(_boot));
        Assert.Equal(15_000_000UL, _firmware.Stalled);
    }

    [Theory]
    [InlineData(false, 15_000_000)]
    [InlineData(true, 0)]
    public void Refusal_IsThere_UntilAKeyOrTheTimeToReadIt(bool isPressed, ulong microseconds)
    {
        if (isPressed)
            _firmware.Type("x");
        _boot->Firmware.Refusal.Because("a reason"u8);
        _boot->Firmware.Refusal.Report(&_boot->Firmware);
        Assert.Equal(microseconds, _firmware.Stalled);
        Assert.EndsWith(": a reason", _firmware.Console[0]);
    }

    [Fact]
    public void Countdown_OfNoSeconds_SaysNothing()
    {
        Assert.False(Countdown.IsInterrupted(_boot));
        Assert.Empty(_firmware.Console);
    }

    [Fact]
    public void Partitions_ThatAreReserved_AreTheGuestsAndComeBack()
    {
        Prepare();
        Assert.True(Partitions.Reserve(_boot), Encoding.ASCII.GetString(_boot->Firmware.Refusal.Reason));
        MemoryPlan plan = _boot->Plan.Memory.Plan;
        Assert.Equal(2, plan.GuestCount);
        foreach (PlannedRange range in plan.Ranges.ToArray().Where(r => r.Owner != OwnerKind.FirmwareHeap))
            Assert.True(IsTaken(range.Range), $"{range.Owner} {range.Range.Start:x}");
        for (int i = 0; i < 2; i++)
        {
            foreach (Switcher.Boot.Memory.MemoryDescriptor own in GuestBoot.Pages(_boot->Plan.Guests.At(i)).Descriptors.ToArray())
                Assert.True(IsTaken(own.Range));
        }

        Assert.True(IsTaken(plan.LowWindow));
        Partitions.ReleaseAll(_boot);

        // What remains is the boot side's own tables, below the firmware's pool.
        Assert.DoesNotContain(_firmware.Pages.Descriptors(), d => d.Type == MemoryType.LoaderCode);
    }

    [Fact]
    public void Partitions_OfMoreThanThereIs_AreRefusedAndNothingIsTaken()
    {
        Prepare();
        _boot->Plan.Guests.At(1)->Memory = MemoryRequest.FromBytes(64 * Gibibyte);
        Assert.False(Partitions.Reserve(_boot));
        Assert.StartsWith("more memory is asked for", Encoding.ASCII.GetString(_boot->Firmware.Refusal.Reason));
        Assert.DoesNotContain(_firmware.Pages.Descriptors(), d => d.Type == MemoryType.LoaderCode);
    }

    [Fact]
    public void NativeBoot_WhoseFirstSystemReturns_TriesTheNextAndLeavesNothing()
    {
        string before = _firmware.State;
        var started = new List<ulong>();
        _firmware.StartedImage = image =>
        {
            started.Add((ulong)((LoadedImage*)_firmware.Handles.Interface((ulong)image.Value, LoadedImage.Protocol)!.Value)->FilePath);
            return started.Count == 1 ? EfiStatus.LoadError : EfiStatus.Success;
        };
        Assert.Equal(EfiStatus.Aborted, NativeBoot.Run(_boot));
        Assert.Equal([(ulong)_boot->Plan.Guests.At(0)->Path, (ulong)_boot->Plan.Guests.At(1)->Path], started);
        Assert.Equal(before, _firmware.State);
        Assert.Contains("no system could be started", Assert.Single(_firmware.Console));
    }

    [Fact]
    public void LoaderCheck_OfLoadersThatAreThere_IsContent() => Assert.True(LoaderCheck.Run(_boot));

    [Fact]
    public void LoaderCheck_OfALoaderThatIsNot_NamesTheSystem()
    {
        _boot->Plan.Guests.At(1)->Path = Volume.PathOf(_firmware, "\\gone.efi");
        Assert.False(LoaderCheck.Run(_boot));
        Assert.Equal("the loader of system 1 is missing", Encoding.ASCII.GetString(_boot->Firmware.Refusal.Reason));
    }

    private void Prepare()
    {
        _boot->Firmware.Map.Create(&_boot->Firmware);
        Assert.True(_boot->Firmware.Map.Read(out _));
        _boot->Hypervisor.Check(&_boot->Firmware);
        _boot->Firmware.Refusal = default;
    }

    private bool IsTaken(MemoryRange range) => _firmware.Pages.Descriptors().Any(d => d.Type == MemoryType.LoaderCode
        && d.PhysicalStart <= range.Start && range.End <= d.PhysicalStart + (d.NumberOfPages * 4096));
}
