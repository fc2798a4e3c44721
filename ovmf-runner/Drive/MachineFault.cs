using System.Threading.Tasks;

namespace Switcher.Runner.Drive;

/// <summary>The end of a machine, told once to everybody who waits for something of it: a failure, or null for an orderly end.</summary>
public sealed class MachineFault
{
    private readonly TaskCompletionSource<MachineFailure?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the machine failed or ended.</summary>
    public Task<MachineFailure?> Task => _end.Task;

    /// <summary>The failure, if there was one by now.</summary>
    public MachineFailure? Failure => _end.Task.IsCompleted ? _end.Task.Result : null;

    public void Fail(string what) => _end.TrySetResult(new MachineFailure(what));

    public void End() => _end.TrySetResult(null);
}
