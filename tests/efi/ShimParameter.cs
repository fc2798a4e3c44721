using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Stubs.Shared;

namespace Switcher.Tests.Efi;

/// <summary>A parameter of a service, from the prototypes in UEFI 2.10, chapter 8 "Services - Runtime Services".</summary>
/// <param name="Type">A value, a pointer to a fixed size that goes in, out or both ways, a name or data.</param>
/// <param name="Bytes">Of the value or what is pointed to.</param>
/// <param name="IsIn">It points to something that is read.</param>
/// <param name="IsOut">It points to something that is written.</param>
/// <param name="IsSize">Of the name or the data.</param>
internal sealed record ShimParameter(ShimParameter.Kind Type, int Bytes, bool IsIn, bool IsOut, bool IsSize)
{
    public enum Kind
    {
        Value,
        Fixed,
        Name,
        Data,
    }

    private static readonly Dictionary<RuntimeService, string> s_services = new()
    {
        [RuntimeService.GetTime] = "out16 out12",
        [RuntimeService.SetTime] = "in16",
        [RuntimeService.GetWakeupTime] = "out1 out1 out16",
        [RuntimeService.SetWakeupTime] = "value1 in16",
        [RuntimeService.SetVirtualAddressMap] = "size-value8 value8 value4 in-data",
        [RuntimeService.ConvertPointer] = "value8 in-out8",
        [RuntimeService.GetVariable] = "in-name in16 out4 size-in-out8 out-data",
        [RuntimeService.GetNextVariableName] = "size-in-out8 in-out-name in-out16",
        [RuntimeService.SetVariable] = "in-name in16 value4 size-value8 in-data",
        [RuntimeService.GetNextHighMonotonicCount] = "out4",
        [RuntimeService.ResetSystem] = "value4 value8 size-value8 in-data",
        [RuntimeService.QueryVariableInfo] = "value4 out8 out8 out8",
    };

    public static IEnumerable<RuntimeService> Services => s_services.Keys;

    public static ShimParameter[] Of(RuntimeService service) => [.. s_services[service].Split(' ').Select(Parse)];

    private static ShimParameter Parse(string text)
    {
        string words = text.TrimEnd("0123456789".ToCharArray());
        string digits = text[words.Length..];
        string[] said = words.Split('-');
        Kind type = said.Contains("value") ? Kind.Value
            : said.Contains("name") ? Kind.Name
            : said.Contains("data") ? Kind.Data
            : Kind.Fixed;
        return new ShimParameter(
            type, digits.Length == 0 ? 0 : int.Parse(digits), said.Contains("in"), said.Contains("out"), said.Contains("size"));
    }
}
