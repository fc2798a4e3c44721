using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>The commands of the setup file. Numbers of boot options are hexadecimal, as in their names.</summary>
internal static unsafe class Commands
{
    private const int MaximumVariable = 8 * 1024;

    /// <summary>Carries out one line.</summary>
    public static EfiStatus Run(Words line)
    {
        ReadOnlySpan<byte> command = line.Take();
        if (command[0] == (byte)'#')
            return EfiStatus.Success;
        EfiStatus status;
        if (command.SequenceEqual("boot"u8))
            status = Boot(ref line);
        else if (command.SequenceEqual("guests"u8))
            status = ListOfGuests(ref line);
        else if (command.SequenceEqual("guest"u8))
            status = Guest(ref line);
        else if (command.SequenceEqual("timeout"u8))
            status = Timeout(ref line);
        else if (command.SequenceEqual("variable"u8))
            status = Raw(ref line);
        else if (command.SequenceEqual("fadt-flags"u8))
            status = Flags(ref line);
        else if (command.SequenceEqual("acpi"u8))
            status = AcpiTables.Install();
        else if (command.SequenceEqual("msr"u8))
            status = ModelSpecificRegister(ref line);
        else if (command.SequenceEqual("exit-log"u8))
            status = ExitLog.Create();
        else if (command.SequenceEqual("broken-clock"u8))
            status = BrokenClock.Install(line.Take());
        else if (command.SequenceEqual("set"u8))
            status = SetShared(ref line);
        else if (command.SequenceEqual("show"u8))
            status = ShowShared(line.Take());
        else if (command.SequenceEqual("start"u8))
            status = Start(ref line);
        else
            status = EfiStatus.Unsupported;
        return status.IsError ? Machine.Fail("failed"u8, line.Line) : status;
    }

    /// <summary><c>boot 0001 "name" PATH OPTIONS</c>: a boot option, also in BootOrder (UEFI 2.10, 3.1.3 "Load Options").</summary>
    private static EfiStatus Boot(ref Words line)
    {
        if (!line.TryTakeNumber(16, out uint number))
            return EfiStatus.InvalidParameter;
        ReadOnlySpan<byte> description = line.Take();
        ReadOnlySpan<byte> path = line.Take();
        DevicePath* partition = Paths.TakePartition(ref path);
        if (partition == null)
            return EfiStatus.NotFound;

        ByteWriter option = ByteWriter.Create(MaximumVariable);
        const uint Active = 1;
        option.U32(Active);
        option.U16(partition->Length + Paths.FileLength(path));
        option.Text(description);
        option.U16(0);
        option.Bytes(new ReadOnlySpan<byte>(partition, partition->Length));
        Paths.WriteFile(ref option, path);
        if (!line.Rest.IsEmpty)
        {
            option.Text(line.Rest);
            option.U16(0);
        }

        EfiStatus status = SetNumbered(true, "Boot"u8, (ushort)number, option.Written);
        return status.IsError ? status : AddToBootOrder((ushort)number);
    }

    /// <summary><c>guests 0001 0002</c>: SwitcherGuests.</summary>
    private static EfiStatus ListOfGuests(ref Words line)
    {
        ByteWriter list = ByteWriter.Create(MaximumVariable);
        while (!line.IsEmpty)
        {
            if (!line.TryTakeNumber(16, out uint number))
                return EfiStatus.InvalidParameter;
            list.U16((int)number);
        }

        return SetNamed(false, "SwitcherGuests"u8, list.Written);
    }

    /// <summary><c>guest 0001 key=value</c>: one more line of SwitcherGuest0001.</summary>
    private static EfiStatus Guest(ref Words line)
    {
        if (!line.TryTakeNumber(16, out uint number))
            return EfiStatus.InvalidParameter;
        ref ByteWriter text = ref GuestTexts.Of((ushort)number);
        if (!text.IsCreated)
            text = ByteWriter.Create(MaximumVariable);
        text.Bytes(line.Rest);
        text.Byte((byte)'\n');
        return SetNumbered(false, "SwitcherGuest"u8, (ushort)number, text.Written);
    }

    /// <summary><c>timeout 5</c>: SwitcherTimeout, in seconds.</summary>
    private static EfiStatus Timeout(ref Words line)
    {
        if (!line.TryTakeNumber(10, out uint seconds))
            return EfiStatus.InvalidParameter;
        ByteWriter value = ByteWriter.Create(sizeof(ushort));
        value.U16((int)seconds);
        return SetNamed(false, "SwitcherTimeout"u8, value.Written);
    }

    /// <summary><c>variable NAME 01 02</c>: any variable of Switcher's, with any bytes.</summary>
    private static EfiStatus Raw(ref Words line)
    {
        ReadOnlySpan<byte> name = line.Take();
        ByteWriter value = ByteWriter.Create(MaximumVariable);
        while (!line.IsEmpty)
        {
            if (!line.TryTakeNumber(16, out uint number))
                return EfiStatus.InvalidParameter;
            value.Byte((byte)number);
        }

        return SetNamed(false, name, value.Written);
    }

    /// <summary><c>set NAME SIZE SEED</c>: a variable that the small guests share.</summary>
    private static EfiStatus SetShared(ref Words line)
    {
        ReadOnlySpan<byte> name = line.Take();
        return line.TryTakeNumber(10, out uint size) && line.TryTakeNumber(10, out uint seed)
            ? SharedVariable.Set(Machine.Table->RuntimeServices, name, size, seed)
            : EfiStatus.InvalidParameter;
    }

    /// <summary><c>show NAME</c>: writes <c>SETUP variable</c> on the debug port.</summary>
    private static EfiStatus ShowShared(ReadOnlySpan<byte> name)
    {
        var text = new LogLine("SETUP variable"u8);
        SharedVariable.Describe(Machine.Table->RuntimeServices, name, ref text);
        text.WriteTo<DebugPort>();
        return EfiStatus.Success;
    }

    /// <summary><c>fadt-flags 200000</c>: sets flags of the machine's FADT, here LOW_POWER_S0_IDLE_CAPABLE.</summary>
    private static EfiStatus Flags(ref Words line) =>
        line.TryTakeNumber(16, out uint flags) ? FadtFlags.Set(flags) : EfiStatus.InvalidParameter;

    /// <summary>
    /// <c>msr all 3A 5</c> or <c>msr 1 3A 5</c>: writes a model-specific register of every processor, or of one, as a firmware may have
    /// left it.
    /// </summary>
    private static EfiStatus ModelSpecificRegister(ref Words line)
    {
        ReadOnlySpan<byte> which = line.Take();
        if (!line.TryTakeNumber(16, out uint register) || !line.TryTakeNumber(16, out uint value))
            return EfiStatus.InvalidParameter;
        if (which.SequenceEqual("all"u8))
            return Processors.WriteMsr(register, value);
        return which.Length == 1 && which[0] is >= (byte)'0' and <= (byte)'9'
            ? Processors.WriteMsr(which[0] - '0', register, value)
            : EfiStatus.InvalidParameter;
    }

    /// <summary><c>start PATH</c>: loads and starts a program of this volume.</summary>
    private static EfiStatus Start(ref Words line)
    {
        var device = (DevicePath*)Machine.Interface(Machine.Self->DeviceHandle, DevicePath.Protocol);
        ReadOnlySpan<byte> path = line.Take();
        ByteWriter full = ByteWriter.Create(MaximumVariable);
        full.Bytes(new ReadOnlySpan<byte>(device, Paths.LengthWithoutEnd(device)));
        Paths.WriteFile(ref full, path);

        BootServices* services = Machine.Table->BootServices;
        Handle image = default;
        EfiStatus status;
        fixed (byte* bytes = full.Written)
            status = services->LoadImage(0, Machine.Image, (DevicePath*)bytes, null, 0, &image);
        return status.IsError ? status : services->StartImage(image, null, null);
    }

    private static EfiStatus AddToBootOrder(ushort number)
    {
        ByteWriter order = ByteWriter.Create(MaximumVariable);
        Guid vendor = VariableVendor.Global;
        VariableAttributes attributes = 0;
        nuint size = MaximumVariable;
        byte* old = Machine.Allocate(MaximumVariable);
        fixed (char* name = "BootOrder")
        {
            if (Machine.Table->RuntimeServices->GetVariable(name, &vendor, &attributes, &size, old).IsError)
                size = 0;
        }

        for (int i = 0; i + 1 < (int)size; i += 2)
        {
            if (*(ushort*)(old + i) == number)
                return EfiStatus.Success;
        }

        order.Bytes(new ReadOnlySpan<byte>(old, (int)size));
        order.U16(number);
        return SetNamed(true, "BootOrder"u8, order.Written);
    }

    private static EfiStatus SetNamed(bool isGlobal, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ByteWriter text = ByteWriter.Create((name.Length + 1) * sizeof(char));
        text.Text(name);
        text.U16(0);
        return Set(isGlobal, text, value);
    }

    private static EfiStatus SetNumbered(bool isGlobal, ReadOnlySpan<byte> prefix, ushort number, ReadOnlySpan<byte> value)
    {
        ByteWriter text = ByteWriter.Create((prefix.Length + 5) * sizeof(char));
        text.Text(prefix);
        text.Number(number);
        return Set(isGlobal, text, value);
    }

    private static EfiStatus Set(bool isGlobal, ByteWriter name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = name.Written)
            return Machine.SetVariable(isGlobal, (char*)bytes, value);
    }
}
