using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Switcher.Runner.Flash;

/// <summary>
/// The layout of OVMF's variable store: the variables, an event log, the working block of fault tolerant writes, and the spare block, which
/// is as large as the three (EDK II, "OvmfPkg/Include/Fdf/VarStore.fdf.inc"). The volume's header: PI 1.8, volume 3, 3.2.1 "Firmware
/// Volume"; variables: EDK II, "MdeModulePkg/Include/Guid/VariableFormat.h", those with a time of authentication; the working block:
/// "MdeModulePkg/Include/Guid/SystemNvDataGuid.h" and the headers of its fault tolerant writes, "FaultTolerantWrite.h".
/// </summary>
public sealed class VariableStore
{
    private const int BlockBytes = 0x1000;
    private const int SmallestVolume = 0x48;
    private const int LengthOffset = 0x20;
    private const int SignatureOffset = 0x28;
    private const int HeaderLengthOffset = 0x30;
    private const uint VolumeSignature = 0x4856_465F;

    private const int StoreSizeOffset = 16;
    private const int StoreHeaderBytes = 28;

    private const ushort VariableStart = 0x55AA;
    private const int StateOffset = 2;
    private const int NameSizeOffset = 36;
    private const int DataSizeOffset = 40;
    private const int VariableHeaderBytes = 60;

    private const int WorkingHeaderBytes = 32;
    private const int WriteHeaderBytes = 40;
    private const int WriteRecordBytes = 40;
    private const int NumberOfWritesOffset = 24;
    private const int PrivateDataSizeOffset = 32;
    private const byte Erased = 0xFF;

    private readonly int _first;
    private readonly int _end;
    private readonly int _working;
    private readonly int _spare;
    private readonly List<Variable> _variables = [];
    private readonly HashSet<int> _workingStates = [];

    private VariableStore(int first, int end, int volumeBytes)
    {
        _first = first;
        _end = end;
        _spare = volumeBytes / 2;
        _working = _spare - BlockBytes;
    }

    /// <summary>What comes before the first variable: the headers of the firmware volume and of the store.</summary>
    public int HeaderBytes => _first;

    /// <summary>Finds its way through a store.</summary>
    /// <exception cref="InvalidDataException">This is no such store.</exception>
    public static VariableStore Read(ReadOnlySpan<byte> flash)
    {
        if (flash.Length < SmallestVolume || BinaryPrimitives.ReadUInt32LittleEndian(flash[SignatureOffset..]) != VolumeSignature)
            throw new InvalidDataException("this flash has no firmware volume");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(flash[LengthOffset..]);
        int header = BinaryPrimitives.ReadUInt16LittleEndian(flash[HeaderLengthOffset..]);
        if (length != (ulong)flash.Length || header + StoreHeaderBytes > flash.Length)
            throw new InvalidDataException($"the firmware volume has {length} bytes, the flash {flash.Length}");
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(flash[(header + StoreSizeOffset)..]);
        if (size < StoreHeaderBytes || header + (long)size > (flash.Length / 2) - BlockBytes)
            throw new InvalidDataException($"the variable store has {size} bytes");
        var store = new VariableStore(header + StoreHeaderBytes, header + (int)size, flash.Length);
        store.ReadVariables(flash);
        store.ReadWorkingBlock(flash);
        return store;
    }

    /// <summary>What a byte belongs to.</summary>
    /// <param name="offset">Bytes from the start of the flash.</param>
    public FlashPart PartOf(int offset)
    {
        if (offset >= _end)
            return offset >= _spare ? FlashPart.Spare
                : offset < _working ? FlashPart.EventLog
                : _workingStates.Contains(offset) ? FlashPart.WorkingState : FlashPart.Working;
        if (offset < _first)
            return FlashPart.StoreHeader;
        foreach (Variable variable in _variables)
        {
            int at = offset - variable.Start;
            if (at >= 0 && offset < variable.End)
                return at == StateOffset ? FlashPart.VariableState
                    : at < VariableHeaderBytes ? FlashPart.VariableHeader
                    : at < VariableHeaderBytes + variable.NameBytes ? FlashPart.VariableName
                    : FlashPart.VariableData;
        }

        return FlashPart.Free;
    }

    /// <summary>One behind the other, at addresses that are multiples of 4, until there is none.</summary>
    private void ReadVariables(ReadOnlySpan<byte> flash)
    {
        int start = _first;
        while (start + VariableHeaderBytes <= _end && BinaryPrimitives.ReadUInt16LittleEndian(flash[start..]) == VariableStart)
        {
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(flash[(start + NameSizeOffset)..]);
            uint data = BinaryPrimitives.ReadUInt32LittleEndian(flash[(start + DataSizeOffset)..]);
            long end = start + VariableHeaderBytes + ((long)name + data + 3) / 4 * 4;
            if (end > _end)
                break;
            _variables.Add(new Variable(start, (int)end, (int)name));
            start = (int)end;
        }
    }

    /// <summary>Each write has a header, and one or more records, each with data of its caller; states come first in both.</summary>
    private void ReadWorkingBlock(ReadOnlySpan<byte> flash)
    {
        int header = _working + WorkingHeaderBytes;
        while (header + WriteHeaderBytes <= _spare && flash[header] != Erased)
        {
            ulong count = BinaryPrimitives.ReadUInt64LittleEndian(flash[(header + NumberOfWritesOffset)..]);
            ulong data = BinaryPrimitives.ReadUInt64LittleEndian(flash[(header + PrivateDataSizeOffset)..]);
            if (count > BlockBytes || data > BlockBytes)
                return;
            int stride = WriteRecordBytes + (int)data;
            int end = header + WriteHeaderBytes + ((int)count * stride);
            if (end > _spare)
                return;
            _workingStates.Add(header);
            _workingStates.UnionWith(Enumerable.Range(0, (int)count).Select(i => header + WriteHeaderBytes + (i * stride)));
            header = end;
        }
    }

    private readonly record struct Variable(int Start, int End, int NameBytes);
}
