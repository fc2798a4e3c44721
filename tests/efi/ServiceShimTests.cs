using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Hv.Exits;
using Switcher.Stubs.Shared;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>A guest's runtime services, the very machine code: what goes into the mailbox and what comes back.</summary>
public sealed class ServiceShimTests : IDisposable
{
    private const ulong DeviceError = 0x8000_0000_0000_0007;
    private const ulong ShimSize = 10;

    // Where parameter i points to: this much for each.
    private const int Stride = 0x100;
    private const byte Untouched = 0x77;

    private readonly ShimGuest _guest = new();

    public static TheoryData<RuntimeService> Services => [.. ShimParameter.Services];

    public void Dispose() => _guest.Dispose();

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_Called_PutsEveryParameterIntoTheMailbox(RuntimeService service)
    {
        ShimParameter[] parameters = ShimParameter.Of(service);
        ulong[] arguments = Prepare(parameters);

        Assert.Equal(ShimGuest.Answer, _guest.Call(service, [.. arguments, .. Enumerable.Repeat(0xABUL, 5 - arguments.Length)]));

        Assert.Equal(Hypercall.CallFirmware, _guest.Number);
        Assert.Equal(1, _guest.FirmwareCalls);
        Assert.Equal((ulong)service, _guest.Mailbox.Service);
        Assert.Equal(DeviceError, _guest.Mailbox.Status);
        Assert.Equal(0UL, _guest.Mailbox.Results);
        Assert.Equal(0U, _guest.Mailbox.Lock);
        for (int i = 0; i < ServiceMailbox.Parameters; i++)
        {
            ShimParameter? parameter = parameters.ElementAtOrDefault(i);
            ulong argument = arguments.ElementAtOrDefault(i);
            if (parameter is { Type: ShimParameter.Kind.Value, Bytes: < 8 })
                argument &= (1UL << (8 * parameter.Bytes)) - 1;
            Assert.Equal(argument, _guest.Mailbox.Arguments[i]);
            byte[] slot = new byte[ServiceMailbox.SlotBytes];
            if (parameter is { Type: ShimParameter.Kind.Fixed, IsIn: true })
                _guest.Own.Slice(Stride * i, parameter.Bytes).CopyTo(slot);
            Assert.Equal(slot, _guest.Slot(i));
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_Called_PutsNameAndDataIntoTheMailbox(RuntimeService service)
    {
        ShimParameter[] parameters = ShimParameter.Of(service);
        _guest.Call(service, Prepare(parameters));

        byte[] name = parameters.Any(parameter => parameter is { Type: ShimParameter.Kind.Name }) ? ShimGuest.Text("Boot\0") : [];
        byte[] data = parameters.Any(parameter => parameter is { Type: ShimParameter.Kind.Data, IsIn: true })
            ? [.. Enumerable.Repeat(Untouched, (int)ShimSize)] : [];
        Assert.Equal((ulong)name.Length, _guest.Mailbox.NameBytes);
        Assert.Equal(name, _guest.Name[..name.Length]);
        Assert.Equal((ulong)data.Length, _guest.Mailbox.DataBytes);
        Assert.Equal(data, _guest.Data[..data.Length]);
        Assert.Equal(-1, _guest.Name[name.Length..].IndexOfAnyExcept((byte)0xEE));
        Assert.Equal(-1, _guest.Data[data.Length..].IndexOfAnyExcept((byte)0xEE));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_Answered_BringsBackWhatIsSaidAndNoMore(RuntimeService service)
    {
        ShimParameter[] parameters = ShimParameter.Of(service);
        ulong[] all = [0, 1, 2, 4, 8, 16, ServiceMailbox.NameResult, ServiceMailbox.DataResult, ulong.MaxValue];
        foreach (ulong results in all)
        {
            _guest.Own.Fill(Untouched);
            ulong[] arguments = Prepare(parameters);
            byte[] expected = _guest.Own.ToArray();
            for (int i = 0; i < parameters.Length; i++)
            {
                (ulong bit, int bytes, byte value) = parameters[i].Type switch
                {
                    ShimParameter.Kind.Name => (ServiceMailbox.NameResult, 8, (byte)'N'),
                    ShimParameter.Kind.Data => (ServiceMailbox.DataResult, 9, (byte)'D'),
                    _ => (1UL << i, parameters[i].Bytes, (byte)(0xA0 + i)),
                };
                if (parameters[i].IsOut && (results & bit) != 0)
                    expected.AsSpan(Stride * i, bytes).Fill(value);
            }

            _guest.Firmware = () => Answer(results, 8, 9);

            Assert.Equal(ShimGuest.Answer, _guest.Call(service, arguments));
            Assert.Equal(expected.Length, _guest.Own.CommonPrefixLength(expected));
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_GivenNullPointers_LeavesThemAlone(RuntimeService service)
    {
        ShimParameter[] parameters = ShimParameter.Of(service);
        ulong[] arguments = [.. Prepare(parameters).Zip(parameters, (argument, parameter) =>
            parameter.Type == ShimParameter.Kind.Value ? argument : 0)];
        byte[] before = _guest.Own.ToArray();
        byte[] slots = [];
        (ulong, ulong) bytes = default;
        _guest.Firmware = () =>
        {
            slots = [.. Enumerable.Range(0, ServiceMailbox.Parameters).SelectMany(i => _guest.Slot(i).ToArray())];
            bytes = (_guest.Mailbox.NameBytes, _guest.Mailbox.DataBytes);
            return Answer(ulong.MaxValue, 8, 9);
        };

        Assert.Equal(ShimGuest.Answer, _guest.Call(service, arguments));
        Assert.Equal(new byte[ServiceMailbox.Parameters * ServiceMailbox.SlotBytes], slots);
        Assert.Equal((0UL, 0UL), bytes);
        Assert.True(_guest.Own.SequenceEqual(before));
    }

    /// <summary>UEFI 2.10, Appendix D: EFI_UNSUPPORTED is 3, an error.</summary>
    [Theory]
    [InlineData(RuntimeService.UpdateCapsule)]
    [InlineData(RuntimeService.QueryCapsuleCapabilities)]
    public void Capsules_Asked_AreNotSupported(RuntimeService service)
    {
        byte[] before = _guest.MailboxBytes.ToArray();

        Assert.Equal(0x8000_0000_0000_0003, _guest.Call(service, 1, 2, 3, 4));
        Assert.Equal(0, _guest.FirmwareCalls);
        Assert.True(_guest.MailboxBytes.SequenceEqual(before));
    }

    [Theory]
    [InlineData(RuntimeService.GetVariable)]
    [InlineData(RuntimeService.SetVariable)]
    public void Name_AsLongAsTheCapacity_IsTaken(RuntimeService service)
    {
        _guest.Own[..ServiceMailbox.NameCapacity].Fill((byte)'n');
        _guest.Own.Slice(ServiceMailbox.NameCapacity - 2, 2).Clear();
        _guest.Call(service, _guest.OwnAt(0));

        Assert.Equal((ulong)ServiceMailbox.NameCapacity, _guest.Mailbox.NameBytes);
        Assert.True(_guest.Own[..ServiceMailbox.NameCapacity].SequenceEqual(_guest.Name));
        Assert.Equal(0xEE, _guest.Data[0]);
    }

    /// <summary>Where it ends, nothing is mapped.</summary>
    [Theory]
    [InlineData(RuntimeService.GetVariable)]
    [InlineData(RuntimeService.SetVariable)]
    public void Name_WithoutAnEnd_IsReadToTheCapacityOnly(RuntimeService service)
    {
        ulong status = _guest.Call(service, _guest.OwnAt(ShimGuest.OwnLength - ServiceMailbox.NameCapacity));

        Assert.Equal(ShimGuest.Answer, status);
        Assert.Equal(0UL, _guest.Mailbox.NameBytes);
        Assert.Equal(0xEE, _guest.Data[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(101)]
    [InlineData(ServiceMailbox.NameCapacity)]
    [InlineData(ServiceMailbox.NameCapacity + 2)]
    public void NextName_WithoutAnEnd_IsReadToItsSizeOnly(int size)
    {
        int read = Math.Min(size, ServiceMailbox.NameCapacity) & ~1;
        ulong name = _guest.OwnAt(ShimGuest.OwnLength - read);

        Assert.Equal(ShimGuest.Answer, _guest.Call(RuntimeService.GetNextVariableName, _guest.Put(0, (ulong)size), name));
        Assert.Equal(0UL, _guest.Mailbox.NameBytes);
    }

    [Theory]
    [InlineData(8, 6, 6)]
    [InlineData(8, 8, 8)]
    [InlineData(8, 200, 8)]
    [InlineData(0, 200, 0)]
    [InlineData(1 << 20, 0xF00, 0xF00)]
    [InlineData(1 << 20, 0xF01, 0xF00)]
    public void NextName_Answered_FitsWhatTheCallerHad(int size, int answered, int copied)
    {
        ulong sizeAt = _guest.Put(0, (ulong)size);
        _guest.Firmware = () =>
        {
            _guest.Put(0, ulong.MaxValue);
            return Answer(ServiceMailbox.NameResult, (ulong)answered, 0);
        };
        _guest.Call(RuntimeService.GetNextVariableName, sizeAt, _guest.OwnAt(64), _guest.OwnAt(32));

        Assert.Equal(copied, Filled(64, (byte)'N'));
    }

    [Theory]
    [InlineData(8, 6, 6)]
    [InlineData(8, 200, 8)]
    [InlineData(0, 200, 0)]
    [InlineData(1 << 20, 0x1_0000, 0x1_0000)]
    [InlineData(1 << 20, 0x1_0001, 0x1_0000)]
    public void Variable_Answered_FitsWhatTheCallerHad(int size, int answered, int copied)
    {
        ulong sizeAt = _guest.Put(0, (ulong)size);
        _guest.Firmware = () =>
        {
            _guest.Put(0, ulong.MaxValue);
            return Answer(ServiceMailbox.DataResult, 0, (ulong)answered);
        };
        _guest.Call(RuntimeService.GetVariable, 0, 0, 0, sizeAt, _guest.OwnAt(64));

        Assert.Equal(copied, Filled(64, (byte)'D'));
    }

    [Fact]
    public void Data_AsLongAsTheCapacity_IsTaken()
    {
        int start = ShimGuest.OwnLength - ServiceMailbox.DataCapacity;
        _guest.Call(RuntimeService.SetVariable, 0, 0, 0, ServiceMailbox.DataCapacity, _guest.OwnAt(start));

        Assert.Equal((ulong)ServiceMailbox.DataCapacity, _guest.Mailbox.DataBytes);
        Assert.True(_guest.Own[start..].SequenceEqual(_guest.Data));
    }

    [Theory]
    [InlineData(ServiceMailbox.DataCapacity + 1UL)]
    [InlineData(1UL << 32)]
    [InlineData(ulong.MaxValue)]
    public void Data_OverTheCapacity_IsNotRead(ulong size)
    {
        Assert.Equal(ShimGuest.Answer, _guest.Call(RuntimeService.SetVariable, 0, 0, 0, size, _guest.OwnAt(ShimGuest.OwnLength)));
        Assert.Equal(0UL, _guest.Mailbox.DataBytes);
        Assert.Equal(size, _guest.Mailbox.Arguments[3]);
        Assert.Equal(0xEE, _guest.Data[0]);
    }

    /// <summary>Every number is another, sizes are small, and what is pointed to lies in the guest's own memory.</summary>
    private ulong[] Prepare(ShimParameter[] parameters)
    {
        var arguments = new List<ulong>();
        for (int i = 0; i < parameters.Length; i++)
        {
            ulong number = 0x8070_6050_4030_2010 + (ulong)i;
            arguments.Add(parameters[i] switch
            {
                { IsSize: true, Type: ShimParameter.Kind.Value } => ShimSize,
                { IsSize: true } => _guest.Put(Stride * i, ShimSize),
                { Type: ShimParameter.Kind.Value } => number,
                { Type: ShimParameter.Kind.Name } => _guest.Put(Stride * i, ShimGuest.Text("Boot\0")),
                { Type: ShimParameter.Kind.Data } => _guest.OwnAt(Stride * i),
                _ => _guest.Put(Stride * i, [.. Enumerable.Range(1, 32).Select(value => (byte)(value + (32 * i)))]),
            });
        }

        return [.. arguments];
    }

    private ulong Answer(ulong results, ulong nameBytes, ulong dataBytes)
    {
        for (int i = 0; i < ServiceMailbox.Parameters; i++)
            _guest.Slot(i).Fill((byte)(0xA0 + i));
        _guest.Name.Fill((byte)'N');
        _guest.Data.Fill((byte)'D');
        _guest.Mailbox.Results = results;
        _guest.Mailbox.NameBytes = nameBytes;
        _guest.Mailbox.DataBytes = dataBytes;
        return ShimGuest.Answer;
    }

    // Bytes with the value, behind which all are untouched.
    private int Filled(int start, byte value)
    {
        int count = _guest.Own[start..].IndexOfAnyExcept(value);
        Assert.Equal(-1, _guest.Own[(start + count)..].IndexOfAnyExcept(Untouched));
        return count;
    }
}
