namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Instructions that can be tried, in the order of <c>tests/stubs/GuestInstructionStubs.cs</c>.</summary>
internal enum GuestInstruction : ulong
{
    // AMD-V.
    Vmrun,
    Vmload,
    Vmsave,
    Stgi,
    Clgi,
    Skinit,
    Invlpga,
    Vmmcall,

    // VMX and SMX.
    Vmcall,
    Vmlaunch,
    Vmresume,
    Vmxoff,
    Vmxon,
    Vmptrld,
    Vmptrst,
    Vmclear,
    Vmread,
    Vmwrite,
    Invept,
    Invvpid,
    Getsec,

    // Exceptions.
    Ud2,
    Int3,

    // Port strings.
    RepOutsw,
    RepInsw,

    // Stores to the operand's address.
    StoreByte,
    StoreWord,
    StoreDoubleword,
    StoreQuadword,
    StoreImmediate,
    StoreVector,
    Exchange,
    StoreString,
    LockAdd,
}
