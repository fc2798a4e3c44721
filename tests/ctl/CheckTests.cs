using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using Switcher.Tests.Acpi;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>The program <c>switcherctl check</c>, run as its users run it, and the parts that judge.</summary>
public sealed class CheckTests
{
    private const string Program = "switcherctl.dll";

    [Theory]
    [InlineData("Desktop-ASRock-ConRoe1333-ConRoe1333-GLAN-7DEFD46B4817", 0, "ok")]
    [InlineData("Server-Supermicro-X8-X8DTT-CE92DF29C87C", 0, "ok")]
    [InlineData("Tablet-Lenovo-Others-Others-3647B31878D4", 1, "refused")]
    public void Check_Dump_PrintsOneJsonObjectWithAllKeys(string name, int status, string verdict)
    {
        (int exit, string output) = Run(null, "check", "--json", "--acpidump", Dumps.PathOf(name));
        Assert.Equal(status, exit);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(
            [
                "verdict", "reasons", "hardwareReduced", "lowPowerS0", "pm1aControl", "pm1bControl", "pm1Space", "resetRegister",
                "s3", "s4", "s5", "synthesizedS3", "facs", "problems", "view",
            ],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(verdict, json.RootElement.GetProperty("verdict").GetString());
        Assert.NotEqual(0, json.RootElement.GetProperty("reasons").GetArrayLength());
    }

    [Fact]
    public void Check_Json_HasTheValuesOfTheMachine()
    {
        (_, string output) = Run(null, "check", "--json", "--acpidump", Dumps.PathOf("Tablet-Microsoft-Surface-Surface-Pro-773032238BB5"));
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal("0x1804", json.GetProperty("pm1aControl").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("pm1bControl").ValueKind);
        Assert.Equal("io", json.GetProperty("pm1Space").GetString());
        Assert.Equal("""{"space":"io","address":"0xcf9","value":6}""", Compact(json.GetProperty("resetRegister")));
        Assert.Equal("""{"present":false,"slpTypA":4,"slpTypB":4}""", Compact(json.GetProperty("s3")));
        Assert.Equal("""{"present":true,"slpTypA":6,"slpTypB":0}""", Compact(json.GetProperty("s4")));
        Assert.Equal("""{"present":true,"slpTypA":7,"slpTypB":0}""", Compact(json.GetProperty("s5")));
        Assert.True(json.GetProperty("synthesizedS3").GetBoolean());
        Assert.True(json.GetProperty("lowPowerS0").GetBoolean());
        Assert.Equal(1, json.GetProperty("facs").GetInt32());
        Assert.Equal("""{"tables":26,"checksumsOk":true,"unchangedTables":23}""", Compact(json.GetProperty("view")));
    }

    [Fact]
    public void Check_DumpOnStandardInput_IsRead()
    {
        byte[] dump = File.ReadAllBytes(Dumps.PathOf("Desktop-Gigabyte-Technology-EX58-EX58-UD5-DF2F64A5D6CA"));
        (int exit, string output) = Run(dump, "check", "--acpidump", "-");
        Assert.Equal(0, exit);
        Assert.StartsWith("Switcher will run on this machine.", output, StringComparison.Ordinal);
        Assert.Contains("TAMG", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing of the kind")]
    [InlineData("FACP @ 0x0\n  0000: 46 41 43 50\n")]
    public void Check_NoUsableDump_CouldNotTell(string text)
    {
        (int exit, string output) = Run(System.Text.Encoding.ASCII.GetBytes(text), "check", "--json", "--acpidump", "-");
        Assert.Equal(2, exit);
        Assert.Equal("unknown", JsonDocument.Parse(output).RootElement.GetProperty("verdict").GetString());
        Assert.Equal(2, Run(null, "check", "--acpidump", "/does/not/exist").Exit);
    }

    [Fact]
    public void Check_ThisMachine_GivesAVerdict()
    {
        (int exit, string output) = Run(null, "check", "--json");
        string? verdict = JsonDocument.Parse(output).RootElement.GetProperty("verdict").GetString();
        Assert.Equal(exit, Array.IndexOf(["ok", "refused", "unknown"], verdict));
    }

    [Fact]
    public void CommandLine_ThatCannotBeUnderstood_IsAUsageError() => Assert.Equal(2, Run(null, "check", "--bogus").Exit);

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static (int Exit, string Output) Run(byte[]? input, params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Program));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        if (input != null)
            process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
