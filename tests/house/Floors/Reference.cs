namespace Switcher.Tests.House.Floors;

/// <summary>A place that names what another file declares.</summary>
/// <param name="From">The file that names it.</param>
/// <param name="Line">The first line that does, from 1.</param>
/// <param name="Symbol">What is named.</param>
/// <param name="To">The file that declares it; for a namespace a folder that declares types in it, with a slash behind it.</param>
internal sealed record Reference(string From, int Line, string Symbol, string To)
{
    public string FromFolder => FolderOf(From);

    public string ToFolder => FolderOf(To);

    public static string FolderOf(string path) => path[..path.LastIndexOf('/')];
}
