using System.Globalization;

namespace ResidualPrompts.Server;

/// <summary>The prompts cannot be served as asked.</summary>
public sealed class ServerException : InputException
{
    private ServerException(ProblemKind kind, string message, Exception? inner = null)
        : base(kind, message, inner)
    {
    }

    internal static ServerException Options(IReadOnlyList<string> problems) => new(ProblemKind.Invalid, $"{string.Join("; ", problems)}.");

    internal static ServerException NoDirectory(string setting, string path) => new(ProblemKind.Missing, $"{setting} '{path}' is no directory.");

    internal static ServerException CannotListen(string host, int port, string setting, Exception inner) =>
        new(ProblemKind.Inaccessible, string.Create(
            CultureInfo.InvariantCulture, $"Cannot listen on {host}, port {port}: {inner.Message} Choose another with {setting}; 0 takes any free one."), inner);

    internal static ServerException KeysUnreadable(string setting, string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"{setting} '{path}' cannot be read: {inner.Message}", inner);

    internal static ServerException NoKeys(string setting, string path) =>
        new(ProblemKind.Invalid, $"{setting} '{path}' holds no key, expected one a line; blank lines and lines that begin with # do not count.");

    internal static ServerException WeakKey(string setting, string path, int line, int length, int least) =>
        new(ProblemKind.Invalid, string.Create(
            CultureInfo.InvariantCulture,
            $"{setting} '{path}', line {line}: the key has {length} characters, expected at least {least} without white space. 'openssl rand -hex 24' makes a good one."));
}
