using System;

namespace Switcher.Acpi.Aml;

/// <summary>
/// Finds what a machine's definition blocks define at load time, without building a namespace: it follows the grammar from the start of each
/// block, goes into scopes and into the branches of If (but not into methods, which run later), and passes over every package that does not so
/// much as mention the name. Work is bounded by a number of steps and by depth. This half walks; the other evaluates.
/// </summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>Segments that the path stack must hold.</summary>
    public const int PathStackLength = 1024;
    private const int MaximumPath = 32;
    private const int MaximumDepth = 48;
    private const int MaximumNesting = 4;
    private const int MaximumSteps = 1 << 20;

    private readonly RootTables<TMemory> _tables;
    private readonly ReadOnlySpan<byte> _dsdt;
    private readonly Span<uint> _paths;

    /// <param name="tables">For the secondary definition blocks.</param>
    /// <param name="dsdt">The whole DSDT; may be empty.</param>
    /// <param name="paths">At least <see cref="PathStackLength"/> elements of working memory.</param>
    public AmlNamespace(RootTables<TMemory> tables, ReadOnlySpan<byte> dsdt, Span<uint> paths)
    {
        _tables = tables;
        _dsdt = dsdt;
        _paths = paths;
    }

    public static AmlWork NewWork() => new() { StepsLeft = MaximumSteps };

    /// <summary>Puts the path of an object at the root on the path stack.</summary>
    public AmlPath PushRootName(uint segment, ref AmlWork work)
    {
        _paths[work.Top++] = segment;
        return new AmlPath(work.Top - 1, 1);
    }

    /// <summary>Definition block <paramref name="table"/> with its header; empty where the root table lists something else.</summary>
    public ReadOnlySpan<byte> Block(int table)
    {
        if (table == 0)
            return _dsdt;
        return _tables.SignatureAt(table - 1).IsSecondaryDefinitionBlock ? _tables.TableAt(table - 1) : default;
    }

    /// <summary>
    /// Finds the strongest definition of an absolute path, the first of equals, as an OS would that keeps the first and refuses the others.
    /// </summary>
    public bool TryFind(AmlPath target, ref AmlWork work, out AmlDefinition definition)
    {
        definition = default;
        if (target.Count == 0 || work.Nesting >= MaximumNesting)
            return false;
        work.Nesting++;
        uint last = _paths[target.End - 1];
        for (int table = 0; table <= _tables.Count; table++)
        {
            ReadOnlySpan<byte> aml = Block(table);
            if (aml.Length <= Sdt.HeaderLength || !AmlReader.MayMention(aml, Sdt.HeaderLength, aml.Length, last))
                continue;
            AmlBlock block = new(aml, table, aml.Length, new AmlPath(work.Top, 0), AmlCertainty.Always, 0);
            Walk(block, Sdt.HeaderLength, target, ref work, ref definition);
        }
        work.Nesting--;
        return definition.Certainty > AmlCertainty.Declared;
    }

    private bool Walk(scoped in AmlBlock block, int position, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        if (block.Depth > MaximumDepth)
            return work.Fail(ProblemKind.AmlTooDeep, block.Table, position);
        ReadOnlySpan<byte> aml = block.Aml;
        int predicate = 0;
        while (position < block.End)
        {
            int start = position;
            if (--work.StepsLeft < 0)
                return work.Fail(ProblemKind.AmlTooLong, block.Table, start);
            if (AmlReader.IsNameStart(aml[start]))
            {
                if (!TryEvaluate(block, ref position, ref work, out _))
                    return false;
                continue;
            }
            if (!AmlReader.TryReadOpcode(aml, ref position, block.End, out int opcode))
                return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
            if (!IsContainer(opcode))
            {
                NoteDefinition(block, opcode, position, target, ref work, ref found);
                position = start;
                if (!TryEvaluate(block, ref position, ref work, out _))
                    return false;
                continue;
            }
            if (!AmlReader.TryReadPackageEnd(aml, ref position, block.End, out int end))
                return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
            if (opcode == AmlOpcode.If)
                predicate = position;
            if (AmlReader.MayMention(aml, position, end, _paths[target.End - 1]))
                WalkContainer(block, opcode, position, end, predicate, target, ref work, ref found);
            position = end;
        }
        return true;
    }

    private void WalkContainer(
        scoped in AmlBlock block, int opcode, int position, int end, int predicate, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        int top = work.Top;
        AmlCertainty certainty = AmlCertainty.Always;
        AmlPath scope = block.Scope;
        switch (opcode)
        {
            case AmlOpcode.Method:
                NoteMethod(block, position, end, target, ref work, ref found);
                return;
            case AmlOpcode.Field or AmlOpcode.IndexField or AmlOpcode.BankField:
                NoteFields(block, opcode, position, end, target, ref work, ref found);
                return;
            case AmlOpcode.If or AmlOpcode.While:
                if (!TryEvaluate(block.Inner(end, scope, certainty), ref position, ref work, out AmlValue value))
                    return;
                certainty = opcode == AmlOpcode.If || value is { IsKnown: true, Value: 0 } ? value.AsPredicate : AmlCertainty.Perhaps;
                break;
            case AmlOpcode.Else:
                certainty = Otherwise(block, predicate, position, ref work);
                break;
            default:
                if (!TryEnterScope(block, opcode, ref position, end, target, ref work, ref found, out scope))
                    return;
                break;
        }
        Walk(block.Inner(end, scope, certainty), position, target, ref work, ref found);
        work.Top = top;
    }

    /// <summary>The certainty of an Else: the predicate of the If before it, the other way round.</summary>
    private AmlCertainty Otherwise(scoped in AmlBlock block, int predicate, int end, ref AmlWork work)
    {
        if (predicate == 0 || !TryEvaluate(block.Inner(end, block.Scope, AmlCertainty.Always), ref predicate, ref work, out AmlValue value))
            return AmlCertainty.Perhaps;
        return value.IsKnown ? AmlValue.Of(value.Value == 0).AsPredicate : AmlCertainty.Perhaps;
    }

    private bool TryEnterScope(
        scoped in AmlBlock block, int opcode, ref int position, int end, AmlPath target, ref AmlWork work, ref AmlDefinition found,
        out AmlPath scope)
    {
        scope = default;
        int start = position;
        if (!AmlReader.TryReadName(block.Aml, ref position, end, out AmlName name))
            return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
        if (opcode != AmlOpcode.Scope)
            Note(block, name, new AmlDefinition { Kind = AmlObjectKind.Device, Offset = position, End = end }, target, ref work, ref found);
        position += opcode switch
        {
            AmlOpcode.Processor => 6, // ProcID, PblkAddr, PblkLen
            AmlOpcode.PowerResource => 3, // SystemLevel, ResourceOrder
            _ => 0,
        };
        return position <= end && TryPush(block.Aml, name, block.Scope, ref work, out scope);
    }

    private static bool IsContainer(int opcode) => opcode is AmlOpcode.Scope or AmlOpcode.Method or AmlOpcode.If or AmlOpcode.Else
        or AmlOpcode.While or (>= AmlOpcode.Field and <= AmlOpcode.BankField);
}
