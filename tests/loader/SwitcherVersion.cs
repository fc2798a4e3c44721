namespace Switcher;

/// <summary>What the build of the product writes for itself.</summary>
internal static class SwitcherVersion
{
    public static System.ReadOnlySpan<byte> Text => "Switcher under test"u8;
}
