using System;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Emulators;

/// <summary>
/// A socket at which the runner listens before the emulator starts, so that not a byte is lost and nobody has to try again.
/// </summary>
public sealed class UnixPort : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public UnixPort(string path)
    {
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    /// <summary>Where the emulator connects to.</summary>
    public string Path { get; }

    /// <summary>Waits for the emulator to connect.</summary>
    public async Task<Stream> AcceptAsync(CancellationToken cancel) =>
        new NetworkStream(await _listener.AcceptAsync(cancel), ownsSocket: true);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
