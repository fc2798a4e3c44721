using System;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>
/// The second serial port, polled: 16550 UART data sheet, "Registers". The emulators' other end is not slower than any speed.
/// </summary>
internal static class SerialPort
{
    private const ushort Data = 0x2F8;
    private const ushort InterruptEnable = 0x2F9;
    private const ushort FifoControl = 0x2FA;
    private const ushort LineControl = 0x2FB;
    private const ushort LineStatus = 0x2FD;
    private const byte DataReady = 1;
    private const byte TransmitterEmpty = 0x20;

    /// <summary>115,200 bits a second, eight data bits, no parity.</summary>
    public static void Start()
    {
        const byte divisorAccess = 0x80;
        const byte eightBits = 3;
        const byte enableFifo = 1;
        Instructions.Out8(InterruptEnable, 0);
        Instructions.Out8(LineControl, divisorAccess);
        Instructions.Out8(Data, 1);
        Instructions.Out8(InterruptEnable, 0);
        Instructions.Out8(LineControl, eightBits);
        Instructions.Out8(FifoControl, enableFifo);
    }

    public static void Write(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            while ((Instructions.In8(LineStatus) & TransmitterEmpty) == 0)
                Instructions.Pause();
            Instructions.Out8(Data, text[i]);
        }
    }

    /// <summary>Waits for a line; what does not fit is dropped.</summary>
    public static ReadOnlySpan<byte> ReadLine(Span<byte> buffer)
    {
        int length = 0;
        while (true)
        {
            if ((Instructions.In8(LineStatus) & DataReady) == 0)
            {
                Rest();
                continue;
            }

            byte character = Instructions.In8(Data);
            if (character == '\n')
                return buffer.Slice(0, length);
            if (length < buffer.Length)
                buffer[length++] = character;
        }
    }

    /// <summary>Between two looks the host's CPU is somebody else's: the timer ends the wait.</summary>
    private static void Rest()
    {
        Cpus.LocalApic.StartTimer();
        Stubs.WaitForInterrupt();
        Cpus.LocalApic.StopTimer();
    }
}
