using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Flash;
using Switcher.Tests.Scenarios.SmallGuests;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>
/// A session whose writes to the flash are logged, and the flash as it was before the first. The guest waits between two
/// commands, and a write is in the log before the machine goes on: so it is known which writes belong to a command.
/// </summary>
internal sealed class FlashSession : IDisposable
{
    public const string Guest = "a";

    private readonly string _folder;
    private readonly byte[] _start;
    private FlashWriteLog? _log;

    private FlashSession(string folder, byte[] start)
    {
        _folder = folder;
        _start = start;
    }

    public FlashWriteLog Log => _log ?? throw new InvalidOperationException("the session has not ended");

    /// <summary>The flash as the machine left it.</summary>
    public byte[] Left { get; private set; } = [];

    private FlashOptions Options => new(Path.Combine(_folder, "flash.fd"), WriteLog);

    private string WriteLog => Path.Combine(_folder, "writes.log");

    /// <summary>Lets a session run under Switcher.</summary>
    /// <param name="rig">Where.</param>
    /// <param name="drive">What happens; the guest <see cref="Guest"/> takes commands. When it is done, the machine loses power.</param>
    /// <param name="script">What that guest does.</param>
    /// <param name="otherScript">What the other one does.</param>
    public static Task<FlashSession> RecordAsync(
        TestRig rig, Func<FlashSession, Machine, CancellationToken, Task> drive, string script = "listen", string otherScript = "check") =>
        RecordAsync(async (session, programs, logs, cancel) =>
        {
            MachinePlan plan = rig.Plan(1, SmallGuest.Of(Guest, script), SmallGuest.Of("b", otherScript)) with { Flash = session.Options };
            await using Machine machine = await programs.StartAsync(plan, logs, cancel);
            await machine.Agent(Guest).ReadyAsync(cancel);
            await drive(session, machine, cancel);
        });

    /// <summary>Lets a session run without Switcher, until the set-up program has shown a variable.</summary>
    /// <param name="rig">Whose CPU and firmware the machine has.</param>
    /// <param name="lines">What the set-up program does.</param>
    public static Task<FlashSession> RecordNativelyAsync(TestRig rig, IEnumerable<string> lines) =>
        RecordAsync(async (session, programs, logs, cancel) =>
        {
            await using Machine machine = await NextBoot.StartNativelyAsync(rig, programs, session.Options, lines, logs, cancel);
            await NextBoot.ReadAsync(machine, "SETUP", 1, cancel);
        });

    /// <summary>How many writes there are by now.</summary>
    public int Count() => FlashWriteLog.Count(WriteLog);

    /// <summary>Lets the guest carry out one command.</summary>
    /// <returns>Its writes.</returns>
    public async Task<Range> WritesOfAsync(Machine machine, string command, CancellationToken cancel)
    {
        int first = Count();
        await machine.Agent(Guest).AskAsync(command, cancel);
        return first..Count();
    }

    /// <summary>The session again, write by write.</summary>
    public FlashReplay Replay() => new(Log, _start);

    /// <inheritdoc/>
    public void Dispose()
    {
        _log?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<FlashSession> RecordAsync(Func<FlashSession, Rig, string, CancellationToken, Task> run)
    {
        string folder = Directory.CreateTempSubdirectory("switcher-flash-").FullName;
        FlashSession? session = null;
        try
        {
            await Scenario.RunAsync(async (programs, logs, cancel) =>
            {
                string empty = programs.Cache.InRoot("usr", "share", "OVMF", "OVMF_VARS_4M.fd");
                session = new FlashSession(folder, await File.ReadAllBytesAsync(empty, cancel));
                File.Copy(empty, session.Options.Store);
                await run(session, programs, logs, cancel);
                session.Left = await File.ReadAllBytesAsync(session.Options.Store, cancel);
                session._log = FlashWriteLog.Read(session.WriteLog);
            });
            return session!;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}
