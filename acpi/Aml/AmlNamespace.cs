using System;

namespace Switcher.Acpi.Aml;

/// <summary>
/// Finds what a machine's definition blocks define at load time, without building a namespace: it follows the grammar from the start of
/// each block, goes into scopes and into the branches of If (but not into methods, which run later), and passes over every package that
/// does not so much as mention the name. Work is bounded by a number of steps and by depth. This half walks; the other evaluates.
/// </summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>Elements of working memory: the path stack and the method filter.</summary>
    public const int WorkspaceLength = PathStackLength + AmlMethodFilter.Length;

    /// <summary>Elements of the memory of earlier searches.</summary>
    public const int MemoryLength = 256;

    private const int PathStackLength = 1024;
    private const int MaximumPath = 32;
    private const int MaximumDepth = 64;
    private const int MaximumNesting = 4;
    private const int MaximumSteps = 1 << 22;

    private readonly RootTables<TMemory> _tables;
    private readonly ReadOnlySpan<byte> _dsdt;
    private readonly Span<uint> _paths;
    private readonly AmlMethodFilter _methods;
    private readonly Span<AmlDefinition> _memory;

    /// <param name="tables">For the secondary definition blocks.</param>
    /// <param name="dsdt">The whole DSDT; may be empty.</param>
    /// <param name="workspace">At least <see cref="WorkspaceLength"/> elements.</param>
    /// <param name="memory">At least <see cref="MemoryLength"/> elements.</param>
    public AmlNamespace(RootTables<TMemory> tables, ReadOnlySpan<byte> dsdt, Span<uint> workspace, Span<AmlDefinition> memory)
    {
        _tables = tables;
        _dsdt = dsdt;
        _paths = workspace.Slice(0, PathStackLength);
        _memory = memory.Slice(0, MemoryLength);
        _memory.Clear();
        _methods = new AmlMethodFilter(workspace.Slice(PathStackLength));
        for (int table = 0; table <= tables.Count; table++)
            _methods.Add(Block(table));
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
        {
            work.Refused++;
            return false;
        }
        ulong key = Hash(target);
        ref AmlDefinition remembered = ref _memory[(int)(key % MemoryLength)];
        if (work.Nesting != 0 && remembered.Key == key)
        {
            definition = remembered;
            work.Refused += definition.IsSearching ? 1 : 0;
            return definition.Certainty > AmlCertainty.Declared;
        }
        remembered = new AmlDefinition { Key = key, IsSearching = true };
        int refused = work.Refused;
        work.Nesting++;
        work.StepsLeft -= _tables.Count * _tables.Count / 64;
        uint last = _paths[target.End - 1];
        for (int table = 0; table <= _tables.Count && !IsSettled(definition, work); table++)
        {
            ReadOnlySpan<byte> aml = Block(table);
            if (aml.Length <= Sdt.HeaderLength || !MayMention(aml, Sdt.HeaderLength, aml.Length, last, ref work))
                continue;
            AmlBlock block = new(aml, table, aml.Length, new AmlPath(work.Top, 0), AmlCertainty.Always, AmlPurpose.Evaluate);
            Walk(block, Sdt.HeaderLength, target, ref work, ref definition);
        }
        work.Nesting--;
        remembered = definition;
        if (work.Refused == refused || work.Nesting <= 1) // what a cycle cut short is good enough for the outermost search only
            remembered.Key = key;
        return definition.Certainty > AmlCertainty.Declared;
    }

    /// <summary>Sixty-four bits for a path, well mixed: two different paths of a real machine do not meet.</summary>
    private ulong Hash(AmlPath path)
    {
        ulong hash = (ulong)path.Count;
        for (int i = path.Start; i < path.End; i++)
        {
            hash = (hash ^ _paths[i]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
        }
        return hash;
    }

    private void Walk(scoped in AmlBlock block, int position, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        if (work.Depth >= MaximumDepth)
        {
            work.Fail(ProblemKind.AmlTooDeep, block.Table, position);
            return;
        }
        work.Depth++;
        WalkTerms(block, position, target, ref work, ref found);
        work.Depth--;
    }

    private bool WalkTerms(scoped in AmlBlock block, int position, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        ReadOnlySpan<byte> aml = block.Aml;
        int predicate = 0;
        while (position < block.End && !IsSettled(found, work))
        {
            int start = position;
            if (--work.StepsLeft < 0)
                return work.Fail(ProblemKind.AmlTooLong, block.Table, start);
            if (AmlReader.IsNameStart(aml[start]))
            {
                if (!TryEvaluate(block.For(AmlPurpose.Skip, block.End), ref position, ref work, out _))
                    return false;
                continue;
            }
            if (!AmlReader.TryReadOpcode(aml, ref position, block.End, out int opcode))
                return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
            if (!IsContainer(opcode))
            {
                NoteDefinition(block, opcode, position, target, ref work, ref found);
                position = start;
                if (!TryEvaluate(block.For(AmlPurpose.Skip, block.End), ref position, ref work, out _))
                    return false;
                continue;
            }
            if (!AmlReader.TryReadPackageEnd(aml, ref position, block.End, out int end))
                return work.Fail(ProblemKind.AmlMalformed, block.Table, start);
            if (opcode == AmlOpcode.If)
                predicate = position;
            int body = opcode is AmlOpcode.If or AmlOpcode.While ? SkipPredicate(block, position, end, ref work) : position;
            if (MayMention(aml, body, end, _paths[target.End - 1], ref work))
                WalkContainer(block, opcode, position, body, end, predicate, target, ref work, ref found);
            position = end;
        }
        return true;
    }

    private void WalkContainer(
        scoped in AmlBlock block, int opcode, int position, int body, int end, int predicate, AmlPath target, ref AmlWork work,
        ref AmlDefinition found)
    {
        switch (opcode)
        {
            case AmlOpcode.Method:
                NoteMethod(block, position, end, target, ref work, ref found);
                break;
            case AmlOpcode.Field or AmlOpcode.IndexField or AmlOpcode.BankField:
                NoteFields(block, opcode, position, end, target, ref work, ref found);
                break;
            case AmlOpcode.If or AmlOpcode.Else or AmlOpcode.While:
                WalkBranch(block, opcode, body, end, predicate, target, ref work, ref found);
                break;
            default:
                int top = work.Top;
                if (TryEnterScope(block, opcode, ref position, end, target, ref work, ref found, out AmlPath scope))
                    Walk(block.Scoped(end, scope), position, target, ref work, ref found);
                work.Top = top;
                break;
        }
    }

    /// <summary>
    /// Goes into a branch. Its predicate is evaluated only if the branch turns out to define the name: of hundreds of branches on a real
    /// machine that is one or none.
    /// </summary>
    private void WalkBranch(
        scoped in AmlBlock block, int opcode, int body, int end, int predicate, AmlPath target, ref AmlWork work, ref AmlDefinition found)
    {
        AmlDefinition glimpsed = default;
        AmlBlock glance = block.For(AmlPurpose.Glance, end);
        Walk(glance, body, target, ref work, ref glimpsed);
        if (glimpsed.Certainty == AmlCertainty.None)
            return;
        if (block.Purpose == AmlPurpose.Glance)
        {
            found = glimpsed;
            return;
        }
        int start = opcode == AmlOpcode.While ? 0 : predicate;
        AmlCertainty certainty = AmlCertainty.Perhaps;
        if (start != 0 && TryEvaluate(block.For(AmlPurpose.Evaluate, end), ref start, ref work, out AmlValue value) && value.IsKnown)
            certainty = (value.Value != 0) == (opcode == AmlOpcode.If) ? AmlCertainty.Always : AmlCertainty.Never;
        Walk(block.Branch(end, certainty), body, target, ref work, ref found);
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

    /// <summary>A search inside another wants one answer; the outermost one also counts how often the name is defined.</summary>
    private static bool IsSettled(in AmlDefinition found, in AmlWork work) => found.Certainty == AmlCertainty.Always && work.Nesting > 1;

    /// <summary>The end of a predicate, so that only those of bodies that matter are evaluated.</summary>
    private int SkipPredicate(scoped in AmlBlock block, int position, int end, ref AmlWork work)
    {
        int skipped = position;
        return TryEvaluate(block.For(AmlPurpose.Skip, end), ref skipped, ref work, out _) ? skipped : position;
    }

    private static bool MayMention(ReadOnlySpan<byte> aml, int position, int end, uint segment, ref AmlWork work)
    {
        work.StepsLeft -= (end - position) / 64;
        return AmlReader.TryFindMention(aml, ref position, end, segment);
    }

    private static bool IsContainer(int opcode) => opcode is AmlOpcode.Scope or AmlOpcode.Method or AmlOpcode.If or AmlOpcode.Else
        or AmlOpcode.While or (>= AmlOpcode.Field and <= AmlOpcode.BankField);
}
