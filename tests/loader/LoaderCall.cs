using CsCheck;

namespace Switcher.Tests.Loader;

/// <summary>What a loader does next.</summary>
internal enum CallKind
{
    AllocatePages,
    AllocateAddress,
    FreePages,
    AllocatePool,
    FreePool,
    Install,
    InstallOnFirmwares,
    InstallSeveral,
    Uninstall,
    UninstallSeveral,
    UninstallFirmwares,
    Reinstall,
    ReinstallFirmwares,
    Open,
    Close,
    CreateEvent,
    CreateEventEx,
    CloseEvent,
    Signal,
    SetTable,
    GetMap,
    StaleExit,
    LoadImage,
    StartImage,
    UnloadImage,
}

/// <summary>A call with two numbers that choose among what there is.</summary>
internal sealed record LoaderCall(CallKind Kind, int A, int B)
{
    public static Gen<LoaderCall> Any { get; } =
        Gen.Select(Gen.Enum<CallKind>(), Gen.Int[0, 15], Gen.Int[0, 15], (kind, a, b) => new LoaderCall(kind, a, b));
}
