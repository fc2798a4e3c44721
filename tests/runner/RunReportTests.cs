using System.Collections.Generic;
using System.Text.Json.Nodes;
using Switcher.Runner.Report;
using Xunit;

namespace Switcher.Tests.Runner;

public class RunReportTests
{
    /// <summary>Scripts read these keys: none may change its name, place or type.</summary>
    [Fact]
    public void RunReport_AsJson_HasExactlyTheDocumentedShape()
    {
        var report = new RunReport(
            false, "debian lost memory", "qemu", "svm", 2, 2048, new HypervisorRecord(241664, 16777216),
            [new GuestRecord("debian", [new RangeRecord("0x1600000", 0x16000000)], 2)],
            [new SwitchRecord("debian-cloud", "debian", false, 71.5, 123456, 47.5, 60.25, true, null)],
            new Dictionary<string, long> { ["CPUID"] = 2040 });
        const string expected = """
            {"ok":false,"failure":"debian lost memory","emulator":"qemu","backend":"svm","cpus":2,"memoryMiB":2048,
            "hypervisor":{"imageBytes":241664,"reservedBytes":16777216},
            "guests":[{"name":"debian","ranges":[{"start":"0x1600000","length":369098752}],"cpusOnline":2}],
            "switches":[{"from":"debian-cloud","to":"debian","first":false,"suspendMs":71.5,"hypervisorTicks":123456,"hypervisorUs":47.5,
            "resumeMs":60.25,"memoryIntact":true,"filesIntact":null}],
            "exits":{"CPUID":2040}}
            """;
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(report.ToJson())!.ToJsonString());
    }

    [Fact]
    public void RunReport_WithoutFailure_SaysNull()
    {
        var report = new RunReport(
            true, null, "qemu", "svm", 1, 1024, new HypervisorRecord(0, 0), [], [], new Dictionary<string, long>());
        Assert.Contains("\"failure\": null", report.ToJson());
    }
}
