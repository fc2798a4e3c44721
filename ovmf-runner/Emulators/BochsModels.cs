using System.Linq;

namespace Switcher.Runner.Emulators;

/// <summary>The CPU models of Bochs 3.0 that can run 64-bit code.</summary>
internal static class BochsModels
{
    /// <summary>An Intel CPU with everything that Switcher can use.</summary>
    public const string Usual = "corei7_skylake_x";

    private static readonly string[] Intel =
    [
        "p4_prescott_celeron_336", "core2_penryn_t9600", "corei5_lynnfield_750", "corei5_arrandale_m520", "corei7_sandy_bridge_2600k",
        "corei7_ivy_bridge_3770k", "corei7_haswell_4770", "broadwell_ult", Usual, "corei3_cnl", "corei7_icelake_u", "tigerlake",
        "sapphire_rapids", "arrow_lake",
    ];

    private static readonly string[] Amd =
        ["athlon64_clawhammer", "athlon64_venice", "turion64_tyler", "phenom_8650_toliman", "zambezi", "trinity_apu", "ryzen"];

    /// <summary>Which virtualization a model has if it has any: <c>svm</c> or <c>vmx</c>.</summary>
    /// <param name="model">The model; null for the usual one.</param>
    /// <exception cref="RunnerException">There is no such model.</exception>
    public static string BackendOf(string? model)
    {
        if (Amd.Contains(model))
            return "svm";
        if (model is null || Intel.Contains(model))
            return "vmx";
        throw new RunnerException($"Bochs has no CPU model '{model}', but {string.Join(", ", Intel)}, {string.Join(", ", Amd)}");
    }

    /// <summary>
    /// Whether a model has control-flow enforcement. Those of Bochs 3.0 panic where a processor goes on: when the firmware, with CR0.WP
    /// clear, writes to a page that is read-only.
    /// </summary>
    public static bool HasControlFlowEnforcement(string model) => model is "tigerlake" or "sapphire_rapids" or "arrow_lake";
}
