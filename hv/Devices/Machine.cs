using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Devices;

/// <summary>
/// The machine's devices as the hypervisor drives them. Floors of the hypervisor are classes, each of which inherits from the one below:
/// what is nested in a floor sees everything below it by its plain name, and nothing above it at all. None of them is ever instantiated.
/// </summary>
/// <typeparam name="TPlatform">Where instructions, memory and the log are: the real machine, or a model of one in tests.</typeparam>
public abstract partial class Machine<TPlatform>
    where TPlatform : struct, IPlatform
{
    protected static ref T At<T>(PhysicalArray<T> array, int index)
        where T : unmanaged
        => ref array.At<TPlatform>(index);

    protected static void Log(ref LogLine line) => line.WriteTo<TPlatform>();

    protected static void Log(ReadOnlySpan<byte> text)
    {
        var line = new LogLine(text);
        Log(ref line);
    }
}
