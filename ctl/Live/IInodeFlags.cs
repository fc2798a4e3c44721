namespace Switcher.Ctl.Live;

/// <summary>The flags of a file that <c>chattr</c> changes.</summary>
public interface IInodeFlags
{
    /// <summary>A file's flags, or null where there are none.</summary>
    int? Read(string path);

    /// <summary>Sets all of a file's flags.</summary>
    /// <returns>False if that is not allowed.</returns>
    bool TryWrite(string path, int flags);
}
