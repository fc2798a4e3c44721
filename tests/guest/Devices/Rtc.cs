using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>The real-time clock's alarm: MC146818A data sheet, "Time, Calendar and Alarm Locations".</summary>
internal static class Rtc
{
    private const ushort Index = 0x70;
    private const ushort Data = 0x71;
    private const byte Seconds = 0;
    private const byte SecondsAlarm = 1;
    private const byte MinutesAlarm = 3;
    private const byte HoursAlarm = 5;
    private const byte RegisterB = 0x0B;
    private const byte RegisterC = 0x0C;
    private const byte AlarmEnable = 0x20;
    private const byte Binary = 4;
    private const byte Any = 0xFF;

    /// <summary>Sets the alarm to some seconds from now, less than a minute.</summary>
    public static void SetAlarm(byte seconds)
    {
        bool isBinary = (Read(RegisterB) & Binary) != 0;
        byte present = Read(Seconds);
        int due = ((isBinary ? present : ((present >> 4) * 10) + (present & 0xF)) + seconds) % 60;
        Write(SecondsAlarm, (byte)(isBinary ? due : ((due / 10) << 4) | (due % 10)));
        Write(MinutesAlarm, Any);
        Write(HoursAlarm, Any);
        Read(RegisterC);
        Write(RegisterB, (byte)(Read(RegisterB) | AlarmEnable));
    }

    /// <summary>Switches the alarm off; reading register C takes back what it asked for.</summary>
    public static void StopAlarm()
    {
        Write(RegisterB, (byte)(Read(RegisterB) & ~AlarmEnable));
        Read(RegisterC);
    }

    private static byte Read(byte register)
    {
        Instructions.Out8(Index, register);
        return Instructions.In8(Data);
    }

    private static void Write(byte register, byte value)
    {
        Instructions.Out8(Index, register);
        Instructions.Out8(Data, value);
    }
}
