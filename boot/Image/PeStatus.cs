namespace Switcher.Boot.Image;

/// <summary>Why an image cannot be loaded.</summary>
public enum PeStatus
{
    Success,

    /// <summary>The file ends before a structure that it promises.</summary>
    Truncated,

    /// <summary>No "MZ" at the start or no "PE" where it points.</summary>
    NotAnImage,

    /// <summary>A processor other than x64, or not the 64-bit form of the format.</summary>
    WrongMachine,

    /// <summary>Neither a UEFI application nor a UEFI driver.</summary>
    WrongSubsystem,

    /// <summary>Sizes or alignments that contradict each other.</summary>
    BadHeader,

    /// <summary>A section outside of the image or of the file.</summary>
    BadSection,

    /// <summary>The entry point lies outside of the image.</summary>
    BadEntryPoint,

    /// <summary>A base relocation outside of the image, or of a kind that x64 does not have.</summary>
    BadRelocation,

    /// <summary>The image runs at its own address only.</summary>
    NotRelocatable,

    /// <summary>The memory given is smaller than the image.</summary>
    NoRoom,
}
