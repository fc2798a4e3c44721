using CsCheck;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Xunit;

namespace Switcher.Tests.Hv.Svm;

public class SvmExitTests
{
    /// <summary>APM vol. 2, appendix C.</summary>
    [Theory]
    [InlineData(0x61, 0, VmExitKind.Nmi)]
    [InlineData(0x62, 0, VmExitKind.Smi)]
    [InlineData(0x72, 0, VmExitKind.Cpuid)]
    [InlineData(0x7B, 0, VmExitKind.Io)]
    [InlineData(0x7C, 0, VmExitKind.ReadMsr)]
    [InlineData(0x7C, 1, VmExitKind.WriteMsr)]
    [InlineData(0x77, 0, VmExitKind.Pause)]
    [InlineData(0x78, 0, VmExitKind.Pause)]
    [InlineData(0x46, 0, VmExitKind.Unknown)]
    [InlineData(0x7F, 0, VmExitKind.TripleFault)]
    [InlineData(0x81, 0, VmExitKind.Hypercall)]
    [InlineData(0x7A, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x80, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x82, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x83, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x84, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x85, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x86, 0, VmExitKind.VirtualizationInstruction)]
    [InlineData(0x400, 0, VmExitKind.NestedPageFault)]
    [InlineData(ulong.MaxValue, 0, VmExitKind.InvalidState)]
    [InlineData(0xFFFF_FFFF, 0, VmExitKind.InvalidState)]
    [InlineData(0x60, 0, VmExitKind.Unknown)]
    [InlineData(0x63, 0, VmExitKind.Unknown)]
    public void Read_EachCode_HasItsKind(ulong code, ulong information, VmExitKind kind)
    {
        VmExit exit = SvmExit.Read(new Vmcb { ExitCode = code, ExitInfo1 = information, NextRip = 0x1234 });
        Assert.Equal((kind, code, information), (exit.Kind, exit.Code, exit.Information));
    }

    /// <summary>APM vol. 2, 15.10.2, figure 15-2: EXITINFO1 for IOIO intercept. EXITINFO2 is the address of the next instruction.</summary>
    [Fact]
    public void Read_AnyPortAccess_HasItsFields() =>
        Gen.Select(Gen.UShort, Gen.Int[0, 2], Gen.Bool, Gen.Bool, Gen.ULong).Sample((port, log, isIn, isString, next) =>
        {
            ulong information = ((ulong)port << 16) | (1UL << (4 + log)) | (isIn ? 1u : 0) | (isString ? 4u : 0);
            VmExit exit = SvmExit.Read(new Vmcb { ExitCode = 0x7B, ExitInfo1 = information, ExitInfo2 = next });
            return exit.Kind == VmExitKind.Io && exit.Port == port && exit.Size == 1 << log && exit.IsIn == isIn
                && exit.IsString == isString
                && exit.NextRip == next;
        });

    /// <summary>
    /// APM vol. 2, 15.25.6: EXITINFO1 is a page-fault error code, and bits 33:32 say whether it was the guest's page tables or the access
    /// itself.
    /// </summary>
    [Theory]
    [InlineData(0x1_0000_0004, NestedAccess.Read)]
    [InlineData(0x1_0000_0006, NestedAccess.Write)]
    [InlineData(0x1_0000_0007, NestedAccess.Write)]
    [InlineData(0x1_0000_0014, NestedAccess.Execute)]
    [InlineData(0x2_0000_0006, NestedAccess.Write | NestedAccess.PageTableWalk)]
    public void Read_NestedPageFault_SaysWhatWasTried(ulong information, NestedAccess access)
    {
        VmExit exit = SvmExit.Read(new Vmcb { ExitCode = 0x400, ExitInfo1 = information, ExitInfo2 = 0xFEE0_0300, NextRip = 0 });
        Assert.Equal((0xFEE0_0300UL, access), (exit.Address, exit.Access));
    }

    /// <summary>APM vol. 2, 15.20: EVENTINJ.</summary>
    [Theory]
    [InlineData(GuestEvent.NonMaskableInterrupt, 0x8000_0202)]
    [InlineData(GuestEvent.InvalidOpcode, 0x8000_0306)]
    [InlineData(GuestEvent.GeneralProtection, 0x8000_0B0D)]
    public void EventInjection_EachEvent_HasAnErrorCodeWhereItHasOne(GuestEvent guestEvent, ulong expected)
        => Assert.Equal(expected, EventInjection.Of(guestEvent));

    /// <summary>The last two rows are an interrupt as QEMU reports it: an exception with a vector that no exception has.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0x306, 0)]
    [InlineData(0x8000_0202, 0x8000_0202)]
    [InlineData(0x8000_0030, 0x8000_0030)]
    [InlineData(0x12_8000_0B0E, 0x12_8000_0B0E)]
    [InlineData(0x8000_0330, 0x8000_0030)]
    [InlineData(0x8000_0BEC, 0x8000_00EC)]
    public void EventInjection_DeliveryThatWasCutOff_IsRepeatedIfItWasValid(ulong exitIntInfo, ulong expected)
        => Assert.Equal(expected, EventInjection.Again(exitIntInfo));
}
