using System;
using CsCheck;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>
/// What a loader did, in any order, and how it ended: nothing of it is left in the firmware, and nothing of it lay elsewhere.
/// </summary>
public class LeftBehindTests
{
    private static readonly Gen<(int Guest, bool Fails, LoaderCall[] Calls)> s_loaders =
        Gen.Select(Gen.Int[0, 2], Gen.Bool, LoaderCall.Any.Array[1, 60]);

    [Fact]
    public void AnyLoader_ThatParksOrFails_LeavesNothingBehind() => s_loaders.Sample((guest, fails, calls) =>
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        var loader = new RandomLoader(machine, guest);
        bool isParked = machine.Run(guest, services =>
        {
            loader.Do(services, calls);
            loader.CheckMap(services);
            if (fails)
                return EfiStatus.LoadError;
            loader.Problems.Add($"ExitBootServices: {services.ExitBootServices().Value:x}");
            return EfiStatus.Aborted;
        });
        Assert.Empty(loader.Problems);
        Assert.Empty(machine.Uefi.Events.Violations);
        Assert.DoesNotContain(DebugPort.Lines, line => line.StartsWith("WARN", StringComparison.Ordinal));
        Assert.Equal(!fails, isParked);
        Assert.Equal(fails ? 0 : 1, machine.ParkCalls.Count);
        Assert.Equal(before, machine.Uefi.State);
        Assert.Equal(0, machine.Uefi.ExitCalls);
    }, iter: 400, threads: 1);
}
