using System;
using Switcher.Agent;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>In which way the guest asks for S3: the arguments of the step <c>suspend</c>.</summary>
internal struct SleepRequest
{
    /// <summary><c>bytes</c>: SLP_EN goes to the register's high byte. Otherwise the whole register, as ACPICA does it.</summary>
    public bool IsByte;

    /// <summary><c>dword</c>: a doubleword at PM1_CNT.</summary>
    public bool IsDoubleword;

    /// <summary><c>early</c>: a doubleword at the two bytes before PM1_CNT, so that the register is its upper half.</summary>
    public bool IsEarly;

    /// <summary><c>ap</c>: another processor asks, while this one and all others run.</summary>
    public bool IsFromOther;

    /// <summary><c>mess</c>: timers run on, interrupts are not masked, devices do DMA: a system that does not clean up.</summary>
    public bool IsMess;

    /// <summary><c>alarm</c>: the real-time clock is set to wake the machine in a moment.</summary>
    public bool IsWithAlarm;

    /// <summary><c>quick</c>: memory is not compared after this wake, but at some later one.</summary>
    public bool IsQuick;

    /// <summary>Reads the arguments.</summary>
    /// <returns>False if one is unknown.</returns>
    public static bool TryParse(Arguments arguments, out SleepRequest request)
    {
        request = default;
        while (arguments.TryNext(out ReadOnlySpan<byte> word))
        {
            if (Words.Same(word, "bytes"u8))
                request.IsByte = true;
            else if (Words.Same(word, "dword"u8))
                request.IsDoubleword = true;
            else if (Words.Same(word, "early"u8))
                request.IsEarly = true;
            else if (Words.Same(word, "ap"u8))
                request.IsFromOther = true;
            else if (Words.Same(word, "mess"u8))
                request.IsMess = true;
            else if (Words.Same(word, "alarm"u8))
                request.IsWithAlarm = true;
            else if (Words.Same(word, "quick"u8))
                request.IsQuick = true;
            else
                return false;
        }

        return true;
    }
}
