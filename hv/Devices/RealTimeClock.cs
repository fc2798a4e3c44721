namespace Switcher.Hv.Devices;

public abstract partial class Machine<TPlatform>
{
    /// <summary>
    /// Date and time of the real-time clock: MC146818A data sheet, registers 0 to 0Dh; ACPI 6.5, 4.8.2.4 for the century.
    /// </summary>
    public static class RealTimeClock
    {
        private const ushort Index = 0x70;
        private const ushort Data = 0x71;
        private const byte NmiDisable = 0x80;
        private const byte RegisterA = 0x0A;
        private const byte RegisterB = 0x0B;
        private const byte RegisterD = 0x0D;
        private const uint UpdateInProgress = 1 << 7;
        private const uint Set = 1 << 7;
        private const uint Binary = 1 << 2;
        private const uint Hours24 = 1 << 1;
        private const uint Afternoon = 1 << 7;

        /// <summary>An update takes 2 ms at most; each read of a port takes about 1 µs.</summary>
        private const int MostReads = 10_000;

        private enum Field : byte
        {
            Second = 0,
            Minute = 2,
            Hour = 4,
            Weekday = 6,
            Day = 7,
            Month = 8,
            Year = 9,
        }

        /// <summary>Reads the clock.</summary>
        /// <param name="century">Index of the register that has the century, or 0: then it is 2000 to 2099.</param>
        /// <param name="seconds">Since 1 January 1970, in whatever convention the clock is kept.</param>
        /// <returns>False if there is no clock, or it has no date.</returns>
        public static bool TryRead(byte century, out long seconds)
        {
            bool isGood = TryReadOnce(century, out seconds);

            // The update may come in between; the same twice is right.
            while (isGood)
            {
                isGood = TryReadOnce(century, out long again);
                if (again == seconds)
                    break;
                seconds = again;
            }
            End();
            return isGood;
        }

        /// <summary>Sets the clock. Its fraction of a second goes on.</summary>
        public static void Write(byte century, long seconds)
        {
            CalendarTime.ToDate(seconds, out int year, out int month, out int day);
            int time = (int)(seconds % CalendarTime.SecondsOfADay);
            uint format = ReadRegister(RegisterB);
            WriteRegister(RegisterB, format | Set);
            WriteValue(Field.Second, time % 60, format);
            WriteValue(Field.Minute, time / 60 % 60, format);
            WriteHour(time / 3600, format);

            // 1 January 1970 was a Thursday, which is day 5.
            WriteValue(Field.Weekday, (int)(((seconds / CalendarTime.SecondsOfADay) + 4) % 7) + 1, format);
            WriteValue(Field.Day, day, format);
            WriteValue(Field.Month, month, format);
            WriteValue(Field.Year, year % 100, format);
            if (century != 0)
                WriteRegister(century, Encode(year / 100, format));
            WriteRegister(RegisterB, format & ~Set);
            End();
        }

        private static bool TryReadOnce(byte century, out long seconds)
        {
            seconds = 0;
            int reads = 0;
            while ((ReadRegister(RegisterA) & UpdateInProgress) != 0)
            {
                if (++reads == MostReads)
                    return false;
            }
            uint format = ReadRegister(RegisterB);
            int year = ReadValue(Field.Year, format) + (100 * (century != 0 ? Decode(ReadRegister(century), format) : 20));
            int month = ReadValue(Field.Month, format);
            int day = ReadValue(Field.Day, format);
            int hour = ReadHour(format);
            int minute = ReadValue(Field.Minute, format);
            int second = ReadValue(Field.Second, format);
            seconds = CalendarTime.ToSeconds(year, month, day, hour, minute, second);
            return year is >= 1970 and < 2400 && month is >= 1 and <= 12 && day is >= 1 and <= 31
                && hour < 24 && minute < 60 && second < 60;
        }

        private static int ReadHour(uint format)
        {
            uint value = ReadRegister((byte)Field.Hour);
            if ((format & Hours24) != 0)
                return Decode(value, format);
            int hour = Decode(value & ~Afternoon, format) % 12;
            return (value & Afternoon) != 0 ? hour + 12 : hour;
        }

        private static void WriteHour(int hour, uint format)
        {
            if ((format & Hours24) != 0)
                WriteValue(Field.Hour, hour, format);
            else
                WriteRegister((byte)Field.Hour, Encode(hour % 12 == 0 ? 12 : hour % 12, format) | (hour >= 12 ? Afternoon : 0));
        }

        private static int ReadValue(Field field, uint format) => Decode(ReadRegister((byte)field), format);

        private static void WriteValue(Field field, int value, uint format) => WriteRegister((byte)field, Encode(value, format));

        private static int Decode(uint value, uint format)
            => (format & Binary) != 0 ? (int)value : (int)(((value >> 4) * 10) + (value & 0xF));

        private static uint Encode(int value, uint format)
            => (format & Binary) != 0 ? (uint)value : (uint)(((value / 10) << 4) | (value % 10));

        private static uint ReadRegister(byte register)
        {
            TPlatform.Out(Index, (uint)(NmiDisable | register), 1);
            return TPlatform.In(Data, 1);
        }

        private static void WriteRegister(byte register, uint value)
        {
            TPlatform.Out(Index, (uint)(NmiDisable | register), 1);
            TPlatform.Out(Data, value, 1);
        }

        /// <summary>NMI stays enabled in the end: bit 7 of the index is a mask that the firmware leaves open.</summary>
        private static void End() => TPlatform.Out(Index, RegisterD, 1);
    }
}
