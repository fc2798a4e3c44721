using System;
using System.IO;
using System.Linq;

namespace Switcher.Runner.Emulators;

/// <summary>Whether this machine's own CPU can run Switcher under KVM, which takes virtualization inside virtualization.</summary>
public static class Acceleration
{
    /// <summary>Says in a few words why KVM cannot be used, or null when it can.</summary>
    public static string? Obstacle()
    {
        if (!HasFlag("svm") && !HasVmx())
            return "the CPU offers neither SVM nor VMX";
        string module = HasVmx() ? "kvm_intel" : "kvm_amd";
        string nested = $"/sys/module/{module}/parameters/nested";
        if (!File.Exists(nested))
            return $"the module {module} is not loaded";
        if (File.ReadAllText(nested).Trim() is not ("1" or "Y"))
            return $"nested virtualization is off ({nested})";
        return CanOpenKvm() ? null : "/dev/kvm cannot be opened";
    }

    /// <summary>Whether the host's CPU is one with VMX.</summary>
    public static bool HasVmx() => HasFlag("vmx");

    private static bool HasFlag(string flag) =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))
            ?.Split(' ').Contains(flag) ?? false;

    private static bool CanOpenKvm()
    {
        try
        {
            using FileStream device = new("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
