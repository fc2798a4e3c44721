using System;
using System.Buffers.Binary;
using System.IO;
using CsCheck;
using Switcher.Runner.Flash;
using Xunit;

namespace Switcher.Tests.Runner;

public class VariableStoreTests
{
    private const int FlashBytes = 0x84000;
    private const int Working = 0x41000;
    private const int Spare = 0x42000;
    private const int First = 0x48 + 28;

    [Fact]
    public void VariableStore_TwoVariables_HaveTheirParts()
    {
        byte[] flash = Empty();
        int second = Add(flash, First, nameBytes: 14, dataBytes: 5);
        int end = Add(flash, second, nameBytes: 4, dataBytes: 8);
        var store = VariableStore.Read(flash);
        Assert.Equal((First, First + 60 + 20), (store.HeaderBytes, second));
        Assert.Equal(FlashPart.StoreHeader, store.PartOf(First - 1));
        Assert.Equal(FlashPart.VariableHeader, store.PartOf(First));
        Assert.Equal(FlashPart.VariableState, store.PartOf(First + 2));
        Assert.Equal(FlashPart.VariableHeader, store.PartOf(First + 59));
        Assert.Equal(FlashPart.VariableName, store.PartOf(First + 60));
        Assert.Equal(FlashPart.VariableData, store.PartOf(First + 74));
        Assert.Equal(FlashPart.VariableState, store.PartOf(second + 2));
        Assert.Equal(FlashPart.VariableData, store.PartOf(end - 1));
        Assert.Equal(FlashPart.Free, store.PartOf(end));
        Assert.Equal(FlashPart.EventLog, store.PartOf(0x40000));
        Assert.Equal(FlashPart.Working, store.PartOf(Working));
        Assert.Equal(FlashPart.Spare, store.PartOf(Spare));
    }

    [Fact]
    public void VariableStore_TwoFaultTolerantWrites_HaveTheirStates()
    {
        byte[] flash = Empty();
        int header = Working + 32;
        foreach (int records in (int[])[2, 1])
        {
            flash[header] = 0xF8;
            BinaryPrimitives.WriteUInt64LittleEndian(flash.AsSpan(header + 24), (ulong)records);
            BinaryPrimitives.WriteUInt64LittleEndian(flash.AsSpan(header + 32), 8);
            header += 40 + (records * 48);
        }

        var store = VariableStore.Read(flash);
        foreach (int state in (int[])[0, 40, 88, 136, 176])
        {
            Assert.Equal(FlashPart.WorkingState, store.PartOf(Working + 32 + state));
            Assert.Equal(FlashPart.Working, store.PartOf(Working + 32 + state + 1));
        }

        Assert.Equal(FlashPart.Working, store.PartOf(header));
    }

    [Fact]
    public void VariableStore_VariableWithoutSizesYet_IsFreeSpace()
    {
        byte[] flash = Empty();
        BinaryPrimitives.WriteUInt16LittleEndian(flash.AsSpan(First), 0x55AA);
        Assert.Equal(FlashPart.Free, VariableStore.Read(flash).PartOf(First));
    }

    [Fact]
    public void VariableStore_NoVolume_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => VariableStore.Read([]));
        Assert.Throws<InvalidDataException>(() => VariableStore.Read(new byte[FlashBytes]));
        Assert.Throws<InvalidDataException>(() => VariableStore.Read(Empty().AsSpan(0, FlashBytes - 1)));
        byte[] flash = Empty();
        BinaryPrimitives.WriteUInt32LittleEndian(flash.AsSpan(0x48 + 16), 0x4_1000);
        Assert.Throws<InvalidDataException>(() => VariableStore.Read(flash));
    }

    [Fact]
    public void VariableStore_Garbage_GivesEveryByteAPartOrIsRefused() =>
        Gen.Select(Gen.Int[0, FlashBytes - 200], Gen.Byte.Array[1, 200]).Array[1, 4].Sample(places =>
        {
            byte[] flash = Empty();
            Add(flash, Add(flash, First, 14, 5), 4, 8);
            foreach ((int offset, byte[] garbage) in places)
                garbage.CopyTo(flash.AsSpan((offset & 1) == 0 ? offset : First + (offset % 200)));
            try
            {
                var store = VariableStore.Read(flash);
                for (int i = 0; i < flash.Length; i += 0x1FF)
                    store.PartOf(i);
            }
            catch (InvalidDataException)
            {
                // Said in words.
            }
        });

    private static byte[] Empty()
    {
        byte[] flash = new byte[FlashBytes];
        flash.AsSpan().Fill(0xFF);
        BinaryPrimitives.WriteUInt64LittleEndian(flash.AsSpan(0x20), FlashBytes);
        "_FVH"u8.CopyTo(flash.AsSpan(0x28));
        BinaryPrimitives.WriteUInt16LittleEndian(flash.AsSpan(0x30), 0x48);
        BinaryPrimitives.WriteUInt32LittleEndian(flash.AsSpan(0x48 + 16), 0x3_FFB8);
        return flash;
    }

    private static int Add(byte[] flash, int start, int nameBytes, int dataBytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(flash.AsSpan(start), 0x55AA);
        BinaryPrimitives.WriteUInt32LittleEndian(flash.AsSpan(start + 36), (uint)nameBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(flash.AsSpan(start + 40), (uint)dataBytes);
        return (start + 60 + nameBytes + dataBytes + 3) / 4 * 4;
    }
}
