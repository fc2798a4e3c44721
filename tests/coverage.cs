// Coverage of the host tests, a row for each folder: dotnet run tests/coverage.cs [room...], for example 'dotnet run tests/coverage.cs hv
// boot'. Lines count as covered if any test project's run reached them. There is no threshold: a figure to look at, not to please.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml.Linq;

string[] rooms = args.Length > 0 ? args : ["acpi", "boot", "hv", "loader", "ctl"];

// The application is tested where it is compiled for .NET.
string[] shown = [.. rooms.Select(room => room == "loader" ? "efi" : room)];
string root = Directory.GetCurrentDirectory();
if (!File.Exists(Path.Combine(root, "Switcher.sln")))
{
    Console.Error.WriteLine("Run this in the repository's root.");
    return 2;
}

string results = Directory.CreateTempSubdirectory("switcher-coverage-").FullName;
bool isGood = true;
foreach (string project in rooms.Select(room => Path.Combine("tests", room)).Where(Directory.Exists))
{
    var test = new ProcessStartInfo("dotnet",
        ["test", project, "--nologo", "--collect", "Code Coverage;Format=cobertura", "--results-directory", results]);
    using Process run = Process.Start(test)!;
    run.WaitForExit();
    isGood &= run.ExitCode == 0;
}

// Each project leaves one report; a library that several use is in several of them.
var lines = new Dictionary<(string Path, int Line), bool>();
foreach (string report in Directory.EnumerateFiles(results, "*.cobertura.xml", SearchOption.AllDirectories))
{
    foreach (XElement type in XDocument.Load(report).Descendants("class"))
    {
        string path = Path.GetRelativePath(root, (string)type.Attribute("filename")!);
        foreach (XElement line in type.Descendants("line"))
        {
            (string, int) key = (path, (int)line.Attribute("number")!);
            lines[key] = lines.GetValueOrDefault(key) || (long)line.Attribute("hits")! > 0;
        }
    }
}

Directory.Delete(results, recursive: true);
Console.WriteLine($"\n{"folder",-24} {"lines",7} {"covered",8} {"",7}");
foreach (var room in lines.Where(line => shown.Contains(line.Key.Path.Split('/')[0])).GroupBy(line => line.Key.Path.Split('/')[0]))
{
    foreach (var folder in room.GroupBy(line => Path.GetDirectoryName(line.Key.Path)!)
        .OrderBy(folder => folder.Key, StringComparer.Ordinal))
        Print(folder.Key, [.. folder.Select(line => line.Value)]);
    Print($"{room.Key} in all", [.. room.Select(line => line.Value)]);
}

return isGood ? 0 : 1;

static void Print(string name, bool[] hits)
{
    int covered = hits.Count(hit => hit);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name,-24} {hits.Length,7} {covered,8} {100.0 * covered / hits.Length,6:F1} %"));
}
