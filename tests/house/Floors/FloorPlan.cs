using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Tests.House.Floors;

/// <summary>The order of rooms (top-level folders) and of the floors in them, as docs/floors.txt says it.</summary>
internal sealed class FloorPlan
{
    /// <summary>Stands for all folders of a room.</summary>
    private const string Everything = "**";

    private readonly Dictionary<string, HashSet<string>> _below = [];
    private readonly Dictionary<string, int> _heights = [];

    /// <summary>
    /// Reads <c>room over room, room: floor &lt; floor = floor</c>; a line that begins with a space continues the one before.
    /// </summary>
    public FloorPlan(string text)
    {
        var lines = new List<string>();
        foreach (string line in text.Split('\n').Select(line => line.Split('#')[0].TrimEnd()).Where(line => line.Length > 0))
        {
            if (line[0] == ' ')
                lines[^1] += line;
            else
                lines.Add(line);
        }

        foreach (string line in lines)
            AddRoom(line);
    }

    /// <summary>The rooms, lowest first.</summary>
    public IReadOnlyCollection<string> Rooms => _below.Keys;

    /// <summary>The folders that are floors, without those of a room that is one floor.</summary>
    public IEnumerable<string> Folders => _heights.Keys.Where(folder => !folder.EndsWith(Everything, StringComparison.Ordinal));

    /// <summary>Whether a floor has this folder.</summary>
    public bool Names(string folder) => HeightOf(folder) is not null;

    /// <summary>Whether a file in one folder may name what a file in another one declares.</summary>
    public bool Allows(string from, string to)
    {
        if (RoomOf(from) != RoomOf(to))
            return _below.TryGetValue(RoomOf(from), out HashSet<string>? below) && below.Contains(RoomOf(to));
        return from == to || HeightOf(to) < HeightOf(from) || _heights.ContainsKey($"{RoomOf(from)}/{Everything}");
    }

    /// <summary>How two folders lie that are the wrong way round.</summary>
    public string Explain(string from, string to) => RoomOf(from) != RoomOf(to) ? $"{RoomOf(to)} is not below {RoomOf(from)}"
        : HeightOf(from) == HeightOf(to) ? $"{from} and {to} are on one floor"
        : $"{from} is a floor below {to}";

    private static string RoomOf(string folder) => folder.Split('/')[0];

    private int? HeightOf(string folder) => _heights.TryGetValue(folder, out int height)
        || _heights.TryGetValue($"{RoomOf(folder)}/{Everything}", out height) ? height : null;

    private void AddRoom(string line)
    {
        string[] sides = line.Split(':', 2);
        string[] head = sides[0].Split(" over ", 2);
        string room = head[0].Trim();
        HashSet<string> below = [];
        foreach (string lower in head.Length == 1 ? [] : head[1].Split(',', StringSplitOptions.TrimEntries))
        {
            // A room that does not stand yet would make a circle possible.
            below.Add(lower);
            below.UnionWith(_below[lower]);
        }

        _below.Add(room, below);
        string[] floors = sides[1].Split('<', StringSplitOptions.TrimEntries);
        for (int height = 0; height < floors.Length; height++)
        {
            foreach (string floor in floors[height].Split('=', StringSplitOptions.TrimEntries))
                _heights.Add(floor == "." ? room : $"{room}/{floor}", height);
        }
    }
}
