using System;
using System.Globalization;
using System.IO;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Verbs;

/// <summary>Where a run leaves its logs.</summary>
internal static class LogFolder
{
    /// <summary>Creates the folder asked for, or one in the cache that is named by the time.</summary>
    public static string Create(string? asked)
    {
        string time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string folder = asked ?? Path.Combine(Cache.ForUser().Logs, $"{time}-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException($"cannot create the folder for logs: {error.Message}", error);
        }
    }
}
