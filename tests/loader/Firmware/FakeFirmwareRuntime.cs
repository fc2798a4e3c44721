using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>The runtime services, as they are in the boot phase: UEFI 2.10, chapter 8.</summary>
internal sealed unsafe partial class FakeFirmware
{
    /// <summary>Whoever calls one of these calls what Switcher never calls.</summary>
    public List<string> ForbiddenCalls { get; } = [];

    private static void FillRuntimeServices(RuntimeServices* services)
    {
        services->GetTime = &GetTime;
        services->SetTime = &SetTime;
        services->GetWakeupTime = &GetWakeupTime;
        services->SetWakeupTime = &SetWakeupTime;
        services->SetVirtualAddressMap = &SetVirtualAddressMap;
        services->ConvertPointer = &ConvertPointer;
        services->GetVariable = &GetVariable;
        services->GetNextVariableName = &GetNextVariableName;
        services->SetVariable = &SetVariable;
        services->GetNextHighMonotonicCount = &GetNextHighMonotonicCount;
        services->ResetSystem = &ResetSystem;
        services->QueryVariableInfo = &QueryVariableInfo;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetTime(Time* time, TimeCapabilities* capabilities)
    {
        Current.Clock.Calls++;
        if (Current.Clock.IsBroken)
            return EfiStatus.DeviceError;
        *time = Current.Clock.Now;
        if (capabilities != null)
            *capabilities = new TimeCapabilities { Resolution = 1, Accuracy = 50_000_000, SetsToZero = 1 };
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SetTime(Time* time)
    {
        Current.Clock.Calls++;
        if (time->Month is < 1 or > 12)
            return EfiStatus.InvalidParameter;
        Current.Clock.Now = *time;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetWakeupTime(byte* isEnabled, byte* isPending, Time* time)
    {
        Current.Clock.Calls++;
        if (Current.Clock.IsBroken)
            return EfiStatus.DeviceError;
        *isEnabled = Current.Clock.IsAlarmSet ? (byte)1 : (byte)0;
        *isPending = 1;
        *time = Current.Clock.Alarm;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SetWakeupTime(byte enable, Time* time)
    {
        Current.Clock.Calls++;
        if (enable > 1 || (enable == 1 && time == null))
            return EfiStatus.InvalidParameter;
        Current.Clock.IsAlarmSet = enable == 1;
        if (time != null)
            Current.Clock.Alarm = *time;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetNextHighMonotonicCount(uint* count)
    {
        if (Current.Clock.IsBroken)
            return EfiStatus.DeviceError;
        *count = ++Current.Clock.HighCount;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetVariable(char* name, Guid* vendor, VariableAttributes* attributes, nuint* size, void* data)
    {
        if (Current.Variables.IsBroken)
            return EfiStatus.DeviceError;
        Variable? found = Current.Variables.Find(new string(name), *vendor);
        if (found == null)
            return EfiStatus.NotFound;
        bool fits = *size >= (nuint)found.Value.Length;
        *size = (nuint)found.Value.Length;
        if (attributes != null && (fits || Current.Variables.TellsAttributesEarly))
            *attributes = found.Attributes;
        if (!fits)
            return EfiStatus.BufferTooSmall;
        found.Value.CopyTo(new Span<byte>(data, found.Value.Length));
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetNextVariableName(nuint* size, char* name, Guid* vendor)
    {
        if (!Current.Variables.TryGetNext(new string(name), *vendor, out Variable? next))
            return EfiStatus.InvalidParameter;
        if (next == null)
            return EfiStatus.NotFound;
        nuint length = (nuint)((next.Name.Length + 1) * sizeof(char));
        bool fits = *size >= length;
        *size = length;
        if (!fits)
            return EfiStatus.BufferTooSmall;
        $"{next.Name}\0".CopyTo(new Span<char>(name, next.Name.Length + 1));
        *vendor = next.Vendor;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SetVariable(char* name, Guid* vendor, VariableAttributes attributes, nuint size, void* data) =>
        Current.Variables.Set(new string(name), *vendor, attributes, new Span<byte>(data, (int)size).ToArray());

    [UnmanagedCallersOnly]
    private static EfiStatus QueryVariableInfo(VariableAttributes attributes, ulong* maximum, ulong* remaining, ulong* largest)
    {
        if (Current.Variables.IsBroken)
            return EfiStatus.DeviceError;
        *maximum = (ulong)Current.Variables.Capacity;
        *remaining = (ulong)(Current.Variables.Capacity - Current.Variables.Used);
        *largest = *remaining / 2;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static void ResetSystem(ResetType type, EfiStatus status, nuint size, void* data) =>
        Current.ForbiddenCalls.Add(nameof(ResetSystem));

    [UnmanagedCallersOnly]
    private static EfiStatus SetVirtualAddressMap(nuint size, nuint stride, uint version, MemoryDescriptor* map)
    {
        Current.ForbiddenCalls.Add(nameof(SetVirtualAddressMap));
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ConvertPointer(nuint how, void** address)
    {
        Current.ForbiddenCalls.Add(nameof(ConvertPointer));
        return EfiStatus.Success;
    }
}
