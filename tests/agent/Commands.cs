using System;

namespace Switcher.Agent;

/// <summary>The runner's commands. Each gets one answer: done, or error with the reason.</summary>
internal static class Commands
{
    /// <summary>Memory that is left to the system at the least: suspending takes some.</summary>
    private const ulong LeastReserve = 64 << 20;

    /// <summary>Carries out one line.</summary>
    /// <param name="text">The line without its end.</param>
    /// <param name="seed">Differs from guest to guest.</param>
    public static void Execute(ReadOnlySpan<byte> text, ulong seed)
    {
        var words = new Words(text);
        if (!Words.Same(words.Next(), "sw"u8) || !words.TryNextNumber(out ulong sequence))
            return;
        ReadOnlySpan<byte> command = words.Next();
        if (Words.Same(command, "info"u8))
            Info(sequence);
        else if (Words.Same(command, "ram"u8))
            SystemRam(sequence);
        else if (Words.Same(command, "fill"u8))
            Fill(sequence, seed, words);
        else if (Words.Same(command, "stamp"u8))
            Stamp(sequence, words);
        else if (Words.Same(command, "check"u8))
            Check(sequence);
        else if (Words.Same(command, "write-files"u8))
            WriteFiles(sequence, seed, words);
        else if (Words.Same(command, "check-files"u8))
            CheckFiles(sequence, seed, words);
        else if (Words.Same(command, "probe"u8))
            Probe(sequence, words);
        else if (Words.Same(command, "devmem"u8))
            DevMem(sequence, words);
        else if (Words.Same(command, "load"u8))
            RunLoad(sequence, seed, words);
        else if (Words.Same(command, "variables"u8))
            SumVariables(sequence);
        else if (Words.Same(command, "set-variable"u8))
            SetVariable(sequence, words);
        else if (Words.Same(command, "nvdimm"u8))
            AskNvdimm(sequence);
        else if (Words.Same(command, "run"u8))
            Answer(sequence, Shell.Run(words.Rest));
        else if (Words.Same(command, "own-variable"u8))
            SetOwnVariable(sequence, words);
        else if (Words.Same(command, "show-variable"u8))
            ShowVariable(sequence, words);
        else if (Words.Same(command, "suspend"u8))
            Suspend(sequence);
        else if (Words.Same(command, "poweroff"u8))
            Answer(sequence, Power.Off());
        else if (Words.Same(command, "reboot"u8))
            Answer(sequence, Power.Restart(words.Next()));
        else if (Words.Same(command, "crash"u8))
            Answer(sequence, Power.Crash());
        else
            Error(sequence, "unknown command"u8);
    }

    private static void Info(ulong sequence)
    {
        TextLine line = Begin(stackalloc byte[256], "done"u8, sequence);
        line.AddKey("cpus"u8);
        line.AddDecimal(Cpus.Online());
        line.AddKey("total"u8);
        line.AddDecimal((long)Memory.Total());
        line.AddKey("available"u8);
        line.AddDecimal((long)Memory.Available());
        line.AddKey("deep"u8);
        line.AddDecimal(Power.ChooseDeepSleep() ? 1 : 0);
        line.AddKey("kernel"u8);
        Span<byte> release = stackalloc byte[128];
        line.Add(new Words(TextFile.Read("/proc/sys/kernel/osrelease\0"u8, release)).Next());
        Port.Send(ref line);
    }

    private static void SystemRam(ulong sequence)
    {
        TextLine line = Begin(stackalloc byte[4096], "done"u8, sequence);
        line.AddKey("ranges"u8);
        Memory.AddSystemRam(ref line);
        Port.Send(ref line);
    }

    private static void Fill(ulong sequence, ulong seed, Words words)
    {
        ulong reserve = Memory.Available() / 8;
        if (words.TryNextNumber(out ulong asked))
            reserve = asked;
        Pattern.Fill(seed, reserve > LeastReserve ? reserve : LeastReserve);
        AnswerWith(sequence, "bytes"u8, Pattern.Bytes);
    }

    private static void Stamp(ulong sequence, Words words)
    {
        if (!words.TryNextNumber(out ulong round))
        {
            Error(sequence, "a round is needed"u8);
            return;
        }

        Pattern.Stamp(round);
        AnswerWith(sequence, "bytes"u8, Pattern.Bytes);
    }

    private static void Check(ulong sequence)
    {
        ulong wrong = Pattern.Check(out ulong address, out ulong expected, out ulong found);
        TextLine line = Begin(stackalloc byte[256], "done"u8, sequence);
        line.AddKey("bytes"u8);
        line.AddDecimal((long)Pattern.Bytes);
        line.AddKey("wrong"u8);
        line.AddDecimal((long)wrong);
        if (wrong > 0)
        {
            line.AddKey("address"u8);
            line.AddHex(address);
            line.AddKey("physical"u8);
            line.AddHex(Memory.PhysicalAddress(address));
            line.AddKey("expected"u8);
            line.AddHex(expected);
            line.AddKey("found"u8);
            line.AddHex(found);
        }

        Port.Send(ref line);
    }

    private static void WriteFiles(ulong sequence, ulong seed, Words words)
    {
        if (words.TryNextNumber(out ulong round))
            Answer(sequence, Files.Write(seed, round));
        else
            Error(sequence, "a round is needed"u8);
    }

    private static void CheckFiles(ulong sequence, ulong seed, Words words)
    {
        if (!words.TryNextNumber(out ulong round))
        {
            Error(sequence, "a round is needed"u8);
            return;
        }

        long result = Files.Check(seed, round, out ulong wrong);
        if (result < 0)
            Answer(sequence, result);
        else
            AnswerWith(sequence, "wrong"u8, wrong);
    }

    private static void SumVariables(ulong sequence)
    {
        long result = Variables.Sum(out ulong count, out ulong sum);
        if (result < 0)
        {
            Answer(sequence, result);
            return;
        }

        TextLine line = Begin(stackalloc byte[256], "done"u8, sequence);
        line.AddKey("count"u8);
        line.AddDecimal((long)count);
        line.AddKey("sum"u8);
        line.AddHex(sum);
        Port.Send(ref line);
    }

    private static void SetVariable(ulong sequence, Words words)
    {
        ReadOnlySpan<byte> name = words.Next();
        if (name.IsEmpty || !words.TryNextNumber(out ulong value))
            Error(sequence, "a name and a value are needed"u8);
        else
            Answer(sequence, Variables.Set(name, value));
    }

    private static void AskNvdimm(ulong sequence)
    {
        long result = Nvdimm.LabelBytes(out ulong bytes);
        if (result < 0)
            Answer(sequence, result);
        else
            AnswerWith(sequence, "bytes"u8, bytes);
    }

    /// <summary><c>own-variable NAME option 3</c>, <c>... text armed</c>, <c>... none</c>: writes or removes one of Switcher's.</summary>
    private static void SetOwnVariable(ulong sequence, Words words)
    {
        ReadOnlySpan<byte> name = words.Next();
        ReadOnlySpan<byte> kind = words.Next();
        if (Words.Same(kind, "none"u8))
        {
            Answer(sequence, Variables.RemoveOwn(name));
        }
        else if (Words.Same(kind, "text"u8))
        {
            Answer(sequence, Variables.SetOwn(name, words.Next()));
        }
        else if (Words.Same(kind, "option"u8) && words.TryNextNumber(out ulong number))
        {
            Span<byte> value = stackalloc byte[2];
            value[0] = (byte)number;
            value[1] = (byte)(number >> 8);
            Answer(sequence, Variables.SetOwn(name, value));
        }
        else
        {
            Error(sequence, "a name, and option, text or none are needed"u8);
        }
    }

    /// <summary>A variable of Switcher's: its bytes as text on one line, with other characters for line ends and quotation marks.</summary>
    private static void ShowVariable(ulong sequence, Words words)
    {
        long result = Variables.ReadOwn(words.Next(), out ReadOnlySpan<byte> value);
        if (result < 0)
        {
            Answer(sequence, result);
            return;
        }

        TextLine line = Begin(stackalloc byte[4096], "done"u8, sequence);
        line.AddKey("bytes"u8);
        line.AddDecimal(value.Length);
        line.AddKey("text"u8);
        line.Add((byte)'"');
        for (int i = value.Length > 3072 ? value.Length - 3072 : 0; i < value.Length; i++)
            line.Add(value[i] switch { (byte)'\n' => (byte)'|', (byte)'"' => (byte)'\'', _ => value[i] });
        line.Add((byte)'"');
        Port.Send(ref line);
    }

    private static void Probe(ulong sequence, Words words)
    {
        if (words.TryNextNumber(out ulong value))
            AnswerWith(sequence, "cpus"u8, (ulong)Cpus.Probe((uint)value));
        else
            Error(sequence, "a value is needed"u8);
    }

    private static void DevMem(ulong sequence, Words words)
    {
        if (!words.TryNextNumber(out ulong address) || !words.TryNextNumber(out ulong count) || count == 0 || address % 8 != 0)
        {
            Error(sequence, "an address and a count of words are needed"u8);
            return;
        }

        bool write = words.TryNextNumber(out ulong value);
        long result = Memory.Touch(address, count, write, value, out ulong ones, out ulong first);
        if (result < 0)
        {
            Answer(sequence, result);
            return;
        }

        TextLine line = Begin(stackalloc byte[256], "done"u8, sequence);
        line.AddKey("words"u8);
        line.AddDecimal((long)count);
        line.AddKey("ones"u8);
        line.AddDecimal((long)ones);
        line.AddKey("first"u8);
        line.AddHex(first);
        Port.Send(ref line);
    }

    private static void RunLoad(ulong sequence, ulong seed, Words words)
    {
        ReadOnlySpan<byte> kind = words.Next();
        if (!words.TryNextNumber(out ulong seconds) || !Load.Run(kind, seed, seconds))
            Error(sequence, "cpu, memory, timer or disk and a number of seconds are needed"u8);
        else
            Answer(sequence, 0);
    }

    /// <summary>The answer comes after the guest was woken, or if it could not fall asleep.</summary>
    private static void Suspend(ulong sequence)
    {
        if (!Power.ChooseDeepSleep())
        {
            Error(sequence, "the kernel does not offer deep sleep"u8);
            return;
        }

        TextLine suspending = Begin(stackalloc byte[128], "suspending"u8, sequence);
        Port.Send(ref suspending);
        long result = Power.Suspend();
        if (result == 0)
        {
            TextLine awake = Begin(stackalloc byte[128], "awake"u8, sequence);
            Port.Send(ref awake);
        }

        Answer(sequence, result);
    }

    private static void Answer(ulong sequence, long result)
    {
        if (result >= 0)
        {
            TextLine done = Begin(stackalloc byte[128], "done"u8, sequence);
            Port.Send(ref done);
            return;
        }

        TextLine line = Begin(stackalloc byte[128], "error"u8, sequence);
        line.AddKey("reason"u8);
        line.Add("\"errno "u8);
        line.AddDecimal(-result);
        line.Add((byte)'"');
        Port.Send(ref line);
    }

    private static void AnswerWith(ulong sequence, ReadOnlySpan<byte> key, ulong value)
    {
        TextLine line = Begin(stackalloc byte[128], "done"u8, sequence);
        line.AddKey(key);
        line.AddDecimal((long)value);
        Port.Send(ref line);
    }

    private static void Error(ulong sequence, ReadOnlySpan<byte> reason)
    {
        TextLine line = Begin(stackalloc byte[256], "error"u8, sequence);
        line.AddKey("reason"u8);
        line.Add((byte)'"');
        line.Add(reason);
        line.Add((byte)'"');
        Port.Send(ref line);
    }

    private static TextLine Begin(Span<byte> buffer, ReadOnlySpan<byte> name, ulong sequence)
    {
        TextLine line = Port.Begin(buffer, name);
        line.AddKey("seq"u8);
        line.AddDecimal((long)sequence);
        return line;
    }
}
