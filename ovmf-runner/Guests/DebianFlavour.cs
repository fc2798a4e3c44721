namespace Switcher.Runner.Guests;

/// <summary>Which of Debian's kernels a guest runs.</summary>
public enum DebianFlavour
{
    /// <summary>linux-image-cloud-amd64: few drivers, most of them built in. It is booted as a unified kernel image.</summary>
    Cloud,

    /// <summary>
    /// linux-image-amd64: every driver, as modules. It is booted by its own EFI stub with a separate initial root file system.
    /// </summary>
    Full,

    /// <summary>linux-image-amd64 of the release before: another version of Linux, booted as <see cref="Full"/> is.</summary>
    Older,
}
