using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Emulators;

/// <summary>
/// Bochs from the pinned set with OVMF. Its firmware has no ACPI tables, so the set-up program must install some before it starts Switcher.
/// What Bochs logs goes to its standard error, and is the only place where it says why it ends.
/// </summary>
public sealed class Bochs : IEmulator
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _folder;
    private readonly IReadOnlyList<string> _images;
    private readonly TaskCompletionSource<EmulatorEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BochsLog _said = new();
    private bool _running;
    private bool _stopped;

    private Bochs(Process process, string folder, MachineOptions options, string logFile)
    {
        _process = process;
        _folder = folder;
        _images = [options.SystemDisk, .. options.Disks.Select(disk => disk.Image)];
        _log = new StreamWriter(logFile) { AutoFlush = true };
        Backend = BochsModels.BackendOf(options.CpuModel);
    }

    /// <inheritdoc/>
    public string Name => "bochs";

    /// <inheritdoc/>
    public string Backend { get; }

    /// <inheritdoc/>
    public TimeSpan Patience => TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string LastError => _said.LastError;

    /// <inheritdoc/>
    public Stream Console { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Stream AgentPort { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Stream DebugPort { get; private set; } = Stream.Null;

    /// <inheritdoc/>
    public Task<EmulatorEnd> Ended => _ended.Task;

    /// <summary>Starts Bochs; the machine runs when this returns.</summary>
    /// <param name="cache">The unpacked packages.</param>
    /// <param name="options">The machine.</param>
    /// <param name="logFile">Gets the command line, the configuration and what Bochs logs.</param>
    /// <exception cref="RunnerException">Bochs did not start; the message ends with what it said.</exception>
    public static async Task<Bochs> StartAsync(Cache cache, MachineOptions options, string logFile, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("switcher-").FullName;
        string[] arguments = ["-q", "-f", "bochsrc", "-rc", "debugger.rc", .. options.ExtraArguments];
        var bochs = new Bochs(CreateProcess(cache, folder, arguments), folder, options, logFile);
        try
        {
            using var console = new LoopbackPort();
            using var agents = new LoopbackPort();
            string firmware = Path.Combine(folder, "firmware.fd");
            string configuration = BochsConfiguration.Format(
                options, firmware, cache.InRoot("usr", "share", "vgabios", "vgabios.bin"), console.Number, agents.Number);
            await File.WriteAllTextAsync(Path.Combine(folder, "bochsrc"), configuration, cancel);

            // Debian's Bochs has its debugger built in, which waits for this command before it starts the machine.
            await File.WriteAllTextAsync(Path.Combine(folder, "debugger.rc"), "c\n", cancel);
            await using (FileStream image = new(firmware, FileMode.Create))
            {
                foreach (string part in (string[])["OVMF_VARS_4M.fd", "OVMF_CODE_4M.fd"])
                    await image.WriteAsync(await File.ReadAllBytesAsync(cache.InRoot("usr", "share", "OVMF", part), cancel), cancel);
            }

            bochs.Log($"bochs {string.Join(' ', arguments)}\n{configuration}");
            await bochs.RunAsync(console, agents, cancel);
            return bochs;
        }
        catch
        {
            await bochs.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task PressPowerButtonAsync(CancellationToken cancel) => throw new RunnerException("Bochs has a power button in its window only");

    /// <inheritdoc/>
    public Task WakeAsync(CancellationToken cancel)
        => throw new RunnerException("Bochs cannot be woken: it resets the machine when it sleeps");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_running && !_process.HasExited)
        {
            _stopped = true;
            _process.Kill();
        }

        if (_running)
            await _ended.Task;
        foreach (Stream port in (Stream[])[Console, AgentPort, DebugPort])
            await port.DisposeAsync();
        _process.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process CreateProcess(Cache cache, string folder, IReadOnlyList<string> arguments)
    {
        var info = new ProcessStartInfo(RootProgram.Loader(cache), [.. RootProgram.Prefix(cache, "usr/bin/bochs-bin"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["LTDL_LIBRARY_PATH"] = Path.Combine(RootProgram.Libraries(cache), "bochs", "plugins");
        info.Environment["BXSHARE"] = cache.InRoot("usr", "share", "bochs");

        // Nobody looks at the display; every system knows this kind of terminal.
        info.Environment["TERM"] = "dumb";
        return new Process { StartInfo = info, EnableRaisingEvents = true };
    }

    private async Task RunAsync(LoopbackPort console, LoopbackPort agents, CancellationToken cancel)
    {
        if (_images.FirstOrDefault(image => File.Exists(LockOf(image))) is { } locked)
            throw new RunnerException($"{locked} is in use by Bochs; if that is not so, delete {LockOf(locked)}");
        _process.ErrorDataReceived += (_, line) => OnLogLine(line.Data);
        _process.Exited += (_, _) => _ = EndAsync();
        _running = _process.Start();
        _process.StandardInput.Close();
        _process.BeginErrorReadLine();
        DebugPort = new BochsOutput(_process.StandardOutput.BaseStream);

        Task<Stream[]> ports = Task.WhenAll(console.AcceptAsync(cancel), agents.AcceptAsync(cancel));
        if (await Task.WhenAny(ports, _ended.Task) != ports)
            throw new RunnerException($"Bochs did not start: {(LastError.Length > 0 ? LastError : $"exit status {_process.ExitCode}")}");
        Stream[] streams = await ports;
        (Console, AgentPort) = (streams[0], streams[1]);
    }

    /// <summary>After a reset Bochs would start the machine again: what follows would only hide it.</summary>
    private void OnLogLine(string? line)
    {
        if (line is null)
            return;
        Log(line);
        if (_said.Read(line))
            _process.Kill();
    }

    private async Task EndAsync()
    {
        // What Bochs still had to say comes before the verdict.
        await _process.WaitForExitAsync();
        EmulatorEnd end = _stopped ? EmulatorEnd.Stopped : _said.End;
        Log(string.Create(CultureInfo.InvariantCulture, $"ended: {end}, exit status {_process.ExitCode}"));

        // It leaves its locks behind when it is stopped.
        foreach (string image in _images)
            File.Delete(LockOf(image));
        _ended.TrySetResult(end);
    }

    private static string LockOf(string image) => image + ".lock";

    private void Log(string line)
    {
        lock (_log)
            _log.WriteLine(line);
    }
}
