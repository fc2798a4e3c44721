using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Emulators;

/// <summary>QEMU from the pinned set with OVMF: translated, or on a CPU with nested virtualization through KVM.</summary>
public sealed class Qemu : IEmulator
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _folder;
    private readonly TaskCompletionSource<EmulatorEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MachineFault _over = new();
    private QmpClient? _control;
    private EmulatorEnd _reason = EmulatorEnd.Died;
    private bool _running;

    private Qemu(Process process, string folder, string logFile)
    {
        _process = process;
        _folder = folder;
        _log = new StreamWriter(logFile) { AutoFlush = true };
        Events = new EventLog<string>(new MachineClock(), _over, Patience);
    }

    /// <summary>Names of the events that QEMU reported: RESET, SUSPEND, WAKEUP, POWERDOWN, SHUTDOWN...</summary>
    public EventLog<string> Events { get; }

    /// <inheritdoc/>
    public string Name => "qemu";

    /// <inheritdoc/>
    public string Backend { get; private init; } = "svm";

    /// <inheritdoc/>
    public TimeSpan Patience => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <inheritdoc/>
    public Stream Console { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Stream AgentPort { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Stream DebugPort { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Task<EmulatorEnd> Ended => _ended.Task;

    /// <summary>Which virtualization the machine's CPU offers: under KVM that of the host's CPU; translated, only SVM.</summary>
    public static string BackendOf(bool accelerated) => accelerated && Acceleration.HasVmx() ? "vmx" : "svm";

    /// <summary>Starts QEMU and connects to it; the machine runs (or waits for a debugger) when this returns.</summary>
    /// <param name="cache">The unpacked packages.</param>
    /// <param name="options">The machine.</param>
    /// <param name="logFile">
    /// Gets the command line, what QEMU prints, the events that it reports, and the state of a machine that is still running when it is
    /// stopped.
    /// </param>
    /// <exception cref="RunnerException">QEMU did not start; the message ends with what it said.</exception>
    public static async Task<Qemu> StartAsync(Cache cache, MachineOptions options, string logFile, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("switcher-").FullName;
        string variables = options.Flash?.Store ?? Path.Combine(folder, "variables.fd");
        if (!File.Exists(variables))
            File.Copy(cache.InRoot("usr", "share", "OVMF", "OVMF_VARS_4M.fd"), variables);
        if (options.Flash?.WriteLog is { } log)
            await File.Create(log).DisposeAsync();
        UnixPort[] ports = [.. Enumerable.Range(0, 4).Select(i => new UnixPort(Path.Combine(folder, $"port{i}")))];
        IReadOnlyList<string> arguments = QemuArguments.Build(cache, options, variables, [.. ports.Select(port => port.Path)]);
        var qemu = new Qemu(CreateProcess(cache, arguments), folder, logFile)
        {
            Backend = BackendOf(options.Accelerated),
        };
        try
        {
            await qemu.RunAsync(ports, arguments, cancel);
            return qemu;
        }
        catch
        {
            await qemu.DisposeAsync();
            throw;
        }
        finally
        {
            foreach (UnixPort port in ports)
                port.Dispose();
        }
    }

    /// <inheritdoc/>
    public Task PressPowerButtonAsync(CancellationToken cancel) => Control.ExecuteAsync("system_powerdown", cancel);

    /// <inheritdoc/>
    public Task WakeAsync(CancellationToken cancel) => Control.ExecuteAsync("system_wakeup", cancel);

    /// <summary>Runs any command of the machine protocol.</summary>
    public Task<JsonNode?> ExecuteAsync(string command, CancellationToken cancel, JsonObject? arguments = null) =>
        Control.ExecuteAsync(command, cancel, arguments);

    /// <summary>Kills the emulator, wherever the machine is; nothing that it was about to write is written any more.</summary>
    public async Task KillAsync()
    {
        _reason = EmulatorEnd.Stopped;
        _process.Kill();
        await _ended.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_running && !_process.HasExited)
        {
            // A machine that ends by itself meanwhile still says how.
            _reason = EmulatorEnd.Stopped;
            await LogStateAsync();
            _process.Kill();
        }

        if (_running)
            await _ended.Task;
        foreach (Stream port in (Stream[])[Console, AgentPort, DebugPort])
            await port.DisposeAsync();
        if (_control is not null)
            await _control.DisposeAsync();
        _process.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private QmpClient Control => _control ?? throw new InvalidOperationException("QEMU was not started");

    private static Process CreateProcess(Cache cache, IReadOnlyList<string> arguments)
    {
        var info = new ProcessStartInfo(RootProgram.Loader(cache),
            [.. RootProgram.Prefix(cache, "usr/bin/qemu-system-x86_64"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["QEMU_MODULE_DIR"] = Path.Combine(RootProgram.Libraries(cache), "qemu");
        return new Process { StartInfo = info, EnableRaisingEvents = true };
    }

    private async Task RunAsync(UnixPort[] ports, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        Log("qemu-system-x86_64 " + string.Join(' ', arguments));
        _process.OutputDataReceived += (_, line) => Log(line.Data);
        _process.ErrorDataReceived += (_, line) => Log(LastError = line.Data ?? LastError);
        _process.Exited += (_, _) => _ = EndAsync();
        _running = _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        Task<Stream>[] connections = [.. ports.Select(port => port.AcceptAsync(cancel))];
        Task<Stream[]> all = Task.WhenAll(connections);
        if (await Task.WhenAny(all, _ended.Task) != all)
            throw new RunnerException($"QEMU did not start: {(LastError.Length > 0 ? LastError : $"exit status {_process.ExitCode}")}");
        Stream[] streams = await all;
        (Console, AgentPort, DebugPort) = (streams[0], streams[1], streams[2]);
        _control = new QmpClient(streams[3], OnEvent);
        await _control.ExecuteAsync("qmp_capabilities", cancel);
    }

    /// <summary>Where every CPU is, and what its interrupts wait for: the only trace that a machine leaves which fell silent.</summary>
    private async Task LogStateAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            foreach (string command in (string[])["info registers -a", "info pic"])
            {
                JsonNode? state = await Control.ExecuteAsync(
                    "human-monitor-command", limit.Token, new JsonObject { ["command-line"] = command });
                Log($"at the end, {command}:\n{state}");
            }
        }
        catch (Exception error) when (error is RunnerException or OperationCanceledException or InvalidOperationException)
        {
            Log($"the machine's state at the end is not known: {error.Message}");
        }
    }

    private void OnEvent(string name, JsonObject data)
    {
        Log($"event {name} {data.ToJsonString()}");
        Events.Append(name);
        if (name == "SHUTDOWN" && data["reason"] is { } reason)
        {
            _reason = reason.GetValue<string>() switch
            {
                "guest-shutdown" => EmulatorEnd.PowerOff,
                "guest-reset" => EmulatorEnd.Reset,
                _ => EmulatorEnd.Stopped,
            };
        }
    }

    private async Task EndAsync()
    {
        // What QEMU still had to say comes before the verdict.
        await _process.WaitForExitAsync();
        if (_control is not null)
            await _control.Completion;
        Log(string.Create(CultureInfo.InvariantCulture, $"ended: {_reason}, exit status {_process.ExitCode}"));
        _over.End();
        _ended.TrySetResult(_reason);
    }

    private void Log(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.WriteLine(line);
    }
}
