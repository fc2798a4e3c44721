using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// The runtime services of the guests (UEFI 2.10, chapter 8 "Services - Runtime Services"): served by the firmware, which is in its boot
/// phase, as they are in the run phase.
/// </summary>
internal static unsafe class ServiceCalls
{
    /// <summary>Serves the call in a guest's mailbox and writes the answer there.</summary>
    /// <param name="state">The own buffers.</param>
    /// <param name="firmware">Serves it.</param>
    /// <param name="guest">Whose call it is.</param>
    /// <param name="status">What the service returns to its caller; also in the mailbox.</param>
    /// <returns>How the guest goes on.</returns>
    public static FirmwareAnswer Serve(ServiceState* state, UefiFirmware* firmware, GuestBoot* guest, out EfiStatus status)
    {
        FirmwareAnswer answer = FirmwareAnswer.Done;
        ServiceMailbox* mailbox = guest->Runtime.Mailbox;
        if (state->Caller != guest)
            state->Held = OwnVariable.None;
        state->Caller = guest;
        status = ServiceState.TryTake(state, mailbox)
            ? Dispatch(state, firmware, &guest->Runtime, out answer)
            : EfiStatus.InvalidParameter;
        ServiceState.Give(state, mailbox, status);
        return answer;
    }

    private static EfiStatus Dispatch(ServiceState* state, UefiFirmware* firmware, GuestRuntime* guest, out FirmwareAnswer answer)
    {
        answer = FirmwareAnswer.Done;
        RuntimeServices* services = firmware->Table->RuntimeServices;
        if ((RuntimeService)state->Call.Service != RuntimeService.GetVariable)
            state->Held = OwnVariable.None;
        switch ((RuntimeService)state->Call.Service)
        {
            case RuntimeService.GetTime:
                return TimeCalls.GetTime(state, services);
            case RuntimeService.SetTime:
                return TimeCalls.SetTime(state, services);
            case RuntimeService.GetWakeupTime:
                return TimeCalls.GetWakeupTime(state, services);
            case RuntimeService.SetWakeupTime:
                return TimeCalls.SetWakeupTime(state, services);
            case RuntimeService.SetVirtualAddressMap:
                return VirtualAddresses.SetMap(state, firmware, guest);
            case RuntimeService.ConvertPointer:
                return VirtualAddresses.ConvertPointer(state);
            case RuntimeService.GetVariable:
                return VariableCalls.GetVariable(state, services);
            case RuntimeService.GetNextVariableName:
                return VariableNames.GetNext(state, services);
            case RuntimeService.SetVariable:
                return VariableCalls.SetVariable(state, services);
            case RuntimeService.GetNextHighMonotonicCount:
                return TimeCalls.GetNextHighMonotonicCount(state, services);
            case RuntimeService.ResetSystem:
                answer = (ResetType)ServiceState.Argument(state, 0) switch
                {
                    ResetType.Shutdown => FirmwareAnswer.Shutdown,
                    ResetType.Cold => FirmwareAnswer.ColdReset,
                    _ => FirmwareAnswer.Reset,
                };
                return EfiStatus.Success;
            case RuntimeService.QueryVariableInfo:
                return VariableCalls.QueryVariableInfo(state, services);

            // The capsules' do not come here: the shim has no way to pass what they point to.
            default:
                return EfiStatus.Unsupported;
        }
    }
}
