using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// A thread that runs only while <see cref="Resume"/> waits for it. So the code of several CPUs, which spins until another CPU has done its
/// part, runs in an order that the test alone decides.
/// </summary>
internal sealed class CpuThread : IDisposable
{
    private readonly SemaphoreSlim _resumed = new(0);
    private readonly SemaphoreSlim _yielded = new(0);
    private readonly Thread _thread;
    private readonly Action _work;
    private ExceptionDispatchInfo? _failure;
    private bool _isDisposed;

    public CpuThread(Action work)
    {
        _work = work;
        _thread = new Thread(Work, 512 * 1024) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>True once the work has returned or failed, or the machine ended.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Lets the work go on until it yields or ends. What it throws is thrown here.</summary>
    public void Resume()
    {
        _resumed.Release();
        _yielded.Wait();
        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <summary>Called by the work: stops until it is resumed.</summary>
    public void Yield()
    {
        _yielded.Release();
        _resumed.Wait();
        if (_isDisposed)
            throw new MachineEndedException();
    }

    public void Dispose()
    {
        _isDisposed = true;
        if (!IsFinished)
            Resume();
        _thread.Join();
        _resumed.Dispose();
        _yielded.Dispose();
    }

    private void Work()
    {
        _resumed.Wait();
        try
        {
            if (!_isDisposed)
                _work();
        }
        catch (MachineEndedException)
        {
            // The machine is off, so the CPU is.
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
        }
        IsFinished = true;
        _yielded.Release();
    }
}
