namespace Switcher.Ctl.Live;

/// <summary>Runs other programs.</summary>
public interface IPrograms
{
    /// <summary>Runs one to its end.</summary>
    /// <returns>Null if all went well, otherwise what it had to say.</returns>
    string? Run(string program, params string[] arguments);
}
