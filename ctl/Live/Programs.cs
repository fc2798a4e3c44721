using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Switcher.Ctl.Live;

/// <summary>Runs the programs of this Linux; they may ask on the terminal, as for a password.</summary>
public sealed class Programs : IPrograms
{
    /// <inheritdoc/>
    public string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return null;
            return errors.Length != 0 ? errors : string.Create(CultureInfo.InvariantCulture, $"exit status {process.ExitCode}");
        }
        catch (Win32Exception failure)
        {
            return failure.Message;
        }
    }
}
