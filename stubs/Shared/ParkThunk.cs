using System.Runtime.InteropServices;

namespace Switcher.Stubs.Shared;

/// <summary>
/// The fields in front of the code of the stubs <c>SvmParkThunk</c> and <c>VmxParkThunk</c>, which is copied into a partition.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ParkThunk
{
    /// <summary>Bytes of fields and code together.</summary>
    public const int Length = 256;

    /// <summary>Address of what ExitBootServices calls first, with its own two arguments and result.</summary>
    public ulong Hook;

    /// <summary>The hypercall's number and arguments.</summary>
    public ulong Function;
    public ulong Guest;
    public ulong Context;

    /// <summary>Address of <c>LeaveImage</c>, and its first argument.</summary>
    public ulong Leave;
    public ulong Frame;
}
