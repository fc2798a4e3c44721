using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Cpu;
using Switcher.Efi.Host;
using Switcher.Efi.Launch;
using Switcher.Efi.Uefi;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Tests.Ctl;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The hypervisor's memory as it is laid out and written before launch.</summary>
public sealed unsafe class HypervisorBuilderTests : IDisposable
{
    private const uint SelectFunction = 0x8000_0000;

    // A host bridge at 0:0.0 and a controller at 0:3.0.
    private static readonly (uint Selected, uint Value)[] s_pci =
    [
        (SelectFunction, 0x29C0_8086), (SelectFunction + 8, 0x0600_0000), (SelectFunction + 0xC, 0),
        (SelectFunction + 0x1800, 0x0010_1B36), (SelectFunction + 0x1808, 0x0108_0200), (SelectFunction + 0x180C, 0),
    ];

    [ThreadStatic]
    private static nuint s_cpus;

    public HypervisorBuilderTests()
    {
        foreach ((uint selected, uint value) in s_pci)
            Instructions.PciRegisters[selected] = value;
        Instructions.Msrs[Msr.ApicBase] = 0xFEE0_0900;
        s_cpus = 4;
    }

    public void Dispose()
    {
        Instructions.PciRegisters.Clear();
        Instructions.Msrs.Clear();
        Instructions.HasHugePages = true;
        Instructions.PhysicalAddressBits = 36;
    }

    [Theory]
    [InlineData(Kind.Svm, 2)]
    [InlineData(Kind.Svm, 3)]
    [InlineData(Kind.Vmx, 2)]
    [InlineData(Kind.Vmx, 3)]
    public void Build_Domains_AreTheFirmwareAndTheGuests(Kind kind, int guests)
    {
        TestBoot boot = Make(guests);
        var report = (HypervisorReport*)0x4000_0000;
        (boot.Context->Plan.Sleep, boot.Context->Plan.Guests.At(1)->Sleep) = (SleepPolicy.Machine, SleepPolicy.Machine);
        boot.Context->Plan.Report = report;
        Assert.Equal(Status.Success, Build(boot, kind, out HostRoot* root));
        ref HypervisorState state = ref root->State;
        Assert.Equal((SleepPolicy.Machine, (ulong)report), (state.Sleep, state.Report.Value));
        Assert.Equal((1 + guests, Domain.Firmware), (state.Domains.Count, state.ActiveDomain));
        Assert.Equal(DomainPhase.Active, state.Domains.At<Platform>(Domain.Firmware).Phase);
        for (int i = 0; i < guests; i++)
        {
            ref Domain domain = ref state.Domains.At<Platform>(Domain.OfGuest(i));
            Assert.Equal($"system {i}", Encoding.UTF8.GetString(Platform.Bytes(domain.Name, domain.NameLength)));
            Assert.Equal(DomainPhase.Loading, domain.Phase);
            Assert.Equal(i == 1 ? SleepPolicy.Machine : SleepPolicy.Switch, domain.Sleep);

            // The first 640 KiB, and the machine's two ranges of ACPI tables. Its ACPI NVS is exchanged.
            Assert.Equal(3, domain.Copies.Count);
            Assert.False(domain.Nvs.IsNull);
        }

        Assert.Equal(1, state.NvsRanges.Count);
        Assert.Equal(4, state.Cpus.Count);
        Assert.Equal(4, Enumerable.Range(0, 4).Select(i => root->State.Cpus.At<Platform>(i).ControlBlock.Value).Distinct().Count());
        Assert.Equal(s_pci.Count(register => (register.Selected & 0xFF) == 0), state.PciFunctions.Count);
        Assert.Equal((0xFEE0_0000UL, 0xFEE0_0800UL), (state.LocalApic.Value, state.BootApicBase));
    }

    /// <summary>Promise 3: what is not a guest's is not writable through its page table; the hypervisor is nobody's.</summary>
    [Theory]
    [InlineData(Kind.Svm, true)]
    [InlineData(Kind.Svm, false)]
    [InlineData(Kind.Vmx, true)]
    public void Build_PageTables_GiveEachGuestItsOwnAlone(Kind kind, bool hasHugePages)
    {
        const int Guests = 3;
        Instructions.HasHugePages = hasHugePages;
        TestBoot boot = Make(Guests);
        Assert.Equal(Status.Success, Build(boot, kind, out HostRoot* root));
        for (int domain = 0; domain <= Guests; domain++)
        {
            HostPhysicalAddress table = root->State.Domains.At<Platform>(domain).NestedRoot;
            foreach (PlannedRange planned in boot.Plan.Ranges)
            {
                if (planned.Owner is not (OwnerKind.Guest or OwnerKind.Hypervisor))
                    continue;
                bool isOwn = planned.Owner == OwnerKind.Guest && (domain == Domain.Firmware || Domain.OfGuest(planned.Guest) == domain);
                ulong[] addresses =
                    [planned.Range.Start, planned.Range.Start + (planned.Range.Length / 2), planned.Range.End - PageSize.Small];
                foreach (ulong address in addresses)
                {
                    // A processor that waits for its start-up runs a page of the hypervisor's, which nobody may write.
                    if (address == root->State.WaitPage.Value)
                        continue;
                    Translation translation = Translate(kind, table, address);
                    Assert.Equal(isOwn ? Access.ReadWriteExecute : Access.ReadExecute, translation.Access);
                    Assert.Equal(isOwn, translation.Address.Value == address);
                }
            }
        }
    }

    /// <summary>However little there is, the answer is a clear error, and nothing beyond it is touched.</summary>
    [Theory]
    [InlineData(Kind.Svm)]
    [InlineData(Kind.Vmx)]
    public void Build_TooLittleMemory_SaysSoAndStaysInside(Kind kind)
    {
        TestBoot boot = Make(guests: 2);
        PlannedRange* entry = Hypervisor(boot);
        MemoryRange whole = entry->Range;
        bool isEnough = false;
        for (ulong pages = 0; pages * PageSize.Small < whole.Length && !isEnough; pages += pages < 64 ? 1UL : 13)
        {
            var given = new MemoryRange(whole.Start, pages * PageSize.Small);
            *entry = new PlannedRange(given, OwnerKind.Hypervisor);
            var behind = new Span<byte>((void*)given.End, 16 * (int)PageSize.Small);
            behind.Fill(0x5A);
            Status status = Build(boot, kind, out _);
            Assert.True(status is Status.Success or Status.NotEnoughHypervisorMemory, $"{status} with {pages} pages");
            Assert.True(behind.IndexOfAnyExcept((byte)0x5A) < 0, $"written behind {pages} pages");
            isEnough = status == Status.Success;
        }

        *entry = new PlannedRange(whole, OwnerKind.Hypervisor);
        Assert.True(isEnough, "the memory that was asked for is more than enough");
        Assert.Equal(Status.Success, Build(boot, kind, out _));
    }

    /// <summary>What the plan sets aside is enough for what is built, on small and on large machines.</summary>
    [Theory]
    [InlineData(Kind.Svm, 1, 2, 36, true)]
    [InlineData(Kind.Svm, 16, 12, 48, true)]
    [InlineData(Kind.Svm, 256, 3, 52, true)]
    [InlineData(Kind.Svm, 8, 4, 52, false)]
    [InlineData(Kind.Vmx, 1, 2, 36, false)]
    [InlineData(Kind.Vmx, 64, 8, 46, true)]
    [InlineData(Kind.Vmx, 256, 12, 52, false)]
    public void RequiredBytes_OfAnyMachine_Suffice(Kind kind, int cpus, int guests, uint addressBits, bool hasHugePages)
    {
        s_cpus = (nuint)cpus;
        Instructions.PhysicalAddressBits = addressBits;
        Instructions.HasHugePages = hasHugePages;
        TestBoot boot = Make(guests);
        var acpi = AcpiMemorySize.Of(boot.Context->Plan.Memory.FirmwareDescriptors);
        ulong required = HypervisorBuilder.RequiredBytes((Backend)kind, cpus, guests, acpi);
        PlannedRange* entry = Hypervisor(boot);
        Assert.True(required <= entry->Range.Length, $"{required:x} of {entry->Range.Length:x}");
        *entry = new PlannedRange(new MemoryRange(entry->Range.Start, required), OwnerKind.Hypervisor);
        Assert.Equal(Status.Success, Build(boot, kind, out HostRoot* root));
        Assert.Equal(cpus, root->State.Cpus.Count);
    }

    [Fact]
    public void Build_MoreProcessorsThanThereMayBe_SaysSo()
    {
        TestBoot boot = Make(guests: 2);
        s_cpus = 257;
        Assert.Equal(Status.TooManyCpus, Build(boot, Kind.Svm, out _));
    }

    private static TestBoot Make(int guests)
    {
        var boot = new TestBoot(guests);
        boot.Uefi.Install(MpServices.Protocol, Processors(boot));
        return boot.With(JudgedMachines.Make("sane").Build()).Prepare();
    }

    private static Status Build(TestBoot boot, Kind kind, out HostRoot* root)
        => HypervisorBuilder.Build(boot.Context->Plan, (Backend)kind, Processors(boot), &boot.Context->Firmware, out root);

    private static PlannedRange* Hypervisor(TestBoot boot)
    {
        PlannedRange* entry = boot.Context->Plan.Memory.Ranges;
        while (entry->Owner != OwnerKind.Hypervisor)
            entry++;
        return entry;
    }

    private static Translation Translate(Kind kind, HostPhysicalAddress root, ulong address)
    {
        var guest = new GuestPhysicalAddress(address);
        Translation translation;
        Assert.True(kind == Kind.Svm
            ? NestedPageTable<NptFormat, Platform>.Open(root).TryTranslate(guest, out translation)
            : NestedPageTable<EptFormat, Platform>.Open(root).TryTranslate(guest, out translation));
        return translation;
    }

    private static MpServices* Processors(TestBoot boot)
    {
        MpServices* services = boot.Uefi.Make<MpServices>();
        services->GetNumberOfProcessors = &GetNumberOfProcessors;
        services->GetProcessorInfo = &GetProcessorInfo;
        services->WhoAmI = &WhoAmI;
        return services;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetNumberOfProcessors(MpServices* self, nuint* total, nuint* enabled)
    {
        *total = *enabled = s_cpus;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetProcessorInfo(MpServices* self, nuint number, ProcessorInformation* information)
    {
        *information = new ProcessorInformation { ProcessorId = number, StatusFlag = ProcessorStatus.Enabled };
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus WhoAmI(MpServices* self, nuint* number)
    {
        *number = 0;
        return EfiStatus.Success;
    }

    /// <summary>The vendor, as the product numbers it.</summary>
    public enum Kind
    {
        Svm = Backend.Svm,
        Vmx = Backend.Vmx,
    }
}
