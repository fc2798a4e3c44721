using System.Globalization;

namespace Switcher.Ctl.Systems;

/// <summary>A system by the names that a user may call it.</summary>
/// <param name="Number">Of its boot option.</param>
/// <param name="Label">What the firmware's menu shows.</param>
public record NamedSystem(ushort Number, string Label)
{
    /// <summary>The number as everywhere: four hexadecimal digits.</summary>
    public string Digits => Number.ToString("X4", CultureInfo.InvariantCulture);

    /// <summary>Both names, for a sentence.</summary>
    public string Title => $"{Digits} \"{Label}\"";
}
