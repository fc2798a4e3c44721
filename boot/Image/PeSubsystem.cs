namespace Switcher.Boot.Image;

/// <summary>IMAGE_SUBSYSTEM_*: Microsoft PE format, "Windows Subsystem".</summary>
public enum PeSubsystem : ushort
{
    EfiApplication = 10,
    EfiBootServiceDriver = 11,
    EfiRuntimeDriver = 12,
}
