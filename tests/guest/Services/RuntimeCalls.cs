using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Services;

/// <summary>Calls every runtime service, rightly and wrongly: UEFI 2.10, chapter 8 "Services - Runtime Services".</summary>
internal static unsafe class RuntimeCalls
{
    private const string Name = "Small";
    private const string Hidden = "Hidden";
    private const int LongName = 8192;
    private static nuint Endless => unchecked((nuint)0x7FFF_FFFF_FFFF_0000);

    // UEFI 2.10, appendix D "Status Codes".
    private static EfiStatus InvalidParameter => EfiStatus.InvalidParameter;

    /// <summary>While boot services last: a variable that is gone in the run phase.</summary>
    public static void HideVariable()
    {
        byte value = 1;
        fixed (char* name = Hidden)
            Variable.Set(name, VariableAttributes.BootServiceAccess, 1, &value);
    }

    public static void Run()
    {
        CheckTime();
        CheckVariable();
        CheckNames();
        CheckHostile();
        CheckOthers();
    }

    /// <summary>The firmware's clock is broken, and with the first call all services are gone.</summary>
    public static void ExpectNone()
    {
        Time time = default;
        nuint size = 0;
        Expect("GetTime of a broken firmware"u8, Firmware.Runtime->GetTime(&time, null), EfiStatus.DeviceError);
        fixed (char* name = Name)
            Expect("GetVariable after that"u8, Variable.Get(name, null, &size, null), EfiStatus.DeviceError);
    }

    private static void CheckTime()
    {
        Time time = default;
        TimeCapabilities capabilities = default;
        Expect("GetTime"u8, Firmware.Runtime->GetTime(&time, &capabilities), EfiStatus.Success);
        Report.Expect(time.Year is >= 2020 and < 2100 && time.Month is >= 1 and <= 12, "GetTime is not plausible"u8, time.Year);
        Expect("GetTime without capabilities"u8, Firmware.Runtime->GetTime(&time, null), EfiStatus.Success);
        Expect("GetTime into nothing"u8, Firmware.Runtime->GetTime(null, null), InvalidParameter);
        Expect("SetTime"u8, Firmware.Runtime->SetTime(&time), EfiStatus.Success);
        Expect("SetTime from nothing"u8, Firmware.Runtime->SetTime(null), InvalidParameter);
        time.Month = 13;
        Expect("SetTime to no month"u8, Firmware.Runtime->SetTime(&time), InvalidParameter);
    }

    private static void CheckVariable()
    {
        ulong value = 0x1122_3344_5566_7788;
        ulong found = 0;
        nuint size = sizeof(ulong);
        VariableAttributes attributes = 0;
        fixed (char* name = Name)
        {
            Expect("SetVariable"u8, Variable.Set(name, Variable.Ordinary, sizeof(ulong), &value), EfiStatus.Success);
            Expect("GetVariable"u8, Variable.Get(name, &attributes, &size, &found), EfiStatus.Success);
            Report.ExpectEqual("a variable's value"u8, found, value);
            Report.ExpectEqual("a variable's attributes"u8, (ulong)attributes, (ulong)Variable.Ordinary);
            size = 1;
            found = 0;
            Expect("GetVariable into too little"u8, Variable.Get(name, null, &size, &found), EfiStatus.BufferTooSmall);
            Report.ExpectEqual("the size that a variable needs"u8, size, sizeof(ulong));
            Report.ExpectEqual("a value that does not fit"u8, found, 0);
            Expect("SetVariable, volatile"u8, Variable.Set(name, Variable.Ordinary & ~VariableAttributes.NonVolatile, 8, &value),
                InvalidParameter);
            Expect("SetVariable, for boot services"u8, Variable.Set(name, VariableAttributes.BootServiceAccess, 8, &value),
                InvalidParameter);
            Expect("SetVariable, deletes"u8, Variable.Set(name, Variable.Ordinary, 0, null), EfiStatus.Success);
            size = sizeof(ulong);
            Expect("GetVariable of none"u8, Variable.Get(name, null, &size, &found), EfiStatus.NotFound);
            Expect("GetVariable without a size"u8, Variable.Get(name, null, null, &found), InvalidParameter);
            Expect("GetVariable without a name"u8, Variable.Get(null, null, &size, &found), InvalidParameter);
        }

        fixed (char* name = Hidden)
            Expect("GetVariable of boot services"u8, Variable.Get(name, null, &size, &found), EfiStatus.NotFound);
    }

    /// <summary>The list ends, and what was hidden is not in it.</summary>
    private static void CheckNames()
    {
        const int Most = 500;
        ulong page = OwnMemory.AnyPage();
        var name = (char*)page;
        *name = '\0';
        Guid vendor = default;
        int count = 0;
        EfiStatus status;
        do
        {
            nuint size = MemoryDescriptor.PageSize;
            status = Firmware.Runtime->GetNextVariableName(&size, name, &vendor);
            count++;
            if (!status.IsError && vendor == Variable.Vendor)
                Report.Expect(name[0] != Hidden[0], "a variable of boot services is in the list"u8, (ulong)count);
        }
        while (!status.IsError && count < Most);
        Expect("GetNextVariableName ends"u8, status, EfiStatus.NotFound);
        Report.Expect(count > 1, "there are no variables"u8, (ulong)count);
        OwnMemory.Restore(page);
    }

    /// <summary>What nobody sends who means well.</summary>
    private static void CheckHostile()
    {
        ulong value = 0;
        nuint size = Endless;
        fixed (char* name = Name)
        {
            Report.Expect(Variable.Set(name, Variable.Ordinary, Endless, &value).IsError, "a variable without end"u8, 0);
            Report.Expect(Variable.Set(name, (VariableAttributes)0xFFFF_FFFF, 8, &value).IsError, "attributes that there are not"u8, 0);
            Expect("GetVariable with a size without end"u8, Variable.Get(name, null, &size, &value), EfiStatus.NotFound);
        }

        ulong pages = Arena.Take(LongName / MemoryDescriptor.PageSize);
        for (int i = 0; i < LongName / sizeof(char); i++)
            ((char*)pages)[i] = 'x';
        Report.Expect(Variable.Set((char*)pages, Variable.Ordinary, 8, &value).IsError, "a name without end"u8, 0);
        size = LongName;
        Guid vendor = Variable.Vendor;
        Expect("GetNextVariableName of a name without end"u8,
            Firmware.Runtime->GetNextVariableName(&size, (char*)pages, &vendor), InvalidParameter);
    }

    private static void CheckOthers()
    {
        ulong most = 0;
        ulong left = 0;
        ulong largest = 0;
        Expect("QueryVariableInfo"u8, Firmware.Runtime->QueryVariableInfo(Variable.Ordinary, &most, &left, &largest), EfiStatus.Success);
        Report.Expect(most >= left && largest > 0, "QueryVariableInfo is not plausible"u8, most);
        Expect("QueryVariableInfo of nothing"u8, Firmware.Runtime->QueryVariableInfo(0, &most, &left, &largest), InvalidParameter);
        uint high = 0;
        Expect("GetNextHighMonotonicCount"u8, Firmware.Runtime->GetNextHighMonotonicCount(&high), EfiStatus.Success);
        Expect("UpdateCapsule"u8, Firmware.Runtime->UpdateCapsule(null, 0, 0), EfiStatus.Unsupported);
        Expect("SetVirtualAddressMap of nothing"u8, Firmware.Runtime->SetVirtualAddressMap(0, 48, 1, null), InvalidParameter);
    }

    private static void Expect(ReadOnlySpan<byte> what, EfiStatus found, EfiStatus expected)
        => Report.ExpectEqual(what, found.Value, expected.Value);
}
