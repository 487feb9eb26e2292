using System.Diagnostics;
using System.Net.Sockets;

namespace ResidualPrompts.Testing;

/// <summary>Files that are no plain files. Opening a pipe without a writer waits for ever, so a test that opens one does not end.</summary>
public static class SpecialFile
{
    /// <summary>Kinds of files that may stand in place of a plain one.</summary>
    public static readonly string[] Kinds = ["pipe", "link to a pipe", "link to a device", "socket"];

    /// <summary>Puts one in place of a file.</summary>
    /// <param name="path">The file; deleted if it exists.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public static void Put(string path, string kind)
    {
        File.Delete(path);
        switch (kind)
        {
            case "pipe":
                MakePipe(path);
                break;
            case "link to a pipe":
                File.Delete(path + ".pipe");
                MakePipe(path + ".pipe");
                File.CreateSymbolicLink(path, path + ".pipe");
                break;
            case "link to a device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            default:
                PutSocket(path);
                break;
        }
    }

    /// <summary>Creates a named pipe.</summary>
    public static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"mkfifo {path} failed.");
    }

    // .NET deletes a socket's file when the socket is closed; a socket that is renamed before stays.
    private static void PutSocket(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path + ".s"));
        File.Move(path + ".s", path);
    }
}
