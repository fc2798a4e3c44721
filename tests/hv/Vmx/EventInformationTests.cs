using CsCheck;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>
/// SDM vol. 3, 25.8.3 "VM-Entry Controls for Event Injection", 25.9.3, and table 28-7 "Exit Qualification for EPT Violations".
/// </summary>
public class EventInformationTests
{
    private const uint UndefinedBit = 1 << 12;

    [Theory]
    [InlineData(GuestEvent.NonMaskableInterrupt, true, 0x8000_0202u)]
    [InlineData(GuestEvent.InvalidOpcode, true, 0x8000_0306u)]
    [InlineData(GuestEvent.GeneralProtection, true, 0x8000_0B0Du)]
    [InlineData(GuestEvent.NonMaskableInterrupt, false, 0x8000_0202u)]
    [InlineData(GuestEvent.InvalidOpcode, false, 0x8000_0306u)]
    [InlineData(GuestEvent.GeneralProtection, false, 0x8000_030Du)]
    public void Of_EachEvent_HasAnErrorCodeInProtectedModeWhereItHasOne(GuestEvent guestEvent, bool isProtectedMode, uint expected)
        => Assert.Equal(expected, EventInformation.Of(guestEvent, isProtectedMode).Value);

    /// <summary>Bit 12 of IDT-vectoring information is undefined, and reserved in the event to inject.</summary>
    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(0x0000_0B0Eu, 0u)]
    [InlineData(0x8000_0030u, 0x8000_0030u)]
    [InlineData(0x8000_0030u | UndefinedBit, 0x8000_0030u)]
    [InlineData(0x8000_0202u | UndefinedBit, 0x8000_0202u)]
    [InlineData(0x8000_0B0Eu | UndefinedBit, 0x8000_0B0Eu)]
    [InlineData(0x8000_0480u, 0x8000_0480u)]
    public void Again_DeliveryThatWasCutOff_IsTheSameEvent(uint vectoring, uint expected)
        => Assert.Equal(expected, new EventInformation(vectoring).Again().Value);

    [Fact]
    public void Again_Any_HasNoReservedBits() => Gen.UInt.Sample(value => (new EventInformation(value).Again().Value & 0x7FFF_F000) == 0);

    /// <summary>INT n, INT1, INT3 and INTO; not interrupts and exceptions that come by themselves.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void NeedsInstructionLength_OfType_IsThatOfInstructions(uint type, bool expected)
        => Assert.Equal(expected, new EventInformation(0x8000_0003 | (type << 8)).NeedsInstructionLength);

    [Theory]
    [InlineData(0x181UL, NestedAccess.Read)]
    [InlineData(0x182UL, NestedAccess.Write)]
    [InlineData(0x183UL, NestedAccess.Write)]
    [InlineData(0x184UL, NestedAccess.Execute)]
    [InlineData(0x1BAUL, NestedAccess.Write)]
    [InlineData(0x081UL, NestedAccess.PageTableWalk)]
    [InlineData(0x083UL, NestedAccess.Write | NestedAccess.PageTableWalk)]
    [InlineData(0x001UL, NestedAccess.Read)]
    public void EptViolation_Qualification_SaysWhatWasTried(ulong qualification, NestedAccess access)
        => Assert.Equal(access, EptViolation.Access(qualification));

    [Fact]
    public void EptViolation_Bit12_IsAnIretThatUnblockedNmis()
    {
        Assert.True(EptViolation.WasUnblockingNmi(0x1182));
        Assert.False(EptViolation.WasUnblockingNmi(0x182));
    }
}
