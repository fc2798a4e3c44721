using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Hv.Devices;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

public class IoBitmapTests
{
    [Fact]
    public void Set_AnyRange_ChangesItsBitsAndNoOther() =>
        Gen.Select(Gen.UShort, Gen.Int[1, 8], Gen.Bool).Sample((port, count, intercept) =>
        {
            byte[] bitmap = new byte[IoBitmap.Bytes];
            bitmap.AsSpan().Fill(intercept ? (byte)0 : (byte)0xFF);
            IoBitmap.Set(bitmap, port, count, intercept);
            return Enumerable.Range(0, bitmap.Length * 8)
                .All(bit => IsSet(bitmap, bit) == (bit >= port && bit < port + count) == intercept);
        }, iter: 50);

    /// <summary>Promise 5: device I/O does not exit.</summary>
    [Fact]
    public void Initialize_Machine_InterceptsSleepAndResetAndNothingElse()
    {
        var power = new PowerManagement { Pm1aControl = 0x604, Pm1bControl = 0x614, Pm1aEvent = 0x600, Gpe0 = 0x620, ResetPort = 0xB2 };
        Assert.Equal([0x64, 0x92, 0xB2, 0x604, 0x605, 0x614, 0x615, 0xCF9], Intercepted(power));
    }

    [Fact]
    public void Initialize_MachineWithLittleHardware_InterceptsNothingAtPortZero()
        => Assert.Equal([0x64, 0x92, 0x604, 0x605, 0xCF9], Intercepted(new PowerManagement { Pm1aControl = 0x604 }));

    private static IEnumerable<int> Intercepted(PowerManagement power)
    {
        byte[] bitmap = new byte[IoBitmap.Bytes];
        bitmap.AsSpan().Fill(0xFF);
        IoBitmap.Initialize(bitmap, power);
        return Enumerable.Range(0, bitmap.Length * 8).Where(bit => IsSet(bitmap, bit));
    }

    private static bool IsSet(byte[] bitmap, int bit) => (bitmap[bit / 8] & (1 << (bit % 8))) != 0;
}
