using System.Diagnostics;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>Runs the freestanding program of <c>tests/corelib</c> on this machine.</summary>
public class CoreLibTests
{
    private const int PanicStatus = 99;

    [Fact]
    public void CoreLibrary_RunOnTheHost_PassesItsOwnChecks()
    {
        (string output, int status) = Run();

        Assert.Equal("every check holds\n", output);
        Assert.Equal(0, status);
    }

    [Fact]
    public void CoreLibrary_GivenAnIndexOutOfRange_EndsInPanic()
    {
        (string output, int status) = Run("beyond");

        Assert.Equal("panic: index out of range\n", output);
        Assert.Equal(PanicStatus, status);
    }

    private static (string Output, int Status) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(BuiltFiles.Of("tests/corelib", "corelib-check"), arguments)
        {
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }
}
