using System;
using System.IO;

namespace Switcher.Runner;

/// <summary>The working copy that this runner was built in: it builds Switcher there and finds its own data there.</summary>
public static class Repository
{
    private const string Marker = "Switcher.sln";

    /// <summary>Its top folder.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string start)
    {
        for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, Marker)))
                return folder;
        }

        throw new RunnerException(
            $"{start} is not inside a working copy of Switcher: run it there with 'dotnet run --project ovmf-runner'");
    }
}
