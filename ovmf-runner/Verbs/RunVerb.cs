using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Prepare;
using Switcher.Runner.Report;

namespace Switcher.Runner.Verbs;

/// <summary><c>run</c>: boots guests under Switcher, switches them back and forth, and judges whether they lost anything.</summary>
internal sealed class RunVerb(RunOptions options, ParseResult parsed)
{
    /// <summary>
    /// Seconds for boot, and for one switch with its checks, that even a busy host needs less than in QEMU; Bochs takes longer.
    /// </summary>
    private const int BootSeconds = 900;
    private const int SwitchSeconds = 120;
    private const int SlownessOfBochs = 4;

    private Machine? _machine;
    private string _backend = "";
    private SwitchRounds? _rounds;

    public static Command Create()
    {
        var options = new RunOptions();
        var command = new Command("run", "Boots guests under Switcher and switches between them.")
        {
            options.Emulator, options.Accel, options.CpuModel, options.Smm, options.Cpus, options.Memory, options.Rounds, options.Guests,
            options.Report, options.Logs, options.Timeout, options.Interactive, options.EmulatorArguments,
        };
        command.SetAction((parsed, cancel) => new RunVerb(options, parsed).RunAsync(cancel));
        return command;
    }

    private async Task<int> RunAsync(CancellationToken cancel)
    {
        IAnsiConsole console = AnsiConsole.Console;
        string logs = LogFolder.Create(parsed.GetValue(options.Logs)?.FullName);
        string? report = ReportFile();
        string? failure = null;
        try
        {
            await DriveAsync(console, logs, cancel);
        }
        catch (Exception error) when (error is RunnerException or MachineFailure)
        {
            failure = error.Message;
        }
        finally
        {
            if (_machine is not null)
                await _machine.DisposeAsync();
        }

        RunReport outcome = RunOutcome.Report(
            failure, parsed.GetValue(options.Emulator)!, _backend, parsed.GetValue(options.Cpus),
            parsed.GetValue(options.Memory), _machine?.Hypervisor, _rounds);
        if (report is not null)
            await outcome.WriteAsync(report, CancellationToken.None);
        if (_rounds is not null)
            Summary.Write(console, outcome, _rounds.States);
        if (failure is not null)
            throw new RunnerException($"{failure}; the logs are in {logs}");
        if (_rounds is not null)
            console.MarkupLineInterpolated($"[green]{outcome.Switches.Count} switches, everything intact.[/] The logs are in {logs}");
        return 0;
    }

    /// <summary>Where the report goes. That it can be written is seen before the run, not after it.</summary>
    private string? ReportFile()
    {
        if (parsed.GetValue(options.Report) is not { } file)
            return null;
        try
        {
            File.WriteAllText(file.FullName, "");
            return file.FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException($"the report cannot be written: {error.Message}", error);
        }
    }

    private async Task DriveAsync(IAnsiConsole console, string logs, CancellationToken cancel)
    {
        EmulatorKind emulator = parsed.GetValue(options.Emulator) == "bochs" ? EmulatorKind.Bochs : EmulatorKind.Qemu;
        bool interactive = parsed.GetValue(options.Interactive);
        bool accelerated = IsAccelerated(emulator, parsed.GetValue(options.Accel)!);
        if (emulator == EmulatorKind.Bochs && parsed.GetValue(options.Smm))
            throw new RunnerException("--smm is for QEMU: its firmware comes in a build that needs System Management Mode");
        string? model = parsed.GetValue(options.CpuModel);
        _backend = emulator == EmulatorKind.Bochs ? BochsModels.BackendOf(model) : Qemu.BackendOf(accelerated);
        console.WriteLine("Building Switcher");
        Rig rig = await Rig.PrepareAsync(console, null, logs, cancel);
        var plan = new MachinePlan(options.GuestsOf(parsed), parsed.GetValue(options.Cpus), parsed.GetValue(options.Memory))
        {
            Emulator = emulator,
            Accelerated = accelerated,
            CpuModel = model,
            HasSmm = parsed.GetValue(options.Smm),
            Interactive = interactive,
            EmulatorArguments = parsed.GetValue(options.EmulatorArguments) ?? [],
            OnConsole = interactive ? WriteToTerminal : null,
        };
        console.MarkupLineInterpolated(
            $"Starting {plan.Guests.Count} guests on {plan.Cpus} CPUs and {plan.MemoryMiB} MiB ({How(plan)}); logs in {logs}");
        _machine = await rig.StartAsync(plan, logs, cancel);
        if (interactive)
        {
            console.WriteLine("This is the guests' console. Ctrl-] leaves it and switches the machine off.");
            await InteractiveConsole.RunAsync(_machine, cancel);
            return;
        }

        int rounds = parsed.GetValue(options.Rounds);
        long ample = (BootSeconds + ((long)SwitchSeconds * rounds * plan.Guests.Count)) * (emulator == EmulatorKind.Bochs
            ? SlownessOfBochs : 1);
        long seconds = parsed.GetValue(options.Timeout) ?? ample;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000)));
        try
        {
            await ShowAsync(console, timeline => GoAsync(timeline, plan, rounds, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new MachineFailure(string.Create(CultureInfo.InvariantCulture, $"not finished after {seconds} s"));
        }
    }

    private async Task GoAsync(ITimeline timeline, MachinePlan plan, int rounds, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task story = StepStory.FollowAsync(_machine!.Hypervisor, timeline, over.Token);
        _rounds = new SwitchRounds(_machine, _machine.Guests, plan.Cpus, timeline);
        try
        {
            await _rounds.RunAsync(rounds, cancel);
        }
        finally
        {
            await over.CancelAsync();
            await story;
        }
    }

    private static Task ShowAsync(IAnsiConsole console, Func<ITimeline, Task> work) =>
        console.Profile.Capabilities.Interactive
            ? console.Status().StartAsync("starting", status => work(new ConsoleTimeline(console, status)))
            : work(new ConsoleTimeline(console, null));

    private static string How(MachinePlan plan) => plan switch
    {
        { Emulator: EmulatorKind.Bochs } => $"Bochs, {plan.CpuModel ?? BochsModels.Usual}",
        { Accelerated: true, HasSmm: true } => "QEMU with KVM and SMM",
        { Accelerated: true } => "QEMU with KVM",
        { HasSmm: true } => "QEMU with TCG and SMM",
        _ => "QEMU with TCG",
    };

    private static bool IsAccelerated(EmulatorKind emulator, string choice)
    {
        if (emulator == EmulatorKind.Bochs && choice == "kvm")
            throw new RunnerException("--accel kvm is for QEMU: Bochs runs everything itself");
        if (emulator == EmulatorKind.Bochs || choice == "tcg")
            return false;
        string? obstacle = Acceleration.Obstacle();
        if (choice == "kvm" && obstacle is not null)
            throw new RunnerException($"--accel kvm: {obstacle}");
        return obstacle is null;
    }

    private static void WriteToTerminal(ReadOnlyMemory<byte> bytes)
    {
        using Stream terminal = Console.OpenStandardOutput();
        terminal.Write(bytes.Span);
        terminal.Flush();
    }
}
