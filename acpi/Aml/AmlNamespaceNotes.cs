using System;

namespace Switcher.Acpi.Aml;

/// <summary>The part that recognises definitions of the name searched for.</summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    private void NoteDefinition(
        scoped in AmlBlock block, int opcode, int position, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        AmlObjectKind kind = opcode switch
        {
            AmlOpcode.Name => AmlObjectKind.Name,
            AmlOpcode.Alias => AmlObjectKind.Alias,
            AmlOpcode.OperationRegion => AmlObjectKind.Region,
            AmlOpcode.DataRegion or AmlOpcode.Mutex or AmlOpcode.Event or AmlOpcode.External => AmlObjectKind.Other,
            _ => AmlObjectKind.None,
        };
        int nameStart = position;
        if (kind == AmlObjectKind.None || !AmlReader.TryReadName(block.Aml, ref position, block.End, out AmlName name))
            return;
        AmlDefinition candidate = new() { Kind = kind, Offset = position, End = block.End };
        if (kind == AmlObjectKind.Alias)
        {
            candidate.Offset = nameStart;
            if (!AmlReader.TryReadName(block.Aml, ref position, block.End, out name))
                return;
        }
        if (opcode == AmlOpcode.External)
        {
            candidate.Certainty = AmlCertainty.Declared;
            candidate.ArgumentCount = position + 1 < block.End ? block.Aml[position + 1] & 7 : 0;
        }
        Note(block, name, candidate, target, ref work, ref found);
    }

    private void NoteMethod(scoped in AmlBlock block, int position, int end, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        if (!AmlReader.TryReadName(block.Aml, ref position, end, out AmlName name) || position >= end)
            return;
        AmlDefinition candidate = new()
        {
            Kind = AmlObjectKind.Method,
            ArgumentCount = block.Aml[position] & 7,
            Offset = position + 1,
            End = end,
        };
        Note(block, name, candidate, target, ref work, ref found);
    }

    /// <summary>The units of a Field, IndexField or BankField (ACPI 6.5, 20.2.5.2 "Named Objects Encoding", FieldList).</summary>
    private void NoteFields(
        scoped in AmlBlock block, int opcode, int position, int end, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        ReadOnlySpan<byte> aml = block.Aml;
        int region = position;
        if (!AmlReader.TryReadName(aml, ref position, end, out _))
            return;
        if (opcode != AmlOpcode.Field && !AmlReader.TryReadName(aml, ref position, end, out _))
            return;
        if (opcode == AmlOpcode.BankField && !TryEvaluate(block.For(AmlPurpose.Skip, end), ref position, ref work, out _))
            return;
        position++; // FieldFlags
        uint last = _paths[target.End - 1];
        for (long bit = 0; position < end && --work.StepsLeft >= 0;)
        {
            int length = 0;
            switch (aml[position])
            {
                case 0: // ReservedField
                    position++;
                    if (!AmlReader.TryReadPkgLength(aml, ref position, end, out length))
                        return;
                    break;
                case 1: // AccessField
                    position += 3;
                    break;
                case 2: // ConnectField: a name or a buffer
                    position++;
                    if (!TryEvaluate(block.For(AmlPurpose.Skip, end), ref position, ref work, out _))
                        return;
                    break;
                case 3: // ExtendedAccessField
                    position += 4;
                    break;
                default:
                    int start = position;
                    position += 4;
                    if (position > end || !AmlReader.TryReadPkgLength(aml, ref position, end, out length))
                        return;
                    AmlName name = new() { SegmentOffset = start, SegmentCount = 1 };
                    if (AmlReader.Segment(aml, name, 0) == last)
                    {
                        AmlDefinition unit = new()
                        {
                            Kind = opcode == AmlOpcode.Field ? AmlObjectKind.FieldUnit : AmlObjectKind.Other,
                            Offset = region,
                            End = end,
                            BitOffset = bit,
                            BitLength = length,
                        };
                        Note(block, name, unit, target, ref work, ref found);
                    }
                    break;
            }
            bit += length;
        }
    }

    private void Note(
        scoped in AmlBlock block, in AmlName name, AmlDefinition candidate, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        if (name.SegmentCount == 0
            || AmlReader.Segment(block.Aml, name, name.SegmentCount - 1) != _paths[target.End - 1]
            || !TryPush(block.Aml, name, block.Scope, ref work, out AmlPath path))
            return;
        work.Top = path.Start;
        if (!_paths.Slice(path.Start, path.Count).SequenceEqual(_paths.Slice(target.Start, target.Count)))
            return;
        if (candidate.Certainty == AmlCertainty.None)
            candidate.Certainty = block.Certainty;
        candidate.Table = block.Table;
        int count = found.Count + (candidate.Certainty == AmlCertainty.Always ? 1 : 0);
        if (candidate.Certainty > found.Certainty)
            found = candidate;
        found.Count = count;
        if (block.Purpose == AmlPurpose.Evaluate)
            NoteSoFar(target, found);
    }

    /// <summary>
    /// For a predicate that asks for the very name that is being searched for, such as <c>If (! CondRefOf (\_S3))</c>: what has been found
    /// before it is what an OS has at that point.
    /// </summary>
    private void NoteSoFar(AmlPath target, in AmlDefinition found)
    {
        ulong key = Hash(target);
        ref AmlDefinition remembered = ref _memory[(int)(key % MemoryLength)];
        if (!remembered.IsSearching || remembered.Key != key)
            return;
        remembered = found;
        remembered.Key = key;
        remembered.IsSearching = true;
    }

    /// <summary>Puts the absolute path that a name means in a scope on the path stack, without the search towards the root.</summary>
    private bool TryPush(ReadOnlySpan<byte> aml, in AmlName name, AmlPath scope, ref AmlWork work, out AmlPath path)
    {
        path = default;
        int kept = name.IsAbsolute ? 0 : scope.Count - name.Carets;
        int count = kept + name.SegmentCount;
        if (kept < 0 || count > MaximumPath || work.Top + count > _paths.Length)
            return false;
        path = new AmlPath(work.Top, count);
        for (int i = 0; i < kept; i++)
            _paths[work.Top++] = _paths[scope.Start + i];
        for (int i = 0; i < name.SegmentCount; i++)
            _paths[work.Top++] = AmlReader.Segment(aml, name, i);
        return true;
    }
}
