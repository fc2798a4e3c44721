using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>
/// SDM vol. 3, appendix B "Field Encoding in VMCS": bits 9:1 index, 11:10 type, 14:13 width. The rows are the appendix's tables, not the
/// code's.
/// </summary>
public class VmcsFieldTests
{
    private enum Area
    {
        Control,
        Information,
        Guest,
        Host,
    }

    private enum Width
    {
        Bits16,
        Bits64,
        Bits32,
        Natural,
    }

    private static readonly (Width Width, Area Area, int Index, string Name)[] s_appendix =
    [
        (Width.Bits16, Area.Control, 0, "VirtualProcessorId"),
        (Width.Bits16, Area.Host, 0, "EsSelector"),
        (Width.Bits16, Area.Host, 1, "CsSelector"),
        (Width.Bits16, Area.Host, 2, "SsSelector"),
        (Width.Bits16, Area.Host, 3, "DsSelector"),
        (Width.Bits16, Area.Host, 4, "FsSelector"),
        (Width.Bits16, Area.Host, 5, "GsSelector"),
        (Width.Bits16, Area.Host, 6, "TrSelector"),
        (Width.Bits64, Area.Control, 0, "IoBitmapA"),
        (Width.Bits64, Area.Control, 1, "IoBitmapB"),
        (Width.Bits64, Area.Control, 2, "MsrBitmap"),
        (Width.Bits64, Area.Control, 13, "EptPointer"),
        (Width.Bits64, Area.Control, 22, "XssExitingBitmap"),
        (Width.Bits64, Area.Information, 0, "GuestPhysicalAddress"),
        (Width.Bits64, Area.Guest, 0, "LinkPointer"),
        (Width.Bits64, Area.Guest, 1, "DebugCtl"),
        (Width.Bits64, Area.Guest, 2, "Pat"),
        (Width.Bits64, Area.Guest, 3, "Efer"),
        (Width.Bits64, Area.Guest, 5, "Pdpte0"),
        (Width.Bits64, Area.Guest, 6, "Pdpte1"),
        (Width.Bits64, Area.Guest, 7, "Pdpte2"),
        (Width.Bits64, Area.Guest, 8, "Pdpte3"),
        (Width.Bits32, Area.Guest, 23, "PreemptionTimer"),
        (Width.Bits64, Area.Host, 0, "Pat"),
        (Width.Bits64, Area.Host, 1, "Efer"),
        (Width.Bits32, Area.Control, 0, "PinControls"),
        (Width.Bits32, Area.Control, 1, "PrimaryControls"),
        (Width.Bits32, Area.Control, 2, "ExceptionBitmap"),
        (Width.Bits32, Area.Control, 3, "PageFaultErrorCodeMask"),
        (Width.Bits32, Area.Control, 4, "PageFaultErrorCodeMatch"),
        (Width.Bits32, Area.Control, 5, "Cr3TargetCount"),
        (Width.Bits32, Area.Control, 6, "ExitControls"),
        (Width.Bits32, Area.Control, 7, "ExitMsrStoreCount"),
        (Width.Bits32, Area.Control, 8, "ExitMsrLoadCount"),
        (Width.Bits32, Area.Control, 9, "EntryControls"),
        (Width.Bits32, Area.Control, 10, "EntryMsrLoadCount"),
        (Width.Bits32, Area.Control, 11, "EntryInterruptionInformation"),
        (Width.Bits32, Area.Control, 12, "EntryExceptionErrorCode"),
        (Width.Bits32, Area.Control, 13, "EntryInstructionLength"),
        (Width.Bits32, Area.Control, 15, "SecondaryControls"),
        (Width.Bits32, Area.Information, 0, "InstructionError"),
        (Width.Bits32, Area.Information, 1, "Reason"),
        (Width.Bits32, Area.Information, 2, "InterruptionInformation"),
        (Width.Bits32, Area.Information, 3, "InterruptionErrorCode"),
        (Width.Bits32, Area.Information, 4, "IdtVectoringInformation"),
        (Width.Bits32, Area.Information, 5, "IdtVectoringErrorCode"),
        (Width.Bits32, Area.Information, 6, "InstructionLength"),
        (Width.Bits32, Area.Guest, 8, "GdtrLimit"),
        (Width.Bits32, Area.Guest, 9, "IdtrLimit"),
        (Width.Bits32, Area.Guest, 18, "Interruptibility"),
        (Width.Bits32, Area.Guest, 19, "ActivityState"),
        (Width.Bits32, Area.Guest, 21, "SysenterCs"),
        (Width.Bits32, Area.Host, 0, "SysenterCs"),
        (Width.Natural, Area.Control, 0, "Cr0Mask"),
        (Width.Natural, Area.Control, 1, "Cr4Mask"),
        (Width.Natural, Area.Control, 2, "Cr0Shadow"),
        (Width.Natural, Area.Control, 3, "Cr4Shadow"),
        (Width.Natural, Area.Information, 0, "Qualification"),
        (Width.Natural, Area.Information, 5, "GuestLinearAddress"),
        (Width.Natural, Area.Guest, 0, "Cr0"),
        (Width.Natural, Area.Guest, 1, "Cr3"),
        (Width.Natural, Area.Guest, 2, "Cr4"),
        (Width.Natural, Area.Guest, 11, "GdtrBase"),
        (Width.Natural, Area.Guest, 12, "IdtrBase"),
        (Width.Natural, Area.Guest, 13, "Dr7"),
        (Width.Natural, Area.Guest, 14, "Rsp"),
        (Width.Natural, Area.Guest, 15, "Rip"),
        (Width.Natural, Area.Guest, 16, "Rflags"),
        (Width.Natural, Area.Guest, 17, "PendingDebugExceptions"),
        (Width.Natural, Area.Guest, 18, "SysenterEsp"),
        (Width.Natural, Area.Guest, 19, "SysenterEip"),
        (Width.Natural, Area.Host, 0, "Cr0"),
        (Width.Natural, Area.Host, 1, "Cr3"),
        (Width.Natural, Area.Host, 2, "Cr4"),
        (Width.Natural, Area.Host, 3, "FsBase"),
        (Width.Natural, Area.Host, 4, "GsBase"),
        (Width.Natural, Area.Host, 5, "TrBase"),
        (Width.Natural, Area.Host, 6, "GdtrBase"),
        (Width.Natural, Area.Host, 7, "IdtrBase"),
        (Width.Natural, Area.Host, 8, "SysenterEsp"),
        (Width.Natural, Area.Host, 9, "SysenterEip"),
        (Width.Natural, Area.Host, 10, "Rsp"),
        (Width.Natural, Area.Host, 11, "Rip"),
    ];

    /// <summary>In each of the appendix's tables they follow one another in this order.</summary>
    private static readonly string[] s_segments = ["Es", "Cs", "Ss", "Ds", "Fs", "Gs", "Ldtr", "Tr"];

    public static TheoryData<string> Rows() => [.. Appendix().Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Field_InAppendixB_HasItsEncodingWidthAndAccess(string name)
    {
        (Width width, Area area, int index, _) = Appendix().Single(row => row.Name == name);
        VmcsFieldInfo field = VmcsFields.All.Values.Single(declared => declared.Name == name);
        Assert.Equal(((uint)width << 13) | ((uint)area << 10) | ((uint)index << 1), field.Encoding);
        Assert.Equal(area == Area.Information, field.IsReadOnly);
        Assert.Equal(width, WidthOf(field.Value));
    }

    [Fact]
    public void Fields_Declared_AreAllInAppendixB()
        => Assert.Equal(Appendix().Select(row => row.Name).Order(), VmcsFields.All.Values.Select(field => field.Name).Order());

    [Fact]
    public void Write_NarrowField_HasNoBitsAboveItsWidth()
    {
        using FakeMachine machine = VmxMachine.Create();
        FakeVmcs vmcs = machine.Cpus[0].Vmx.Vmcs;
        Vmx<FakePlatform>.Vmcs.Write(VmcsGuest.Cs.Selector, (ushort)0xFFFF);
        Vmx<FakePlatform>.Vmcs.Write(VmcsGuest.Cs.Limit, uint.MaxValue);
        Vmx<FakePlatform>.Vmcs.Write(VmcsGuest.Cs.Base, ulong.MaxValue);
        Assert.Equal((0xFFFFUL, 0xFFFF_FFFFUL, ulong.MaxValue),
            (vmcs.Read(VmcsGuest.Cs.Selector.Encoding), vmcs.Read(VmcsGuest.Cs.Limit.Encoding), vmcs.Read(VmcsGuest.Cs.Base.Encoding)));
    }

    private static Width WidthOf(Type type)
    {
        Type plain = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        return plain == typeof(ushort) ? Width.Bits16 : plain == typeof(uint) ? Width.Bits32 : plain == typeof(ulong) ? Width.Bits64
            : plain == typeof(nuint) ? Width.Natural : throw new ArgumentOutOfRangeException(type.Name);
    }

    private static IEnumerable<(Width Width, Area Area, int Index, string Name)> Appendix()
    {
        foreach ((Width width, Area area, int index, string name) in s_appendix)
            yield return (width, area, index, $"{ClassOf(area)}.{name}");
        for (int i = 0; i < s_segments.Length; i++)
        {
            yield return (Width.Bits16, Area.Guest, i, $"VmcsGuest.{s_segments[i]}.Selector");
            yield return (Width.Bits32, Area.Guest, i, $"VmcsGuest.{s_segments[i]}.Limit");
            yield return (Width.Bits32, Area.Guest, 10 + i, $"VmcsGuest.{s_segments[i]}.AccessRights");
            yield return (Width.Natural, Area.Guest, 3 + i, $"VmcsGuest.{s_segments[i]}.Base");
        }
    }

    private static string ClassOf(Area area) => area switch
    {
        Area.Control => nameof(VmcsControl),
        Area.Information => nameof(VmcsExit),
        Area.Guest => nameof(VmcsGuest),
        _ => nameof(VmcsHost),
    };
}
