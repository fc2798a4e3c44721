using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Emulators;

/// <summary>
/// The same as <see cref="UnixPort"/> for an emulator that knows TCP only: reached from this host alone, and by one client.
/// </summary>
internal sealed class LoopbackPort : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackPort() => _listener.Start(1);

    /// <summary>Where the emulator connects to.</summary>
    public int Number => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Waits for the emulator to connect.</summary>
    public async Task<Stream> AcceptAsync(CancellationToken cancel)
    {
        Socket socket = await _listener.AcceptSocketAsync(cancel);
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
