using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>
/// A switch and a park can each be read in few files, which docs/architecture.md lists. What lies on their way is found by letting the
/// hypervisor do them and looking, at each of its accesses to the machine, at who called.
/// </summary>
public partial class SwitchFilesTests
{
    private const int MostFilesOfASwitch = 14;

    // The rooms that say what happens. Registers (Cpu), what is kept (State) and what a vendor's CPU makes of it (Svm, Vmx) are behind
    // their names.
    private static readonly string[] s_rooms = ["Run", "Exits", "Switch", "Devices"];

    // (Machine.cs is the way to an array's element and to the log.) On the way as well, though they touch nothing of the machine.
    private static readonly string[] s_pure = ["hv/Devices/Pm1Intercept.cs", "hv/Devices/IoBitmap.cs"];

    // Every exit's way into the hypervisor and back.
    private static readonly string[] s_everyExit =
        ["hv/Run/Hypervisor.cs", "hv/Exits/ExitDispatcher.cs", "hv/Exits/InstructionSkip.cs", "hv/Exits/GuestMemory.cs"];

    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    public void Switch_Files_AreThoseOfTheList(string? vmxModel)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { VmxModel = vmxModel });
        machine.Pci.Add(new FakePciFunction(null, 3, 0, 0x0108, isBridge: false));
        machine.Launch().BootGuests();
        machine.Suspend();
        machine.Suspend();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        SortedSet<string> seen = Watch(machine, () =>
        {
            machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
            machine.Settle();
        });
        Assert.Equal(1, machine.ActiveGuest);

        string[] listed = Listed("Files of a switch");
        Assert.InRange(listed.Length, 1, MostFilesOfASwitch);
        Assert.Equal(seen.Concat(s_pure).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Park_FilesOfTheHypervisor_AreThoseOfTheList()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        SortedSet<string> seen = Watch(machine, () => machine.Park(1));
        Assert.Equal(DomainPhase.Parked, machine.Guest(1).Phase);
        Assert.Equal(seen.Except(s_everyExit),
            Listed("Files of a park").Where(file => file.StartsWith("hv/", StringComparison.Ordinal)).Order());
    }

    /// <summary>What may change the owner, or what belongs to a change, is written in the one place that does.</summary>
    [Theory]
    [InlineData(@"\bActiveDomain = ", "hv/Switch/Ownership.cs")]
    [InlineData(@"\.Phase = ", "hv/Switch/Ownership.cs hv/Switch/Park.cs")]
    [InlineData(@"\.Pending = ", "hv/Switch/Ownership.cs")]
    [InlineData(@"\.WakeStatus &?= ", "hv/Switch/Ownership.cs")]
    [InlineData(@"\.HasEntered = 0", "hv/Switch/Ownership.cs")]
    [InlineData(@"\bSwitchLock\b", "hv/State/HypervisorState.cs hv/Switch/Rendezvous.cs")]
    [InlineData(@"\bTryLock\(|\bUnlock\(", "hv/Switch/Rendezvous.cs hv/Switch/Switch.cs")]
    public void Owner_Fields_AreWrittenInOnePlace(string pattern, string files)
        => Assert.Equal(files.Split(' '), Directory.GetFiles(Path.Combine(Root, "hv"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && Regex.IsMatch(File.ReadAllText(file), pattern))
            .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal));

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Switcher.sln")))
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are not in the project's folder");
            return folder;
        }
    }

    /// <summary>The numbered list under a heading of docs/architecture.md; each entry begins with a file, which is there.</summary>
    private static string[] Listed(string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "docs", "architecture.md"));
        string[] files = lines.SkipWhile(line => line != $"### {heading}").Skip(1).TakeWhile(line => !line.StartsWith('#'))
            .Select(line => Entry().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToArray();
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Root, file)), $"{file} is not there"));
        return files;
    }

    private static SortedSet<string> Watch(FakeMachine machine, Action action)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        machine.Touched = () =>
        {
            foreach (StackFrame frame in new StackTrace(true).GetFrames())
            {
                string? file = frame.GetFileName();
                if (frame.GetMethod()?.Module.Assembly != typeof(HypervisorState).Assembly || file is null)
                    continue;
                string name = Path.GetRelativePath(Root, file);
                if (s_rooms.Contains(name.Split(Path.DirectorySeparatorChar)[1]) && name != "hv/Devices/Machine.cs")
                    seen.Add(name);
            }
        };
        action();
        machine.Touched = null;
        return seen;
    }

    [GeneratedRegex(@"^\d+\. `([^`]+)`")]
    private static partial Regex Entry();
}
