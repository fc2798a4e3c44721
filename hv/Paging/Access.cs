using System;

namespace Switcher.Hv.Paging;

/// <summary>What a page may be used for. The only combinations that every format can express are the named ones.</summary>
[Flags]
public enum Access : byte
{
    /// <summary>Not present: every touch faults or exits.</summary>
    None = 0,
    Read = 1,
    ReadWrite = 3,
    ReadExecute = 5,
    ReadWriteExecute = 7,
}

/// <summary>
/// How memory is cached. SDM vol. 3, 12.11 "Memory Type Range Registers (MTRRs)", Table 12-8: the encodings of the MTRRs, and of EPT.
/// </summary>
public enum CacheType : byte
{
    Uncacheable = 0,
    WriteCombining = 1,
    WriteThrough = 4,
    WriteProtected = 5,
    WriteBack = 6,
}
