using System;
using System.Linq;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;
using A = Switcher.Efi.Uefi.VariableAttributes;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>Reading and writing variables in the run phase: UEFI 2.10, 8.2 "Variable Services".</summary>
public sealed class VariableCallTests
{
    private const A BootOnly = A.NonVolatile | A.BootServiceAccess;
    private const A ReadOnly = A.BootServiceAccess | A.RuntimeAccess;
    private const int TooLarge = ServiceMailbox.DataCapacity + 1;

    [Fact]
    public void GetVariable_OfTheRunPhase_GivesValueSizeAndAttributes()
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.Success, guest.GetVariable("Lasting", 100));
        Assert.Equal([1, 2, 3], guest.Result);
        Assert.Equal(3UL, guest.Number(3));
        Assert.Equal((ulong)Lasting, guest.Number(2));
        Assert.Equal(EfiStatus.Success, guest.GetVariable("Lasting", 3));
        Assert.Equal(EfiStatus.Success, guest.GetVariable("Largest", ServiceMailbox.DataCapacity));
        Assert.Equal(ServiceMailbox.DataCapacity, guest.Result!.Length);

        // Nobody asks for attributes.
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.GetVariable, [Pointer, Pointer, 0, Pointer, Pointer], "Lasting", null,
            (1, Vendor.ToByteArray()), (3, BitConverter.GetBytes(100UL))));
        Assert.Null(guest.Slot(2));
    }

    [Theory]
    [InlineData("Lasting", 2UL, true, 3UL)]
    [InlineData("Lasting", 2UL, false, 3UL)]
    [InlineData("Lasting", 0UL, false, 3UL)]
    [InlineData("TooLarge", 0UL, false, (ulong)TooLarge)]
    [InlineData("TooLarge", TooLarge - 1UL, true, (ulong)TooLarge)]
    public void GetVariable_WithTooLittleRoom_TellsSizeAndAttributes(string name, ulong size, bool hasData, ulong needed)
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetVariable(name, size, hasData));
        Assert.Equal(needed, guest.Number(3));
        Assert.Equal((ulong)Lasting, guest.Number(2));
        Assert.Null(guest.Result);
    }

    [Theory]
    [InlineData("Hidden")]
    [InlineData("None")]
    [InlineData("")]
    public void GetVariable_ThatIsNotOfTheRunPhase_FindsNothing(string name)
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable(name, 0));
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable(name, 100));
        Assert.Equal(0UL, Results(guest));
    }

    [Fact]
    public void GetVariable_WithBadArguments_AnswersAsUefiSays()
    {
        ServiceGuest guest = Create();
        for (int parameter = 0; parameter < ServiceMailbox.Parameters; parameter++)
        {
            ulong[] arguments = [Pointer, Pointer, Pointer, Pointer, Pointer];
            arguments[parameter] = 0;
            EfiStatus status = guest.Call(RuntimeService.GetVariable, arguments, parameter == 0 ? null : "Lasting", null,
                (1, Vendor.ToByteArray()), (3, BitConverter.GetBytes(3UL)));
            Assert.Equal(parameter == 2 ? EfiStatus.Success : EfiStatus.InvalidParameter, status);
        }

        // Larger than the mailbox is larger than what can be brought, to callers with room.
        Assert.Equal(EfiStatus.DeviceError, guest.GetVariable("TooLarge", TooLarge));
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable(new string('n', 2000), 100));
        guest.Variables.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, guest.GetVariable("Lasting", 100));
    }

    /// <summary>Of what is too large and has no attributes nobody knows whether it may be seen.</summary>
    [Fact]
    public void GetVariable_TooLargeOnOldFirmware_FindsNothing()
    {
        ServiceGuest guest = Create();
        guest.Variables.TellsAttributesEarly = false;
        Assert.Equal(EfiStatus.NotFound, guest.GetVariable("TooLarge", 0));
        Assert.Equal(EfiStatus.WriteProtected, guest.SetVariable("TooLarge", Lasting, 1));
        Assert.Equal(EfiStatus.BufferTooSmall, guest.GetVariable("Lasting", 0));
        Assert.Equal((ulong)Lasting, guest.Number(2));
        Assert.Equal(0, guest.Variables.Writes);
    }

    [Theory]
    [InlineData(Lasting)]
    [InlineData(Lasting | A.TimeBasedAuthenticatedWriteAccess)]
    [InlineData(Lasting | A.EnhancedAuthenticatedAccess)]
    [InlineData(Lasting | A.HardwareErrorRecord)]
    public void SetVariable_ThatLasts_CreatesChangesAppendsAndDeletes(A attributes)
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.Success, guest.SetVariable("New", attributes, 1, 2));
        Assert.Equal(EfiStatus.Success, guest.SetVariable("New", attributes, 7));
        Assert.Equal([7], guest.Variables.Find("New", Vendor)!.Value);
        Assert.Equal(EfiStatus.Success, guest.SetVariable("New", attributes | A.AppendWrite, 8, 9));
        Assert.Equal(EfiStatus.Success, guest.SetVariable("New", attributes | A.AppendWrite));
        Assert.Equal([7, 8, 9], guest.Variables.Find("New", Vendor)!.Value);
        Assert.Equal(attributes, guest.Variables.Find("New", Vendor)!.Attributes);
        Assert.Equal(EfiStatus.Success, guest.SetVariable("New", attributes));
        Assert.Null(guest.Variables.Find("New", Vendor));
    }

    [Fact]
    public void SetVariable_WithoutAttributes_Deletes()
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.Success, guest.SetVariable("Lasting", 0, 1));
        Assert.Null(guest.Variables.Find("Lasting", Vendor));
        Assert.Equal(EfiStatus.NotFound, guest.SetVariable("Lasting", 0, 1));
    }

    /// <summary>The rules in EDK II's order; in all of these cases the flash memory is not asked.</summary>
    [Theory]
    [InlineData("Hidden", BootOnly, 1)]
    [InlineData("Hidden", BootOnly, 0)]
    [InlineData("Hidden", (A)0, 0)]
    [InlineData("Hidden", Lasting, 1)]
    [InlineData("Volatile", ReadOnly, 1)]
    [InlineData("Volatile", ReadOnly, 0)]
    [InlineData("Volatile", (A)0, 0)]
    public void SetVariable_OfWhatIsReadOnly_IsWriteProtected(string name, A attributes, int size) =>
        Refuse(EfiStatus.WriteProtected, name, attributes, size);

    [Theory]
    [InlineData("Lasting", ReadOnly, 1)]
    [InlineData("Lasting", BootOnly, 1)]
    [InlineData("Lasting", Lasting | A.HardwareErrorRecord, 1)]
    [InlineData("Lasting", A.AppendWrite, 1)]
    [InlineData("Volatile", Lasting, 1)]
    [InlineData("New", ReadOnly, 1)]
    [InlineData("New", BootOnly, 1)]
    [InlineData("New", A.BootServiceAccess, 1)]
    [InlineData("New", A.RuntimeAccess, 1)]
    [InlineData("New", A.RuntimeAccess | A.NonVolatile, 1)]
    [InlineData("New", A.NonVolatile, 1)]
    [InlineData("New", Lasting | (A)0x100, 1)]
    [InlineData("New", Lasting | (A)0x8000_0000, 1)]
    [InlineData("", Lasting, 1)]
    public void SetVariable_WithAttributesThatCannotBe_IsInvalid(string name, A attributes, int size) =>
        Refuse(EfiStatus.InvalidParameter, name, attributes, size);

    [Theory]
    [InlineData("New", Lasting, 0)]
    [InlineData("New", A.AppendWrite, 1)]
    [InlineData("New", A.HardwareErrorRecord, 1)]
    public void SetVariable_DeletionOfNothing_FindsNothing(string name, A attributes, int size) =>
        Refuse(EfiStatus.NotFound, name, attributes, size);

    [Fact]
    public void SetVariable_WithDeprecatedAuthentication_IsUnsupported() =>
        Refuse(EfiStatus.Unsupported, "Lasting", Lasting | A.AuthenticatedWriteAccess, 1);

    [Fact]
    public void SetVariable_WithBadArguments_WritesNothing()
    {
        ServiceGuest guest = Create();
        string before = Contents(guest);
        for (int parameter = 0; parameter < ServiceMailbox.Parameters; parameter++)
        {
            if (parameter is 2 or 3)
                continue;
            ulong[] arguments = [Pointer, Pointer, (ulong)Lasting, 1, Pointer];
            arguments[parameter] = 0;
            EfiStatus status = guest.Call(
                RuntimeService.SetVariable, arguments, parameter == 0 ? null : "Lasting", [9], (1, Vendor.ToByteArray()));
            Assert.Equal(EfiStatus.InvalidParameter, status);
        }

        EfiStatus Sized(ulong size, int there) => guest.Call(RuntimeService.SetVariable,
            [Pointer, Pointer, (ulong)Lasting, size, Pointer], "Lasting", new byte[there], (1, Vendor.ToByteArray()));
        Assert.Equal(EfiStatus.OutOfResources, Sized(ServiceMailbox.DataCapacity + 1, 0));
        Assert.Equal(EfiStatus.OutOfResources, Sized(ulong.MaxValue, 0));
        Assert.Equal(EfiStatus.InvalidParameter, Sized(5, 4));
        Assert.Equal(EfiStatus.InvalidParameter, guest.SetVariable(new string('n', 2000), Lasting, 1));
        guest.Variables.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, guest.SetVariable("New", Lasting, 1));
        Assert.Equal(0, guest.Variables.Writes);
        Assert.Equal(before, Contents(guest));
    }

    /// <summary>Registers above a parameter's size hold whatever the caller had there.</summary>
    [Fact]
    public void SetVariable_WithMoreInTheRegister_TakesThirtyTwoBits()
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.SetVariable,
            [Pointer, Pointer, 0xABCD_0000_0000_0000 | (ulong)Lasting, 1, Pointer], "Lasting", [9], (1, Vendor.ToByteArray())));
    }

    [Fact]
    public void SetVariable_OnFullFlashMemory_GivesTheFirmwaresAnswer()
    {
        ServiceGuest guest = Create();
        for (int i = 0; i < 16; i++)
            guest.Variables.Add($"Filler{i}", Vendor, Lasting, new byte[60_000]);
        Assert.Equal(EfiStatus.OutOfResources, guest.SetVariable("New", Lasting, new byte[60_000]));
    }

    [Fact]
    public void QueryVariableInfo_OfTheRunPhase_GivesTheFirmwaresNumbers()
    {
        ServiceGuest guest = Create();
        Assert.Equal(EfiStatus.Success, Query(guest, Lasting));
        Assert.Equal((ulong)guest.Variables.Capacity, guest.Number(1));
        Assert.Equal((ulong)(guest.Variables.Capacity - guest.Variables.Used), guest.Number(2));
        Assert.Equal(guest.Number(2) / 2, guest.Number(3));
        Assert.Equal(EfiStatus.Success, Query(guest, ReadOnly));
        guest.Variables.IsBroken = true;
        Assert.Equal(EfiStatus.DeviceError, Query(guest, Lasting));
        Assert.Equal(0UL, Results(guest));
    }

    [Theory]
    [InlineData((A)0)]
    [InlineData(A.NonVolatile)]
    [InlineData(BootOnly)]
    [InlineData(A.RuntimeAccess)]
    [InlineData(A.RuntimeAccess | A.NonVolatile)]
    [InlineData(ReadOnly | A.HardwareErrorRecord)]
    public void QueryVariableInfo_WithAttributesThatCannotBe_IsInvalid(A attributes) =>
        Assert.Equal(EfiStatus.InvalidParameter, Query(Create(), attributes));

    [Theory]
    [InlineData(Lasting | A.AuthenticatedWriteAccess)]
    [InlineData((A)0x100)]
    public void QueryVariableInfo_WithAttributesThatNobodyKnows_IsUnsupported(A attributes) =>
        Assert.Equal(EfiStatus.Unsupported, Query(Create(), attributes));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void QueryVariableInfo_WithANullPointer_IsInvalid(int parameter)
    {
        ulong[] arguments = [(ulong)Lasting, Pointer, Pointer, Pointer];
        arguments[parameter] = 0;
        Assert.Equal(EfiStatus.InvalidParameter, Create().Call(RuntimeService.QueryVariableInfo, arguments));
    }

    [Fact]
    public unsafe void QueryVariableInfo_OfFirmwareWithoutIt_IsUnsupported()
    {
        ServiceGuest guest = Create();
        guest.Uefi.Table->RuntimeServices->Hdr.HeaderSize -= sizeof(ulong);
        Assert.Equal(EfiStatus.Unsupported, Query(guest, Lasting));
    }

    internal static ServiceGuest Create()
    {
        var guest = new ServiceGuest();
        guest.Variables.Add("Hidden", Vendor, BootOnly, 0xEE, 0xEE, 0xEE);
        guest.Variables.Add("Lasting", Vendor, Lasting, 1, 2, 3);
        guest.Variables.Add("Volatile", Vendor, ReadOnly, 4);
        guest.Variables.Add("Largest", Vendor, Lasting, new byte[ServiceMailbox.DataCapacity]);
        guest.Variables.Add("TooLarge", Vendor, Lasting, new byte[TooLarge]);
        return guest;
    }

    internal static string Contents(ServiceGuest guest) => string.Join(
        '\n', guest.Variables.All.Select(v => $"{v.Name} {v.Vendor} {v.Attributes} {Convert.ToHexString(v.Value)}"));

    private static unsafe ulong Results(ServiceGuest guest) => guest.Mailbox->Results;

    private static EfiStatus Query(ServiceGuest guest, A attributes) =>
        guest.Call(RuntimeService.QueryVariableInfo, [(ulong)attributes, Pointer, Pointer, Pointer]);

    private static void Refuse(EfiStatus expected, string name, A attributes, int size)
    {
        ServiceGuest guest = Create();
        string before = Contents(guest);
        Assert.Equal(expected, guest.SetVariable(name, attributes, new byte[size]));
        Assert.Equal(0, guest.Variables.Writes);
        Assert.Equal(before, Contents(guest));
    }
}
