namespace Switcher.Ctl.Live;

/// <summary>The firmware's variables, as Linux shows them in efivarfs: a file is four bytes of attributes and the value.</summary>
public static class EfiVariables
{
    public const string GlobalVendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
    public const string SwitcherVendor = "5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4";

    /// <summary>Where all of them are.</summary>
    public const string Folder = "sys/firmware/efi/efivars";

    /// <summary>Bytes of the largest variable that is read.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>A variable's value, or null.</summary>
    public static byte[]? Read(LinuxFiles files, string name, string vendor) =>
        files.ReadOnce(PathOf(name, vendor), MostBytes) is { Length: >= 4 } bytes ? bytes[4..] : null;

    /// <summary>Where its file is.</summary>
    public static string PathOf(string name, string vendor) => $"{Folder}/{name}-{vendor}";
}
