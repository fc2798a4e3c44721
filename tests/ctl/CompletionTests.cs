using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>What a shell offers, by the scripts of <c>switcherctl completion</c>.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly FakeLinux _linux = new();

    public void Dispose() => _linux.Dispose();

    [Theory]
    [InlineData("switcherctl s", "start\nstatus\nswitch\n")]
    [InlineData("switcherctl next ", "0002\nDebian\n")]
    [InlineData("switcherctl next d", "Debian\n")]
    [InlineData("switcherctl config s", "set\n")]
    [InlineData("switcherctl config set g", "guests\n")]
    public void Suggest_ForALine_OffersWhatFits(string line, string expected)
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "Debian active", "Windows Boot Manager parked");
        (int exit, string output, string errors) = _linux.Run($"[suggest:{line.Length}]", line);
        Assert.Equal((0, ""), (exit, errors));
        Assert.All(expected.Split('\n', StringSplitOptions.RemoveEmptyEntries), word => Assert.Contains(word + "\n", output));
        Assert.DoesNotContain("check\n", output);
    }

    /// <summary>The script for bash, in a bash, asking the program as it was built.</summary>
    [SkippableTheory]
    [InlineData("switcherctl sta", "start status")]
    [InlineData("switcherctl config un", "unset")]
    [InlineData("switcherctl completion ", "bash fish zsh")]
    [InlineData("switcherctl list --", "--help --json")]
    public void Bash_WithItsScript_CompletesTheWord(string line, string expected)
    {
        const string Bash = "/bin/bash";
        Skip.IfNot(File.Exists(Bash), "there is no bash");
        string program = Path.Join(AppContext.BaseDirectory, "switcherctl.dll");
        string[] words = line.Split(' ');
        using Process process = Process.Start(new ProcessStartInfo(Bash, ["-c", $$"""
            switcherctl() { dotnet '{{program}}' "$@"; }
            {{_linux.Run("completion", "bash").Output}}
            COMP_WORDS=("${@:2}") COMP_CWORD={{words.Length - 1}} COMP_LINE=$1 COMP_POINT=${#1}
            $(complete -p switcherctl | sed 's/.*-F \([^ ]*\) .*/\1/')
            echo "${COMPREPLY[*]}"
            """, "bash", line, .. words]) { RedirectStandardOutput = true })!;
        Assert.Equal(expected, process.StandardOutput.ReadToEnd().TrimEnd('\n'));
        process.WaitForExit();
    }

    [Theory]
    [InlineData("zsh", "compdef _switcherctl switcherctl")]
    [InlineData("fish", "complete -c switcherctl")]
    public void Completion_ForOtherShells_NamesTheProgram(string shell, string part)
    {
        (int exit, string output, string errors) = _linux.Run("completion", shell);
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
    }
}
