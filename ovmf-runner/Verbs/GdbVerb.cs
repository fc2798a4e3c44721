using System;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Drive;

namespace Switcher.Runner.Verbs;

/// <summary><c>gdb</c>: starts the machine stopped, with a debugger stub, and says how to attach.</summary>
internal static class GdbVerb
{
    public static Command Create()
    {
        var options = new RunOptions();
        var port = new Option<int>("--port") { Description = "TCP port of the stub", HelpName = "N", DefaultValueFactory = _ => 1234 };
        var command = new Command("gdb", "Runs with a debugger stub and prints how to attach.")
        {
            port, options.Smm, options.Cpus, options.Memory, options.Guests, options.Logs, options.EmulatorArguments,
        };
        command.SetAction((parsed, cancel) => RunAsync(options, parsed, parsed.GetValue(port), cancel));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult parsed, int port, CancellationToken cancel)
    {
        IAnsiConsole console = AnsiConsole.Console;
        string logs = LogFolder.Create(parsed.GetValue(options.Logs)?.FullName);
        Rig rig = await Rig.PrepareAsync(console, null, logs, cancel);
        var plan = new MachinePlan(options.GuestsOf(parsed), parsed.GetValue(options.Cpus), parsed.GetValue(options.Memory))
        {
            DebuggerPort = port,
            HasSmm = parsed.GetValue(options.Smm),
            EmulatorArguments = parsed.GetValue(options.EmulatorArguments) ?? [],
            Expected = MachineExpectations.Errors | MachineExpectations.Refusal | MachineExpectations.Reset,
        };
        await using Machine machine = await rig.StartAsync(plan, logs, cancel);
        console.MarkupLineInterpolated($"The machine waits before its first instruction. In another terminal:");
        console.MarkupLineInterpolated($"  gdb -ex 'set architecture i386:x86-64' -ex 'target remote localhost:{port}' -ex continue");
        console.MarkupLineInterpolated(
            $"Symbols: {Path.ChangeExtension(rig.Artifacts.Switcher, ".map")} lists each with its place in the image.");
        console.MarkupLineInterpolated($"Logs: {logs}. Ctrl-C ends the machine.");
        try
        {
            await FollowAsync(console, machine, cancel);
        }
        catch (MachineFailure)
        {
            console.MarkupLineInterpolated($"The machine has ended. Logs: {logs}");
        }

        return 0;
    }

    private static async Task FollowAsync(IAnsiConsole console, Machine machine, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor log = machine.Hypervisor.Events.FromStart();
        while (true)
        {
            LogLine line = (await log.NextAsync("a line", _ => true, cancel, TimeSpan.FromDays(20))).Value;
            console.WriteLine(line.Text);
            if (line.IsStep("firmware") && line.Number("image") is { } image)
                console.MarkupLineInterpolated(
                    $"[bold]The image lies at 0x{image:x}[/]: the list's addresses count from its own load address, add the difference");
        }
    }
}
