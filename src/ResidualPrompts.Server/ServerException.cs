namespace ResidualPrompts.Server;

/// <summary>The server cannot be started as it was asked to.</summary>
public sealed class ServerException : InputException
{
    private ServerException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static ServerException Options(IReadOnlyList<string> problems) => new($"{string.Join("; ", problems)}.");

    internal static ServerException NoDirectory(string option, string path) => new($"{option} '{path}' is no directory.");

    internal static ServerException CannotListen(string host, int port, Exception inner) =>
        new($"Cannot listen on {host}, port {port}: {inner.Message} Choose another with --port; 0 takes any free one.", inner);

    internal static ServerException KeysUnreadable(string path, Exception inner) => new($"--api-keys '{path}' cannot be read: {inner.Message}", inner);

    internal static ServerException NoKeys(string path) => new($"--api-keys '{path}' holds no key, expected one a line; blank lines and lines that begin with # do not count.");

    internal static ServerException WeakKey(string path, int line, int length, int least) =>
        new($"--api-keys '{path}', line {line}: the key has {length} characters, expected at least {least} without white space. 'openssl rand -hex 24' makes a good one.");
}
