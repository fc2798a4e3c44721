using Switcher.Boot.Plan;
using Switcher.Boot.Text;

namespace Switcher.Boot.Menu;

/// <summary>The shares of memory that the menu offers, one after the other.</summary>
public static class MemoryChoice
{
    private const uint Least = 10;
    private const uint Most = 90;
    private const uint Step = 10;
    private const ulong Mebibyte = 1024 * 1024;

    public static bool AreEqual(MemoryRequest a, MemoryRequest b) => a.Unit == b.Unit && a.Value == b.Value;

    /// <summary>What comes after a request: an equal share, 10 % to 90 %, what is stored if it is none of these, and so on.</summary>
    public static MemoryRequest After(MemoryRequest current, MemoryRequest stored)
    {
        if (current.Unit == MemoryUnit.Share)
            return MemoryRequest.FromPercent(Least);
        if (AreEqual(current, stored) && !IsOffered(stored))
            return MemoryRequest.Share;
        if (current.Unit == MemoryUnit.Percent && current.Value + Step <= Most)
            return MemoryRequest.FromPercent((uint)(current.Value + Step));
        return IsOffered(stored) ? MemoryRequest.Share : stored;
    }

    /// <summary>Appends a request as the menu shows it: <c>equal</c>, or as the variable has it.</summary>
    public static void Append(ref LogLine line, MemoryRequest request)
    {
        switch (request.Unit)
        {
            case MemoryUnit.Percent:
                line.Decimal(request.Value);
                line.Text("%"u8);
                break;
            case MemoryUnit.Bytes:
                bool isWholeGibibytes = request.Value % (1024 * Mebibyte) == 0;
                line.Decimal(request.Value / (isWholeGibibytes ? 1024 * Mebibyte : Mebibyte));
                line.Text(isWholeGibibytes ? "G"u8 : "M"u8);
                break;
            default:
                line.Text("equal"u8);
                break;
        }
    }

    private static bool IsOffered(MemoryRequest request) => request.Unit == MemoryUnit.Share
        || (request.Unit == MemoryUnit.Percent && request.Value is >= Least and <= Most && request.Value % Step == 0);
}
