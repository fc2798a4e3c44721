using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Hv.Switch;
using Xunit;
using WakeStatus = Switcher.Hv.Switch.Switching<
    Switcher.Tests.Hv.Machine.FakePlatform, Switcher.Hv.Svm.Svm<Switcher.Tests.Hv.Machine.FakePlatform>>.WakeStatus;

namespace Switcher.Tests.Hv.Switch;

public class WakeStatusTests
{
    private const int Event = 0x600;

    private static readonly PowerManagement s_power = new() { Pm1aEvent = Event, Pm1EventLength = 4 };

    [Fact]
    public void Shown_WordRead_IsTheStatus()
        => Assert.Equal(0x8100u, WakeStatus.Shown(s_power, 0x8100, Event, 2));

    /// <summary>Each byte of the access shows the byte of PM1_STS that is at its port, and nothing anywhere else.</summary>
    [Fact]
    public void Shown_AnyRead_IsTheStatusAtItsPlace() =>
        Gen.Select(Gen.Int[Event - 5, Event + 5], Gen.OneOf(1, 2, 4), Gen.UShort).Sample((port, size, status) =>
        {
            uint shown = WakeStatus.Shown(s_power, status, (ushort)port, size);
            for (int i = 0; i < 4; i++)
            {
                int register = port + i - Event;
                int expected = i < size && register is 0 or 1 ? (byte)(status >> (8 * register)) : 0;
                if ((byte)(shown >> (8 * i)) != (i < size ? expected : 0))
                    return false;
            }
            return true;
        }, iter: 5000);

    [Fact]
    public void Cleared_AnyWrite_IsTheOnesAtTheirPlace() =>
        Gen.Select(Gen.Int[Event - 5, Event + 5], Gen.OneOf(1, 2, 4), Gen.UInt).Sample((port, size, value) =>
        {
            int expected = 0;
            for (int i = 0; i < size; i++)
            {
                int register = port + i - Event;
                if (register is 0 or 1)
                    expected |= (byte)(value >> (8 * i)) << (8 * register);
            }
            return WakeStatus.Cleared(s_power, (ushort)port, size, value) == expected;
        }, iter: 5000);

    /// <summary>Hardware-reduced machines have no event block; its address is 0 then.</summary>
    [Fact]
    public void ShownAndCleared_WithoutEventBlock_AreNothing()
    {
        Assert.Equal(0u, WakeStatus.Shown(default, 0xFFFF, 0, 4));
        Assert.Equal(0, WakeStatus.Cleared(default, 0, 4, 0xFFFF_FFFF));
    }
}
