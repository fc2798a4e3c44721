using System;

namespace Switcher.Acpi.Aml;

/// <summary>The part that takes the package of a sleep object apart.</summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>
    /// The two SLP_TYP values, as ACPICA takes them: the low bytes of the first two elements, or of a single element its low byte and the byte
    /// above. The object may be a name, an alias of one, or a method that returns the package at once.
    /// </summary>
    public bool TryReadSleepPackage(AmlDefinition definition, ref AmlWork work, out byte a, out byte b)
    {
        a = b = 0;
        if (definition.Kind == AmlObjectKind.Alias && !TryFollow(ref definition, ref work))
            return false;
        ReadOnlySpan<byte> aml = Block(definition.Table);
        int position = definition.Offset;
        int limit = definition.End;
        if (definition.Kind == AmlObjectKind.Method && position < limit && aml[position] == AmlOpcode.Return)
            position++;
        else if (definition.Kind != AmlObjectKind.Name)
            return false;
        AmlBlock outer = new(aml, definition.Table, limit, new AmlPath(work.Top, 0), AmlCertainty.Always, AmlPurpose.Evaluate);
        if (!AmlReader.TryReadOpcode(aml, ref position, limit, out int opcode)
            || opcode is not (AmlOpcode.Package or AmlOpcode.VarPackage)
            || !AmlReader.TryReadPackageEnd(aml, ref position, limit, out int end)
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

    /// <summary>From an alias to the object that it stands for.</summary>
    private bool TryFollow(ref AmlDefinition definition, ref AmlWork work)
    {
        int position = definition.Offset;
        ReadOnlySpan<byte> aml = Block(definition.Table);
        AmlBlock block = new(aml, definition.Table, definition.End, new AmlPath(work.Top, 0), AmlCertainty.Always, AmlPurpose.Evaluate);
        return AmlReader.TryReadName(aml, ref position, definition.End, out AmlName name)
            && TryResolve(block, name, ref work, out _, out definition)
            && definition.Kind == AmlObjectKind.Name;
    }
}
