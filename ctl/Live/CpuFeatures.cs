using System;
using System.Collections.Generic;

namespace Switcher.Ctl.Live;

/// <summary>What <c>/proc/cpuinfo</c> says of the first CPU.</summary>
public sealed class CpuFeatures
{
    private readonly HashSet<string> _flags = [];
    private readonly HashSet<string> _vmxFlags = [];

    private CpuFeatures()
    {
    }

    public string Vendor { get; private set; } = "";
    public string Model { get; private set; } = "";

    /// <summary>Number of CPUs, hyperthreads included.</summary>
    public int Count { get; private set; }

    public bool IsIntel => Vendor == "GenuineIntel";
    public bool IsAmd => Vendor is "AuthenticAMD" or "HygonGenuine";
    public bool HasVmx => _flags.Contains("vmx");
    public bool HasEpt => _vmxFlags.Contains("ept") || _flags.Contains("ept");
    public bool HasUnrestrictedGuest => _vmxFlags.Contains("unrestricted_guest");

    /// <summary>False with kernels that do not list VMX features (before 5.7).</summary>
    public bool KnowsVmxFlags => _vmxFlags.Count != 0;
    public bool HasSvm => _flags.Contains("svm");
    public bool HasNpt => _flags.Contains("npt");
    public bool Is64Bit => _flags.Contains("lm");

    /// <summary>Linux itself runs under a hypervisor.</summary>
    public bool IsVirtual => _flags.Contains("hypervisor");

    public static CpuFeatures Parse(string text)
    {
        CpuFeatures features = new();
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            string value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim())
            {
                case "processor":
                    features.Count++;
                    break;
                case "vendor_id":
                    features.Vendor = value;
                    break;
                case "model name":
                    features.Model = value;
                    break;
                case "flags":
                    features._flags.UnionWith(value.Split(' '));
                    break;
                case "vmx flags":
                    features._vmxFlags.UnionWith(value.Split(' '));
                    break;
            }
        }
        return features;
    }
}
