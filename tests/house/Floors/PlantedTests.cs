using System.Linq;
using Xunit;

namespace Switcher.Tests.House.Floors;

/// <summary>The floors test finds what it is there for: references planted in a small house.</summary>
public sealed class PlantedTests
{
    private const string Floors = """
        base: **
        hv over base: Cpu < Devices < Svm = Vmx < Switch
        """;

    private const string Cpu = "namespace Hv.Cpu; public struct Register { public ulong Value; }";

    private const string Switch = """
        namespace Hv.Switch;
        public static class GuestSwitch { public static Hv.Cpu.Register Register; public static void Run() { } public class Step { } }
        """;

    [Fact]
    public void Downward_NothingIsFound() => Assert.Empty(Find("""
        using Hv.Cpu;
        namespace Hv.Devices;
        public static class Apic { public static Register Read() => default; public static ulong Value => Read().Value; }
        """));

    [Theory]
    [InlineData("using Hv.Switch;\nnamespace Hv.Devices { public class Apic; }", "hv/Devices/X.cs:1 uses Hv.Switch of hv/Switch/: ")]
    [InlineData("namespace Hv.Devices { public class Apic\n { public void End() => Hv.Switch.GuestSwitch.Run(); } }",
        "hv/Devices/X.cs:2 uses GuestSwitch.Run() of hv/Switch/Z.cs: ")]
    [InlineData("namespace Hv.Devices { public class Apic { private Hv.Switch.GuestSwitch.Step[] _steps; } }",
        "hv/Devices/X.cs:1 uses GuestSwitch.Step of hv/Switch/Z.cs: ")]
    [InlineData("using Other = Hv.Switch.GuestSwitch;\nnamespace Hv.Devices { public class Apic; }",
        "hv/Devices/X.cs:1 uses GuestSwitch of hv/Switch/Z.cs: ")]
    [InlineData("using static Hv.Switch.GuestSwitch;\nnamespace Hv.Devices { public class Apic; }",
        "hv/Devices/X.cs:1 uses GuestSwitch of hv/Switch/Z.cs: ")]
    [InlineData("namespace Hv.Devices { public class Apic : Hv.Switch.GuestSwitch.Step; }",
        "hv/Devices/X.cs:1 uses GuestSwitch.Step of hv/Switch/Z.cs: ")]
    public void Upward_UsingNameOrBase_IsFound(string planted, string expected) =>
        Assert.Equal([expected + "hv/Devices is a floor below hv/Switch"], Find(planted));

    /// <summary>The file writes no name of the upper floor: it only has the type, through <c>var</c> and through a member.</summary>
    [Fact]
    public void Upward_ThroughVarAndMember_IsFound() => Assert.Equal(
        [
            "hv/Cpu/Door.cs:1 uses GuestSwitch.Step of hv/Switch/Z.cs: hv/Cpu is a floor below hv/Switch",
            "hv/Devices/X.cs:2 uses GuestSwitch.Step of hv/Switch/Z.cs: hv/Devices is a floor below hv/Switch",
        ],
        Find("namespace Hv.Devices { public class Apic { public void End() {\n var step = Hv.Cpu.Door.Open(); } } }",
            ("hv/Cpu/Door.cs", "namespace Hv.Cpu { public static class Door { public static "
                + "Hv.Switch.GuestSwitch.Step Open() => null; } }")));

    /// <summary>One class over three folders: what counts is where the member stands that is used.</summary>
    [Fact]
    public void Upward_MemberOfAPartialClass_IsFoundWhereItStands() => Assert.Equal(
        ["hv/Devices/X.cs:2 uses Machine.Stop() of hv/Switch/Machine.cs: hv/Devices is a floor below hv/Switch"],
        Find("namespace Hv { public partial class Machine { void Use() { Start();\n Stop(); } } }",
            ("hv/Cpu/Machine.cs", "namespace Hv { public partial class Machine { void Start() { } } }"),
            ("hv/Switch/Machine.cs", "namespace Hv { public partial class Machine { void Stop() { } } }")));

    /// <summary>The floors of hv: generic classes that inherit downward, the parts nested in them.</summary>
    [Fact]
    public void Tower_NestedPartOfAFloorAbove_IsFound() => Assert.Equal(
        ["hv/Devices/X.cs:2 uses Switching<T>.Sleep.Sleep() of hv/Switch/Sleep.cs: hv/Devices is a floor below hv/Switch"],
        Find("namespace Hv { public abstract partial class Machine<T> { public class Apic {\n void End() => "
            + "new Switching<T>.Sleep(); } } }",
            ("hv/Switch/Sleep.cs", """
                namespace Hv { public abstract partial class Switching<T>
                    : Machine<T> { public class Sleep { void End() => new Apic(); } } }
                """)));

    [Fact]
    public void Circle_OfTwoNeighbours_IsFoundBothWays() => Assert.Equal(
        [
            "hv/Svm/A.cs:1 uses Vmcs of hv/Vmx/B.cs: hv/Svm and hv/Vmx are on one floor",
            "hv/Vmx/B.cs:1 uses Vmcb of hv/Svm/A.cs: hv/Svm and hv/Vmx are on one floor",
        ],
        Find("namespace Hv.Devices { public class Apic; }",
            ("hv/Svm/A.cs", "namespace Hv.Svm { public class Vmcb { Hv.Vmx.Vmcs _other; } }"),
            ("hv/Vmx/B.cs", "namespace Hv.Vmx { public class Vmcs { Hv.Svm.Vmcb _other; } }"))
            .Select(line => line.Replace("hv/Vmx and hv/Svm", "hv/Svm and hv/Vmx", System.StringComparison.Ordinal)));

    [Fact]
    public void Upward_ToAnotherRoom_IsFound() => Assert.Equal(
        ["base/B.cs:1 uses Register of hv/Cpu/Y.cs: hv is not below base"],
        Find("namespace Hv.Devices { public class Apic; }", ("base/B.cs", "public class B { Hv.Cpu.Register _register; }")));

    [Fact]
    public void Folder_OnNoFloor_IsNotNamed()
    {
        var plan = new FloorPlan(Floors);
        Assert.True(plan.Names("hv/Vmx") && plan.Names("base/Any/Where"));
        Assert.False(plan.Names("hv/Vmx/Deep") || plan.Names("hv") || plan.Names("other"));
    }

    private static string[] Find(string devices, params (string Path, string Text)[] more)
    {
        var plan = new FloorPlan(Floors);
        var sources = new SourceReader(plan,
            [("hv/Cpu/Y.cs", Cpu), ("hv/Switch/Z.cs", Switch), ("hv/Devices/X.cs", devices), .. more], isFreestanding: false);
        return [.. Inspection.Upward(plan, sources).Select(reference => Inspection.Describe(plan, reference))];
    }
}
