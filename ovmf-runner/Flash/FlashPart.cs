namespace Switcher.Runner.Flash;

/// <summary>What a byte of the firmware's variable store belongs to.</summary>
public enum FlashPart
{
    /// <summary>Headers of the firmware volume and of the store.</summary>
    StoreHeader,

    /// <summary>A variable's header, without its state.</summary>
    VariableHeader,

    /// <summary>The byte that says whether a variable is there.</summary>
    VariableState,
    VariableName,
    VariableData,

    /// <summary>Where the next variable goes.</summary>
    Free,

    /// <summary>Nobody writes here.</summary>
    EventLog,

    /// <summary>The journal of fault tolerant writes.</summary>
    Working,

    /// <summary>A byte there that says how far a write has come.</summary>
    WorkingState,

    /// <summary>Where a fault tolerant write keeps what it is about to write.</summary>
    Spare,
}
