using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using Switcher.Acpi;

namespace Switcher.Ctl.Check;

/// <summary>Writes a check's result as one JSON object.</summary>
public static class JsonOutput
{
    public static void Write(Stream stream, Judgement judgement, TableReport report)
    {
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using Utf8JsonWriter json = new(stream, options);
        json.WriteStartObject();
        json.WriteString("verdict", judgement.Verdict.ToString().ToLowerInvariant());
        WriteTexts(json, "reasons", judgement.Reasons);
        json.WriteBoolean("hardwareReduced", report.IsHardwareReduced);
        json.WriteBoolean("lowPowerS0", report.IsLowPowerS0);
        WriteAddress(json, "pm1aControl", report.Hardware.Pm1aCnt);
        WriteAddress(json, "pm1bControl", report.Hardware.Pm1bCnt);
        json.WriteString("pm1Space", Pm1SpaceName(report.Hardware.Pm1aCnt));
        WriteReset(json, report.Hardware);
        WriteState(json, "s3", report.IsS3Synthesized ? SleepStateSource.Missing : report.Sleep.S3.Source, S3Values(report));
        WriteState(json, "s4", report.Sleep.S4.Source, report.Sleep.S4);
        WriteState(json, "s5", report.Sleep.S5.Source, report.Sleep.S5);
        json.WriteBoolean("synthesizedS3", report.IsS3Synthesized);
        json.WriteNumber("facs", report.FacsCount);
        WriteTexts(json, "problems", report.Problems);
        json.WriteStartObject("view");
        json.WriteNumber("tables", report.View.Tables);
        json.WriteBoolean("checksumsOk", report.View.ChecksumsOk);
        json.WriteNumber("unchangedTables", report.View.UnchangedTables);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    /// <summary>The values that a guest uses: Switcher's where it adds S3, the machine's own otherwise.</summary>
    private static SleepState S3Values(TableReport report) => report.IsS3Synthesized ? report.Sleep.GuestS3 : report.Sleep.S3;

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteAddress(Utf8JsonWriter json, string name, GenericAddress register)
    {
        if (register.IsPresent)
            json.WriteString(name, $"0x{register.Address:x}");
        else
            json.WriteNull(name);
    }

    private static void WriteReset(Utf8JsonWriter json, SleepHardware hardware)
    {
        if (!hardware.Reset.IsPresent)
        {
            json.WriteNull("resetRegister");
            return;
        }
        json.WriteStartObject("resetRegister");
        json.WriteString("space", SpaceName(hardware.Reset.Space));
        json.WriteString("address", $"0x{hardware.Reset.Address:x}");
        json.WriteNumber("value", hardware.ResetValue);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, string name, SleepStateSource source, SleepState values)
    {
        if (!values.HasValues)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteBoolean("present", source >= SleepStateSource.Conditional);
        json.WriteNumber("slpTypA", values.SlpTypA);
        json.WriteNumber("slpTypB", values.SlpTypB);
        json.WriteEndObject();
    }

    private static string? Pm1SpaceName(GenericAddress register) =>
        register is { IsPresent: true, Space: AddressSpace.SystemIo or AddressSpace.SystemMemory } ? SpaceName(register.Space) : null;

    private static string SpaceName(AddressSpace space) => space switch
    {
        AddressSpace.SystemIo => "io",
        AddressSpace.SystemMemory => "memory",
        AddressSpace.PciConfiguration => "pci",
        _ => $"space{(byte)space}",
    };
}
