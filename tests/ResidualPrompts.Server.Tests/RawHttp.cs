using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ResidualPrompts.Server.Tests;

/// <summary>Sends bytes as they are, which no client of .NET does, and reads the answers until the server closes the connection.</summary>
internal static class RawHttp
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Everything that the server sends.</summary>
    /// <param name="address">The server.</param>
    /// <param name="request">The bytes, as Latin-1.</param>
    internal static async Task<string> SendAsync(string address, string request)
    {
        var uri = new Uri(address);
        using var socket = new TcpClient();
        await socket.ConnectAsync(uri.Host, uri.Port, Stop);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Stop);
        using var answer = new MemoryStream();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // The server has answered, and ends the connection because the rest of the request is missing.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>Renames a link over another one, as a volume of Kubernetes does; .NET moves no link to a directory.</summary>
    internal static void RenameLink(string link, string target)
    {
        using var process = System.Diagnostics.Process.Start("mv", ["-T", link, target]);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }

    /// <summary>The status of the first answer.</summary>
    internal static int Status(string answer) => int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>What follows the headers of the first answer.</summary>
    internal static string Body(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
}
