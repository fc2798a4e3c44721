namespace Switcher.Hv.State;

/// <summary>What the firmware is entered for.</summary>
public enum FirmwareRequest : ulong
{
    /// <summary>A runtime service: the guest's mailbox says which.</summary>
    Service = 1,

    /// <summary>A guest is to be loaded again. The machine is the firmware's meanwhile.</summary>
    Load = 2,
}

/// <summary>What became of a request.</summary>
public enum FirmwareAnswer : ulong
{
    /// <summary>The guest goes on; or it was to be loaded, and whether it is parked says how that ended.</summary>
    Done,

    /// <summary>The guest asked for its own reset.</summary>
    Reset,

    /// <summary>The guest asked for a cold reset: if all others are off, it is alone on the machine, and means that.</summary>
    ColdReset,

    /// <summary>The guest asked for its own end.</summary>
    Shutdown,
}

/// <summary>A request as the firmware finds it in RAX: what in the low half, the guest in the high one.</summary>
public static class FirmwareRequests
{
    public static ulong Service(int guest) => (ulong)FirmwareRequest.Service | ((ulong)guest << 32);

    public static ulong Load(int guest) => (ulong)FirmwareRequest.Load | ((ulong)guest << 32);
}
