using System;
using System.Collections.Generic;
using System.Globalization;
using Switcher.Boot.Memory;
using Switcher.Boot.Verdict;

namespace Switcher.Ctl.Live;

/// <summary>What <c>/proc/cpuinfo</c> says of the CPUs.</summary>
public sealed class CpuInfo
{
    private readonly HashSet<string> _flags = [];
    private readonly HashSet<string> _vmxFlags = [];

    private CpuInfo()
    {
    }

    public string Vendor { get; private set; } = "";
    public string Model { get; private set; } = "";

    /// <summary>Number of CPUs, hyperthreads included.</summary>
    public int Count { get; private set; }

    /// <summary>Bits of a physical address.</summary>
    public int PhysicalAddressBits { get; private set; } = 39;

    /// <summary>Linux itself runs under a hypervisor.</summary>
    public bool IsVirtual => _flags.Contains("hypervisor");

    /// <summary>The largest page of ordinary tables: CPUID 8000_0001h, EDX bit 26.</summary>
    public ulong LargestPage => _flags.Contains("pdpe1gb") ? PageSize.Huge : PageSize.Large;

    /// <summary>The largest page of nested tables: AMD's are ordinary ones, Intel's have a bit of their own.</summary>
    public ulong LargestNestedPage => !IsAmd && (_flags.Contains("ept_1gb") || _vmxFlags.Contains("ept_1gb"))
        ? PageSize.Huge
        : IsAmd ? LargestPage : PageSize.Large;

    /// <summary>What the CPU has of what it must offer. The kernel shows no VMX, and no SVM, that the firmware switched off.</summary>
    public CpuOffer Has
    {
        get
        {
            bool hasNestedPaging = IsAmd ? _flags.Contains("npt") : _vmxFlags.Contains("ept") || _flags.Contains("ept");
            CpuOffer has = IsAmd ? CpuOffer.UnrestrictedGuest : CpuOffer.None;
            if ((IsAmd && _flags.Contains("svm")) || (IsIntel && _flags.Contains("vmx")))
                has |= CpuOffer.Virtualization | CpuOffer.Enabled;
            return has | (hasNestedPaging ? CpuOffer.NestedPaging : 0)
                | (_vmxFlags.Contains("unrestricted_guest") ? CpuOffer.UnrestrictedGuest : 0);
        }
    }

    /// <summary>All, but kernels before 5.7 do not list VMX's features.</summary>
    public CpuOffer Known => IsIntel && _vmxFlags.Count == 0 ? CpuOffer.Virtualization | CpuOffer.Enabled : CpuOffer.All;

    private bool IsIntel => Vendor == "GenuineIntel";
    private bool IsAmd => Vendor is "AuthenticAMD" or "HygonGenuine";

    public static CpuInfo Parse(string text)
    {
        CpuInfo cpu = new();
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            string value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim())
            {
                case "processor":
                    cpu.Count++;
                    break;
                case "vendor_id":
                    cpu.Vendor = value;
                    break;
                case "model name":
                    cpu.Model = value;
                    break;
                case "flags":
                    cpu._flags.UnionWith(value.Split(' '));
                    break;
                case "vmx flags":
                    cpu._vmxFlags.UnionWith(value.Split(' '));
                    break;
                case "address sizes" when int.TryParse(value.Split(' ')[0], CultureInfo.InvariantCulture, out int bits):
                    cpu.PhysicalAddressBits = bits;
                    break;
            }
        }
        return cpu;
    }
}
