using System;

namespace Switcher.Acpi.Aml;

/// <summary>The part that takes the package of a sleep object apart.</summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>Aliases, methods and names between a sleep object and its package.</summary>
    private const int MaximumHops = 4;

    /// <summary>
    /// The two SLP_TYP values, as ACPICA takes them: the low bytes of the first two elements, or of a single element its low byte and the
    /// byte above. The object may be a name, an alias of one, or a method that returns a package or another such object.
    /// </summary>
    public bool TryReadSleepPackage(AmlDefinition definition, AmlPath path, ref AmlWork work, out byte a, out byte b)
    {
        a = b = 0;
        for (int hops = 0; hops < MaximumHops; hops++)
        {
            AmlBlock block = new(
                Block(definition.Table), definition.Table, definition.End, path.Parent, AmlCertainty.Always, AmlPurpose.Evaluate);
            int position = definition.Offset;
            if (definition.Kind == AmlObjectKind.Method && !TryFindReturn(block, ref position, ref work))
                return false;
            if (definition.Kind is not (AmlObjectKind.Name or AmlObjectKind.Alias or AmlObjectKind.Method) || position >= block.End)
                return false;
            if (!AmlReader.IsNameStart(block.Aml[position]))
                return TryReadPair(block, position, ref work, out a, out b);
            if (!AmlReader.TryReadName(block.Aml, ref position, block.End, out AmlName name)
                || !TryResolve(block, name, ref work, out path, out definition)
                || definition.Certainty != AmlCertainty.Always)
                return false;
        }
        return false;
    }

    /// <summary>Runs a method's code as far as that needs no memory of its own, up to the value that it returns.</summary>
    private bool TryFindReturn(scoped in AmlBlock block, ref int position, ref AmlWork work)
    {
        bool wasTaken = true;
        while (position < block.End && --work.StepsLeft >= 0)
        {
            int start = position;
            if (!AmlReader.TryReadOpcode(block.Aml, ref position, block.End, out int opcode))
                return false;
            if (opcode == AmlOpcode.Return)
                return true;
            if (opcode is not (AmlOpcode.If or AmlOpcode.Else))
            {
                position = start;
                if (!TryEvaluate(block.For(AmlPurpose.Skip, block.End), ref position, ref work, out _))
                    return false;
                continue;
            }
            if (!AmlReader.TryReadPackageEnd(block.Aml, ref position, block.End, out int end))
                return false;
            bool isTaken = !wasTaken;
            if (opcode == AmlOpcode.If)
            {
                if (!TryEvaluate(block.For(AmlPurpose.Evaluate, end), ref position, ref work, out AmlValue value) || !value.IsKnown)
                    return false;
                isTaken = value.Value != 0;
            }
            wasTaken = isTaken || opcode == AmlOpcode.Else;
            // A branch that returns nothing would have to be gone on behind; no sleep object does that.
            if (isTaken && work.Depth < MaximumDepth)
            {
                work.Depth++;
                bool found = TryFindReturn(block.For(AmlPurpose.Evaluate, end), ref position, ref work);
                work.Depth--;
                return found;
            }
            position = end;
        }
        return false;
    }

    private bool TryReadPair(scoped in AmlBlock outer, int position, ref AmlWork work, out byte a, out byte b)
    {
        a = b = 0;
        ReadOnlySpan<byte> aml = outer.Aml;
        if (!AmlReader.TryReadOpcode(aml, ref position, outer.End, out int opcode)
            || opcode is not (AmlOpcode.Package or AmlOpcode.VarPackage)
            || !AmlReader.TryReadPackageEnd(aml, ref position, outer.End, out int end)
            || position >= end)
            return false;
        AmlBlock block = outer.For(AmlPurpose.Evaluate, end);
        AmlValue count = new(aml[position]);
        if (opcode == AmlOpcode.Package)
            position++;
        else if (!TryEvaluate(block, ref position, ref work, out count) || !count.IsKnown)
            return false;
        if (count.Value == 0 || !TryReadElement(block, ref position, ref work, out ulong first))
            return false;
        ulong second = first >> 8;
        if (count.Value > 1 && !TryReadElement(block, ref position, ref work, out second))
            return false;
        a = (byte)first;
        b = (byte)second;
        return true;
    }

    private bool TryReadElement(scoped in AmlBlock block, ref int position, ref AmlWork work, out ulong element)
    {
        bool read = TryEvaluate(block, ref position, ref work, out AmlValue value);
        element = value.Value;
        return read && value.IsKnown;
    }
}
