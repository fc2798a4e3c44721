using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>
/// Most of the guest's free memory, filled with a pattern in which every word depends on its place, on the guest and, once in each page,
/// on the round: a page that was lost, exchanged or brought back from an earlier round cannot look right.
/// </summary>
internal static unsafe class Pattern
{
    private const ulong ChunkBytes = 64 << 20;
    private const int MostChunks = 1024;
    private const ulong PageWords = 512;
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private const ulong TwoSteps = unchecked(Step * 2);
    private const ulong ThreeSteps = unchecked(Step * 3);
    private const ulong FourSteps = unchecked(Step * 4);
    private const ulong PageSteps = unchecked(Step * PageWords);

    private static Chunks s_chunks;
    private static ulong s_seed;
    private static ulong s_round;

    /// <summary>Bytes that are filled.</summary>
    public static ulong Bytes => (ulong)s_chunks.Count * ChunkBytes;

    /// <summary>Takes and fills memory, in pieces of 64 MiB, until no other would leave the reserve free.</summary>
    /// <param name="seed">Differs from guest to guest.</param>
    /// <param name="reserve">Bytes that stay available to the system, which needs some to suspend.</param>
    public static void Fill(ulong seed, ulong reserve)
    {
        s_seed = seed;
        s_round = 0;
        while (s_chunks.Count < MostChunks && Memory.Available() >= reserve + ChunkBytes)
        {
            long address = Kernel.Allocate(ChunkBytes);
            if (address < 0)
                return;
            ulong* words = (ulong*)address;
            ulong value = First(s_chunks.Count);
            for (ulong i = 0; i < ChunkBytes / 8; i += 4)
            {
                words[i] = value;
                words[i + 1] = value + Step;
                words[i + 2] = value + TwoSteps;
                words[i + 3] = value + ThreeSteps;
                value += FourSteps;
            }

            s_chunks.Address[s_chunks.Count] = (ulong)address;
            s_chunks.Count++;
            Progress();
        }
    }

    /// <summary>Makes the pattern one of a new round, in the first word of each page.</summary>
    public static void Stamp(ulong round)
    {
        ulong change = Mix(round) ^ Mix(s_round);
        s_round = round;
        for (int chunk = 0; chunk < s_chunks.Count; chunk++)
        {
            ulong* words = (ulong*)s_chunks.Address[chunk];
            for (ulong i = 0; i < ChunkBytes / 8; i += PageWords)
                words[i] ^= change;
        }
    }

    /// <summary>Compares all of it.</summary>
    /// <param name="address">The first wrong word's address in this process.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    /// <returns>How many words are wrong.</returns>
    public static ulong Check(out ulong address, out ulong expected, out ulong found)
    {
        ulong wrong = 0;
        address = expected = found = 0;
        ulong stamp = Mix(s_round);
        for (int chunk = 0; chunk < s_chunks.Count; chunk++)
        {
            ulong* words = (ulong*)s_chunks.Address[chunk];
            ulong value = First(chunk);
            for (ulong page = 0; page < ChunkBytes / 8; page += PageWords)
            {
                // The differences of a whole page are collected first: a branch for each word would double the time.
                ulong difference = words[page] ^ value ^ stamp;
                ulong running = value;
                for (ulong i = 1; i < PageWords; i++)
                {
                    running += Step;
                    difference |= words[page + i] ^ running;
                }

                if (difference != 0)
                {
                    ulong next = value;
                    for (ulong i = 0; i < PageWords; i++, next += Step)
                    {
                        ulong wanted = i == 0 ? next ^ stamp : next;
                        if (words[page + i] == wanted)
                            continue;
                        if (wrong++ == 0)
                        {
                            address = (ulong)(words + page + i);
                            expected = wanted;
                            found = words[page + i];
                        }
                    }
                }

                value += PageSteps;
            }

            if (chunk % 4 == 3)
                Progress();
        }

        return wrong;
    }

    private static ulong First(int chunk) => Mix(s_seed + ((ulong)chunk << 40));

    /// <summary>Spreads a small number over 64 bits; 0 stays 0.</summary>
    private static ulong Mix(ulong value)
    {
        value *= 0xBF58_476D_1CE4_E5B9;
        value ^= value >> 31;
        return value * 0x94D0_49BB_1331_11EB;
    }

    /// <summary>Tells the runner that work goes on.</summary>
    private static void Progress()
    {
        TextLine line = Port.Begin(stackalloc byte[128], "progress"u8);
        line.AddKey("bytes"u8);
        line.AddDecimal((long)Bytes);
        Port.Send(ref line);
    }

    private struct Chunks
    {
        public fixed ulong Address[MostChunks];
        public int Count;
    }
}
