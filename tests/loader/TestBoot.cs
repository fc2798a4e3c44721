using System;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Ctl.Tables;
using Switcher.Efi.Cpu;
using Switcher.Efi.Guests;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;
using Switcher.Tests.Acpi;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using AllocateType = Switcher.Efi.Uefi.AllocateType;
using MemoryType = Switcher.Efi.Uefi.MemoryType;

namespace Switcher.Tests.Loader;

/// <summary>The boot side before launch, on a machine with room for guests and whatever ACPI tables a test puts there.</summary>
internal sealed unsafe class TestBoot
{
    private const ulong Gibibyte = 1UL << 30;

    // Where TestMachine has a FACS and a DSDT, and where TableImage puts what has no address.
    private static readonly (ulong Start, MemoryType Type)[] s_tables =
    [
        (TestMachine.FacsAddress, MemoryType.AcpiNvs), (TestMachine.DsdtAddress, MemoryType.AcpiReclaim),
        (0xC000_0000, MemoryType.AcpiReclaim),
    ];

    private const ulong TableBytes = 0x2_0000;

    public TestBoot(int guests)
    {
        DebugPort.Lines.Clear();
        (ulong Start, ulong Length)[] ram =
            [(Gibibyte, Gibibyte - 0x200_0000), (2 * Gibibyte, Gibibyte), (4 * Gibibyte, 8 * Gibibyte)];
        foreach ((ulong start, ulong length) in ram)
            PhysicalMemory.Map(start, length);
        foreach ((ulong start, _) in s_tables)
            PhysicalMemory.Map(start, TableBytes);
        Uefi = new FakeFirmware(
        [
            (0x1_0000, 0x8_0000), .. ram,
            (s_tables[0].Start, TableBytes), (s_tables[1].Start, TableBytes), (s_tables[2].Start, TableBytes),
        ]);
        foreach ((ulong start, MemoryType type) in s_tables)
        {
            ulong address = start;
            Assert.Equal(EfiStatus.Success, Uefi.Pages.Allocate(AllocateType.Address, type, TableBytes / PageSize.Small, ref address));
        }

        Context = (BootContext*)NativeMemory.AllocZeroed((nuint)sizeof(BootContext));
        Context->Firmware.Start(Uefi.Install(LoadedImage.Protocol, Uefi.Make<LoadedImage>()), Uefi.Table);
        Context->Plan.Guests.Create(&Context->Firmware, MemoryPlanner.MaximumGuests);
        for (int i = 0; i < guests; i++)
        {
            GuestBoot* guest = Context->Plan.Guests.Add();
            guest->BootOption = (ushort)(i + 1);
            byte[] name = Encoding.UTF8.GetBytes($"system {i}");
            guest->Name = (byte*)Uefi.Pages.AllocatePool((ulong)name.Length);
            name.CopyTo(new Span<byte>(guest->Name, name.Length));
            guest->NameLength = name.Length;
        }
    }

    public FakeFirmware Uefi { get; }

    public BootContext* Context { get; }

    public string Refusal => Encoding.ASCII.GetString(Context->Firmware.Refusal.Reason);

    public MemoryPlan Plan => Context->Plan.Memory.Plan;

    public GuestBoot* Guest(int index) => Context->Plan.Guests.At(index);

    /// <summary>Puts tables into the machine's memory, and their RSDP into the configuration table.</summary>
    public TestBoot With(TableImage image)
    {
        foreach ((ulong start, _) in s_tables)
        {
            for (ulong address = start; address < start + TableBytes; address++)
            {
                ReadOnlySpan<byte> source = image.Memory.Map(address, 1);
                *(byte*)address = source.IsEmpty ? (byte)0 : source[0];
            }
        }

        Uefi.SetTable(ConfigurationTable.Acpi20, image.RsdpAddress);
        return this;
    }

    /// <summary>The steps from "acpi" to the views, as the program makes them; each must be content.</summary>
    public TestBoot Prepare()
    {
        // The machine's processor is not what is tested here.
        Context->Hypervisor.Check(&Context->Firmware);
        Context->Firmware.Refusal = default;
        Assert.True(AcpiTables.Read(Context), Refusal);
        Assert.True(Partitions.Reserve(Context), Refusal);
        Assert.True(AcpiTables.CreateViews(Context), Refusal);
        return this;
    }

    /// <summary>Whether all of a range is of a guest's partition, which the plan or its low window gives it.</summary>
    public bool IsIn(int guest, ulong start, ulong length)
    {
        foreach (PlannedRange range in Plan.Ranges)
        {
            if (range.Owner == OwnerKind.Guest && range.Guest == guest && range.Range.Start <= start && start + length <= range.Range.End)
                return true;
        }

        return false;
    }
}
