using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Services;

/// <summary>The variable services (UEFI 2.10, 8.2 "Variable Services") with a vendor of this guest's own.</summary>
internal static unsafe class Variable
{
    public const VariableAttributes Ordinary =
        VariableAttributes.NonVolatile | VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;

    public const string Restarts = "Restarts";

    /// <summary>Each guest has its own: its seed is the last part.</summary>
    public static Guid Vendor => new(0x3d6b6dcb, 0x52a3, 0x4c0e, 0x9b, 0x41, 0x7e, 0x1d, 0x30, 0x5f, 0x00, (byte)Options.Seed);

    public static EfiStatus Get(char* name, VariableAttributes* attributes, nuint* size, void* data)
    {
        Guid vendor = Vendor;
        return Firmware.Runtime->GetVariable(name, &vendor, attributes, size, data);
    }

    public static EfiStatus Set(char* name, VariableAttributes attributes, nuint size, void* data)
    {
        Guid vendor = Vendor;
        return Firmware.Runtime->SetVariable(name, &vendor, attributes, size, data);
    }
}
