using System;

namespace Switcher.Acpi.Aml;

/// <summary>
/// The part that reads terms and, where it can, their integer values: constants, names and fields in memory, arithmetic and logic over
/// them. Everything else is passed over by the grammar and is not known.
/// </summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>The method _OSI, which every OS brings with it (ACPI 6.5, 5.7.2): it takes one argument.</summary>
    private const uint OsInterfaces = 0x49534F5F;

    /// <summary>Whether _OSI is asked for a version of Windows, to which Windows and Linux both say yes.</summary>
    private static bool IsWindowsString(ReadOnlySpan<byte> aml, int position, int end) =>
        aml.Slice(position, end - position).StartsWith("\rWindows "u8); // StringPrefix is 0x0D

    /// <summary>Reads one term at <paramref name="position"/> and moves behind it.</summary>
    private bool TryEvaluate(scoped in AmlBlock block, ref int position, ref AmlWork work, out AmlValue value)
    {
        value = default;
        if (work.Depth >= MaximumDepth)
            return work.Fail(ProblemKind.AmlTooDeep, block.Table, position);
        work.Depth++;
        bool read = TryEvaluateTerm(block, ref position, ref work, out value);
        work.Depth--;
        return read;
    }

    private bool TryEvaluateTerm(scoped in AmlBlock block, ref int position, ref AmlWork work, out AmlValue value)
    {
        value = default;
        ReadOnlySpan<byte> aml = block.Aml;
        int start = position;
        if (--work.StepsLeft < 0)
            return work.Fail(ProblemKind.AmlTooLong, block.Table, start);
        if (position < block.End && AmlReader.IsNameStart(aml[position]))
            return TryEvaluateName(block, ref position, ref work, out value);
        if (!AmlReader.TryReadOpcode(aml, ref position, block.End, out int opcode)
            || !AmlGrammar.TryGetOperands(opcode, out ReadOnlySpan<byte> operands))
            return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
        if (opcode == AmlOpcode.CondRefOf)
            return TryEvaluateCondRefOf(block, ref position, ref work, out value);

        AmlValue first = default;
        AmlValue second = default;
        AmlBlock inner = block.For(block.Purpose, block.End);
        for (int i = 0; i < operands.Length; i++)
        {
            if (!TryReadOperand(inner, operands[i], ref position, ref work, out AmlValue operand))
                return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
            if (i == 0)
                first = operand;
            else if (i == 1)
                second = operand;
        }
        value = Compute(opcode, first, second);
        return true;
    }

    private bool TryReadOperand(scoped in AmlBlock block, byte operand, ref int position, ref AmlWork work, out AmlValue value)
    {
        value = default;
        ReadOnlySpan<byte> aml = block.Aml;
        switch (operand)
        {
            case (byte)'T':
                return TryEvaluate(block, ref position, ref work, out value);
            case (byte)'S' when position < block.End && !AmlReader.IsNameStart(aml[position]):
                return TryEvaluate(block, ref position, ref work, out _);
            case (byte)'S':
            case (byte)'N':
                return AmlReader.TryReadName(aml, ref position, block.End, out _);
            case (byte)'Z':
                return AmlReader.TrySkipString(aml, ref position, block.End);
            case (byte)'P':
                if (!AmlReader.TryReadPackageEnd(aml, ref position, block.End, out int end))
                    return false;
                position = end;
                return true;
            default:
                int size = operand switch
                {
                    (byte)'B' => 1,
                    (byte)'W' => 2,
                    (byte)'D' => 4,
                    _ => 8,
                };
                bool read = AmlReader.TryReadData(aml, ref position, block.End, size, out ulong data);
                value = new AmlValue(data);
                return read;
        }
    }

    private static AmlValue Compute(int opcode, AmlValue first, AmlValue second)
    {
        ulong a = first.Value;
        ulong b = second.Value;
        switch (opcode)
        {
            case AmlOpcode.Zero:
                return new AmlValue(0);
            case AmlOpcode.One:
                return new AmlValue(1);
            case AmlOpcode.Ones:
                return new AmlValue(ulong.MaxValue);
            case AmlOpcode.LAnd when first is { IsKnown: true, Value: 0 } || second is { IsKnown: true, Value: 0 }:
                return new AmlValue(0);
            case AmlOpcode.LOr when first is { IsKnown: true, Value: not 0 } || second is { IsKnown: true, Value: not 0 }:
                return AmlValue.Of(true);
        }
        if (!first.IsKnown)
            return default;
        switch (opcode)
        {
            case AmlOpcode.BytePrefix or AmlOpcode.WordPrefix or AmlOpcode.DWordPrefix or AmlOpcode.QWordPrefix:
            case AmlOpcode.ToInteger or AmlOpcode.Return:
                return first;
            case AmlOpcode.LNot:
                return AmlValue.Of(a == 0);
            case AmlOpcode.Not:
                return new AmlValue(~a);
        }
        if (!second.IsKnown)
            return default;
        return opcode switch
        {
            AmlOpcode.Add => new AmlValue(a + b),
            AmlOpcode.Subtract => new AmlValue(a - b),
            AmlOpcode.And => new AmlValue(a & b),
            AmlOpcode.Or => new AmlValue(a | b),
            AmlOpcode.Xor => new AmlValue(a ^ b),
            AmlOpcode.ShiftLeft => new AmlValue(b < 64 ? a << (int)b : 0),
            AmlOpcode.ShiftRight => new AmlValue(b < 64 ? a >> (int)b : 0),
            AmlOpcode.LAnd => AmlValue.Of(a != 0 && b != 0),
            AmlOpcode.LOr => AmlValue.Of(a != 0 || b != 0),
            AmlOpcode.LEqual => AmlValue.Of(a == b),
            AmlOpcode.LGreater => AmlValue.Of(a > b),
            AmlOpcode.LLess => AmlValue.Of(a < b),
            _ => default,
        };
    }

    /// <summary>A name where a value is wanted: an object, or a method with as many arguments as its definition says.</summary>
    private bool TryEvaluateName(scoped in AmlBlock block, ref int position, ref AmlWork work, out AmlValue value)
    {
        value = default;
        int start = position;
        int top = work.Top;
        if (!AmlReader.TryReadName(block.Aml, ref position, block.End, out AmlName name))
            return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
        uint last = name.SegmentCount == 0 ? 0 : AmlReader.Segment(block.Aml, name, name.SegmentCount - 1);
        if (block.Purpose != AmlPurpose.Evaluate && !_methods.MayContain(last))
            return true;
        bool exists = TryResolve(block, name, ref work, out AmlPath path, out AmlDefinition definition);
        int arguments = definition.Certainty == AmlCertainty.Declared || definition.Kind == AmlObjectKind.Method
            ? definition.ArgumentCount : 0;
        if (definition.Certainty == AmlCertainty.None && last == OsInterfaces)
        {
            arguments = 1;
            value = IsWindowsString(block.Aml, position, block.End) ? AmlValue.Of(true) : default;
        }
        AmlBlock inner = block.For(AmlPurpose.Skip, block.End);
        for (int i = 0; i < arguments; i++)
        {
            if (!TryEvaluate(inner, ref position, ref work, out _))
                return false;
        }
        if (exists && definition.Certainty == AmlCertainty.Always)
            value = ValueOf(definition, path, ref work);
        work.Top = top;
        return true;
    }

    /// <summary>True when the name is there at that point of loading; not known when it comes later or depends on something.</summary>
    private bool TryEvaluateCondRefOf(scoped in AmlBlock block, ref int position, ref AmlWork work, out AmlValue value)
    {
        value = default;
        int start = position;
        int top = work.Top;
        AmlBlock inner = block.For(AmlPurpose.Skip, block.End);
        bool isName = position < block.End && AmlReader.IsNameStart(block.Aml[position]);
        AmlName name = default;
        if (isName ? !AmlReader.TryReadName(block.Aml, ref position, block.End, out name)
            : !TryEvaluate(inner, ref position, ref work, out _))
            return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
        if (!TryReadOperand(inner, (byte)'S', ref position, ref work, out _))
            return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
        if (!isName || block.Purpose != AmlPurpose.Evaluate)
            return true;
        bool exists = TryResolve(block, name, ref work, out _, out AmlDefinition definition);
        bool isEarlier = definition.Table < block.Table || (definition.Table == block.Table && definition.Offset < start);
        if (name.SegmentCount == 1 && IsPredefined(AmlReader.Segment(block.Aml, name, 0)))
            value = AmlValue.Of(true);
        else if (!exists || definition.Certainty == AmlCertainty.Never)
            value = AmlValue.Of(false);
        else if (definition.Certainty == AmlCertainty.Always && isEarlier)
            value = AmlValue.Of(true);
        work.Top = top;
        return true;
    }

    /// <summary>Name resolution (ACPI 6.5, 5.3 "ACPI Namespace"): a single segment without prefix is looked for towards the root.</summary>
    private bool TryResolve(scoped in AmlBlock block, in AmlName name, ref AmlWork work, out AmlPath path, out AmlDefinition definition)
    {
        definition = default;
        bool climbs = !name.IsAbsolute && name.Carets == 0 && name.SegmentCount == 1;
        int top = work.Top;
        for (int count = block.Scope.Count; count >= 0; count--)
        {
            work.Top = top;
            if (!TryPush(block.Aml, name, new AmlPath(block.Scope.Start, count), ref work, out path))
                return false;
            AmlCertainty declared = definition.Certainty;
            if (TryFind(path, ref work, out AmlDefinition found))
            {
                definition = found;
                return true;
            }
            if (found.Certainty > declared)
                definition = found;
            if (!climbs)
                return false;
        }
        path = default;
        return false;
    }

    private AmlValue ValueOf(in AmlDefinition definition, AmlPath path, ref AmlWork work)
    {
        ReadOnlySpan<byte> aml = Block(definition.Table);
        AmlBlock block = new(aml, definition.Table, definition.End, path.Parent, AmlCertainty.Always, AmlPurpose.Evaluate);
        int position = definition.Offset;
        switch (definition.Kind)
        {
            case AmlObjectKind.Name:
            case AmlObjectKind.Method when position < definition.End && aml[position] == AmlOpcode.Return:
                return TryEvaluate(block, ref position, ref work, out AmlValue value) ? value : default;
            case AmlObjectKind.FieldUnit:
                return ValueOfField(block, definition, ref work);
            default:
                return default;
        }
    }

    /// <summary>Reads a field unit of a SystemMemory region, if the memory can be read.</summary>
    private AmlValue ValueOfField(scoped in AmlBlock block, in AmlDefinition unit, ref AmlWork work)
    {
        const int systemMemory = 0;
        int position = unit.Offset;
        if (unit.BitLength is < 1 or > 56
            || !AmlReader.TryReadName(block.Aml, ref position, block.End, out AmlName name)
            || !TryResolve(block, name, ref work, out AmlPath path, out AmlDefinition region)
            || region.Kind != AmlObjectKind.Region || region.Certainty != AmlCertainty.Always)
            return default;
        ReadOnlySpan<byte> aml = Block(region.Table);
        position = region.Offset;
        AmlBlock inner = new(aml, region.Table, region.End, path.Parent, AmlCertainty.Always, AmlPurpose.Evaluate);
        if (position >= region.End || aml[position++] != systemMemory
            || !TryEvaluate(inner, ref position, ref work, out AmlValue address)
            || !TryEvaluate(inner, ref position, ref work, out AmlValue length)
            || !address.IsKnown || !length.IsKnown)
            return default;
        int shift = (int)(unit.BitOffset % 8);
        int bytes = (shift + unit.BitLength + 7) / 8;
        ulong offset = (ulong)(unit.BitOffset / 8);
        if (offset + (ulong)bytes > length.Value)
            return default;
        ReadOnlySpan<byte> memory = _tables.Memory.Map(address.Value + offset, bytes);
        position = 0;
        if (!AmlReader.TryReadData(memory, ref position, memory.Length, bytes, out ulong data))
            return default;
        return new AmlValue((data >> shift) & ((1ul << unit.BitLength) - 1));
    }

    /// <summary>Names that every OS has before it loads a table (ACPI 6.5, 5.3.1 and 5.7).</summary>
    private static bool IsPredefined(uint segment) => segment is
        0x5F534F5F or 0x5F4C475F or 0x49534F5F or 0x5645525F // _OS_ _GL_ _OSI _REV
        or 0x5F42535F or 0x5F5A545F or 0x5F52505F or 0x5F49535F or 0x4550475F; // _SB_ _TZ_ _PR_ _SI_ _GPE
}
