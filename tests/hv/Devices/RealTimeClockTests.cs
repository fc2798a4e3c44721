using System;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

public class RealTimeClockTests
{
    private const byte Century = 0x32;
    private const int RegisterA = 0x0A;
    private const int RegisterB = 0x0B;

    /// <summary>Seconds of 1970 to 2399.</summary>
    private static readonly Gen<long> s_seconds =
        Gen.Long[0, new DateTimeOffset(2400, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() - 1];

    [Fact]
    public void ToDate_AnyTime_IsTheCalendars() => s_seconds.Sample(seconds =>
    {
        DateTime expected = DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
        CalendarTime.ToDate(seconds, out int year, out int month, out int day);
        Assert.Equal((expected.Year, expected.Month, expected.Day), (year, month, day));
        Assert.Equal(seconds, CalendarTime.ToSeconds(year, month, day, expected.Hour, expected.Minute, expected.Second));
    });

    /// <summary>Bit 2 of register B: binary; bit 1: 24 hours.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void Write_AnyTimeInAnyFormat_IsInTheRegistersAndReadAgain(int format) => s_seconds.Sample(seconds =>
    {
        using FakeMachine machine = new();
        byte[] clock = machine.Legacy.Clock;
        clock[RegisterB] = (byte)format;
        Machine<FakePlatform>.RealTimeClock.Write(Century, seconds);

        DateTime expected = DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
        int Value(int register) => (format & 4) != 0 ? clock[register] : ((clock[register] >> 4) * 10) + (clock[register] & 15);
        int hour = (format & 2) != 0 ? Value(4) : 0;
        if ((format & 2) == 0)
        {
            bool isAfternoon = (clock[4] & 0x80) != 0;
            clock[4] &= 0x7F;
            Assert.InRange(Value(4), 1, 12);
            hour = (Value(4) % 12) + (isAfternoon ? 12 : 0);
            clock[4] |= (byte)(isAfternoon ? 0x80 : 0);
        }

        Assert.Equal(
            (expected.Second, expected.Minute, expected.Hour, (int)expected.DayOfWeek + 1, expected.Day, expected.Month),
            (Value(0), Value(2), hour, Value(6), Value(7), Value(8)));
        Assert.Equal(expected.Year, Value(9) + (100 * Value(Century)));
        Assert.Equal(format, clock[RegisterB]);
        Assert.True(Machine<FakePlatform>.RealTimeClock.TryRead(Century, out long read));
        Assert.Equal(seconds, read);
        Assert.False(machine.Legacy.IsNmiMasked);
    }, iter: 500);

    [Fact]
    public void TryRead_NoCentury_IsThisOne()
    {
        using FakeMachine machine = new();
        long time = new DateTimeOffset(2031, 7, 4, 13, 5, 9, TimeSpan.Zero).ToUnixTimeSeconds();
        Machine<FakePlatform>.RealTimeClock.Write(0, time);
        Assert.True(Machine<FakePlatform>.RealTimeClock.TryRead(0, out long read));
        Assert.Equal(time, read);
    }

    [Theory]
    [InlineData(0, 0x61)]
    [InlineData(2, 0x7A)]
    [InlineData(4, 0xFF)]
    [InlineData(7, 0)]
    [InlineData(7, 0x32)]
    [InlineData(8, 0x13)]
    [InlineData(8, 0)]
    [InlineData(9, 0xFF)]
    public void TryRead_NoDate_SaysSo(int register, byte value)
    {
        using FakeMachine machine = new();
        machine.Legacy.Clock[RegisterB] = 2;
        Machine<FakePlatform>.RealTimeClock.Write(Century, 1_800_000_000);
        machine.Legacy.Clock[register] = value;
        if (register == 9)
            machine.Legacy.Clock[Century] = value;
        Assert.False(Machine<FakePlatform>.RealTimeClock.TryRead(Century, out _));
        Assert.False(machine.Legacy.IsNmiMasked);
    }

    /// <summary>No wait without a limit: a clock that never comes to the end of an update, or none at all.</summary>
    [Fact]
    public void TryRead_UpdateThatNeverEnds_IsGivenUp()
    {
        using FakeMachine machine = new();
        Machine<FakePlatform>.RealTimeClock.Write(Century, 1_800_000_000);
        machine.Legacy.Clock[RegisterA] = 0x80;
        Assert.False(Machine<FakePlatform>.RealTimeClock.TryRead(Century, out _));
    }
}
