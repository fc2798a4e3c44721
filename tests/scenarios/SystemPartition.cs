namespace Switcher.Tests.Scenarios;

/// <summary>The partition that the firmware boots from, as a Linux guest reaches it.</summary>
internal static class SystemPartition
{
    /// <summary>Where <see cref="Mount"/> puts it.</summary>
    public const string Folder = "/tmp";

    /// <summary>For the guest's shell. Its disk is found in the background, and among others.</summary>
    public const string Mount =
        $"until d=$(findfs LABEL=SWITCHER 2>/dev/null); do sleep 0.1; done; mount -t vfat $d {Folder}";
}
