using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;

namespace Switcher.Runner.Prepare;

/// <summary>Shows how far a download is: a bar on a terminal, a line every tenth of the way anywhere else.</summary>
/// <param name="packages">What is downloaded.</param>
public sealed class DownloadProgress(IReadOnlyList<PinnedPackage> packages)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PinnedPackage, string> _underWay = [];
    private readonly long _total = packages.Sum(package => package.Size);
    private int _count;
    private long _done;
    private int _tenths;

    /// <summary>Runs a download and shows its progress until it ends.</summary>
    public async Task<T> ShowAsync<T>(IAnsiConsole console, Func<Task<T>> download)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            _plain = console;
            return await download();
        }

        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
            new TransferSpeedColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask($"{packages.Count} packages", maxValue: _total);
                Task<T> work = download();
                while (!work.IsCompleted)
                {
                    task.Value = Bytes();
                    await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(200)));
                }

                task.Value = Bytes();
                return await work;
            });
    }

    private IAnsiConsole? _plain;

    internal void Started(PinnedPackage package, string file)
    {
        lock (_gate)
            _underWay[package] = file;
    }

    internal void Finished(PinnedPackage package)
    {
        lock (_gate)
        {
            _underWay.Remove(package);
            _count++;
            _done += package.Size;
            int tenths = (int)(_done * 10 / _total);
            if (tenths > _tenths)
                _plain?.WriteLine($"  {_count}/{packages.Count} packages, {_done / 1e6:F0} of {_total / 1e6:F0} MB");
            _tenths = tenths;
        }
    }

    private long Bytes()
    {
        lock (_gate)
            return _done + _underWay.Values.Sum(file => File.Exists(file) ? new FileInfo(file).Length : 0);
    }
}
