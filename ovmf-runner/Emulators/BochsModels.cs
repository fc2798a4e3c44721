using System;
using System.Linq;

namespace Switcher.Runner.Emulators;

/// <summary>The CPU models of Bochs.</summary>
internal static class BochsModels
{
    /// <summary>An Intel CPU with everything that Switcher can use.</summary>
    public const string Usual = "corei7_skylake_x";

    private static readonly string[] Amd = ["amd_", "athlon", "turion", "phenom", "zambezi", "trinity", "ryzen"];

    /// <summary>Which virtualization a model has if it has any: <c>svm</c> or <c>vmx</c>.</summary>
    public static string BackendOf(string model) => Amd.Any(name => model.StartsWith(name, StringComparison.Ordinal)) ? "svm" : "vmx";
}
