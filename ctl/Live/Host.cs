using System;

namespace Switcher.Ctl.Live;

/// <summary>The Linux that a verb works on, or what looks like one.</summary>
/// <param name="Files">Its files.</param>
/// <param name="Flags">The flags of its files.</param>
/// <param name="Programs">Its programs.</param>
/// <param name="IsRoot">Whether the user may do everything.</param>
public sealed record Host(LinuxFiles Files, IInodeFlags Flags, IPrograms Programs, bool IsRoot)
{
    /// <summary>The one that runs this.</summary>
    public static Host Real => new(new LinuxFiles("/"), new InodeFlags(), new Programs(), Environment.IsPrivilegedProcess);
}
