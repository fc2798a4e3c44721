using System;
using System.CommandLine;

namespace Switcher.Ctl;

/// <summary>
/// <c>switcherctl completion</c>: what a shell needs so that it completes command lines. The scripts ask this program itself, by
/// System.CommandLine's directive <c>[suggest:POSITION]</c>.
/// </summary>
public static class CompletionVerb
{
    private const string Bash = """
        _switcherctl() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]} suggestion
            COMPREPLY=()
            for suggestion in $(switcherctl "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null); do
                [[ $suggestion == "$word"* && ( -n $word || $suggestion != -* ) ]] && COMPREPLY+=("$suggestion")
            done
        }
        complete -F _switcherctl switcherctl
        """;

    private const string Zsh = """
        #compdef switcherctl
        _switcherctl() {
            local -a suggestions
            suggestions=("${(@f)$(switcherctl "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -- "${suggestions[@]}"
        }
        compdef _switcherctl switcherctl
        """;

    private const string Fish = """
        complete -c switcherctl -f -a '(switcherctl "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    public static Command Create(Session session)
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completion", "Prints a script for a shell that completes command lines of switcherctl.") { shell };
        command.SetAction(result => session.Run(() => session.Output.WriteLine(ScriptFor(result.GetRequiredValue(shell)))));
        return command;
    }

    private static string ScriptFor(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };
}
