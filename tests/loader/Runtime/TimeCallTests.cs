using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>UEFI 2.10, 8.3 "Time Services" and 8.5 "Miscellaneous Runtime Services".</summary>
public sealed unsafe class TimeCallTests
{
    private static readonly Time s_later = new() { Year = 2030, Month = 3, Day = 1, Hour = 1 };

    [Fact]
    public void GetTime_WithAndWithoutCapabilities_GivesTheFirmwares()
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetTime, [Pointer, Pointer]));
        Assert.Equal(Bytes(guest.Uefi.Clock.Now), guest.Slot(0));
        Assert.Equal(50_000_000, BitConverter.ToInt32(guest.Slot(1)!, sizeof(uint)));
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetTime, [Pointer, 0]));
        Assert.NotNull(guest.Slot(0));
        Assert.Null(guest.Slot(1));
        Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.GetTime, [0, Pointer]));
        guest.Uefi.Clock.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, guest.Call(RuntimeService.GetTime, [Pointer, Pointer]));
        Assert.Equal(0UL, guest.Mailbox->Results);
    }

    [Fact]
    public void SetTime_OfAnyTime_GivesTheFirmwaresAnswer()
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.SetTime, [Pointer], null, null, (0, Bytes(s_later))));
        Assert.Equal(s_later.Year, guest.Uefi.Clock.Now.Year);
        Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.SetTime, [Pointer], null, null, (0, new byte[16])));
        int calls = guest.Uefi.Clock.Calls;
        Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.SetTime, [0]));
        Assert.Equal(calls, guest.Uefi.Clock.Calls);
    }

    [Fact]
    public void WakeupTime_SetAndReset_IsTheFirmwares()
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.SetWakeupTime, [0xAB01, Pointer], null, null, (1, Bytes(s_later))));
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetWakeupTime, [Pointer, Pointer, Pointer]));
        Assert.Equal((1, 1), (guest.Slot(0)![0], guest.Slot(1)![0]));
        Assert.Equal(Bytes(s_later), guest.Slot(2));
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.SetWakeupTime, [0xAB00, 0]));
        Assert.False(guest.Uefi.Clock.IsAlarmSet);
        Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.SetWakeupTime, [1, 0]));
        Assert.False(guest.Uefi.Clock.IsAlarmSet);
        for (int parameter = 0; parameter < 3; parameter++)
        {
            ulong[] arguments = [Pointer, Pointer, Pointer];
            arguments[parameter] = 0;
            Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.GetWakeupTime, arguments));
        }

        guest.Uefi.Clock.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, guest.Call(RuntimeService.GetWakeupTime, [Pointer, Pointer, Pointer]));
        Assert.Equal(0UL, guest.Mailbox->Results);
    }

    [Fact]
    public void GetNextHighMonotonicCount_Repeated_Counts()
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetNextHighMonotonicCount, [Pointer]));
        ulong first = guest.Number(0)!.Value;
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetNextHighMonotonicCount, [Pointer]));
        Assert.Equal(first + 1, guest.Number(0));
        Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.GetNextHighMonotonicCount, [0]));
        guest.Uefi.Clock.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, guest.Call(RuntimeService.GetNextHighMonotonicCount, [Pointer]));
        Assert.Null(guest.Slot(0));
    }

    [Theory]
    [InlineData(0UL, (int)FirmwareAnswer.ColdReset)]
    [InlineData(1UL, (int)FirmwareAnswer.Reset)]
    [InlineData(2UL, (int)FirmwareAnswer.Shutdown)]
    [InlineData(0xABCD_0000_0002UL, (int)FirmwareAnswer.Shutdown)]
    [InlineData(3UL, (int)FirmwareAnswer.Reset)]
    [InlineData(99UL, (int)FirmwareAnswer.Reset)]
    public void ResetSystem_OfAGuest_IsForTheGuest(ulong type, int answer)
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.ResetSystem, [type, 0, 0, 0]));
        Assert.Equal((FirmwareAnswer)answer, guest.Answer);
        Assert.Empty(guest.Uefi.ForbiddenCalls);
    }

    [Theory]
    [InlineData(RuntimeService.UpdateCapsule)]
    [InlineData(RuntimeService.QueryCapsuleCapabilities)]
    [InlineData((RuntimeService)14)]
    [InlineData((RuntimeService)0x1_0000_0000)]
    public void Service_ThatIsNotThere_IsUnsupported(RuntimeService service)
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Unsupported, guest.Call(service, [Pointer, Pointer, Pointer, Pointer]));
        Assert.Equal(FirmwareAnswer.Done, guest.Answer);
    }

    private static byte[] Bytes(Time time) => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref time, 1)).ToArray();
}
