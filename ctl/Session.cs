using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary>One call of the program: on which Linux, and where it speaks.</summary>
/// <param name="Host">The Linux.</param>
/// <param name="Output">For what was asked for.</param>
/// <param name="Errors">For everything else.</param>
public sealed record Session(Host Host, TextWriter Output, TextWriter Errors)
{
    private static readonly JsonWriterOptions s_json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public LinuxFiles Files => Host.Files;

    /// <summary>Runs a verb.</summary>
    /// <returns>The exit status.</returns>
    public int Run(Action verb)
    {
        try
        {
            verb();
            return (int)ExitStatus.Ok;
        }
        catch (CtlFailure failure)
        {
            Errors.WriteLine($"switcherctl: {failure.Message}");
            return (int)failure.Status;
        }
    }

    /// <summary>Writes one JSON object.</summary>
    /// <param name="write">Writes its members.</param>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, s_json))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        Output.WriteLine(Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length)));
        Output.Flush();
    }
}
