namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Instructions that can be tried, in the order of <c>efi/Stubs/GuestInstructionStubs.cs</c>.</summary>
internal enum GuestInstruction : ulong
{
    Vmrun,
    Vmload,
    Vmsave,
    Stgi,
    Clgi,
    Skinit,
    Invlpga,
    Vmmcall,
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
    Ud2,
    Int3,
    RepOutsw,
    RepInsw,
}
