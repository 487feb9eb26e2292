namespace ResidualPrompts.Server;

/// <summary>The server cannot start with the given options.</summary>
public sealed class ServerException : InputException
{
    private ServerException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static ServerException Options(IReadOnlyList<string> problems) => new(ProblemKind.Invalid, $"{string.Join("; ", problems)}.");

    internal static ServerException NoDirectory(string setting, string path) =>
        new(ProblemKind.Missing, $"{setting} '{path}' is not a directory.{NearestPath.Hint(path)}");

    internal static ServerException ReservedName() =>
        new(ProblemKind.Invalid, $"the name is reserved for the backbone without a prompt; rename the directory");

    internal static ServerException DirectoryOutside() => new(ProblemKind.Invalid,
        $"it is a link to a path outside the directory of prompts, which is not followed; copy the adapter directory instead");

    internal static ServerException NoAdapter(string run) =>
        new(ProblemKind.Unsupported, $"its run {run} has no adapter: a run that trained all weights is a model of its own");

    internal static ServerException FileOutside(string name) => new(ProblemKind.Invalid,
        $"{name} is a link to a path outside the directory of prompts, which is not followed; copy the file instead");

    internal static ServerException CannotListen(string host, int port, string setting, Exception inner) =>
        new(ProblemKind.Inaccessible,
            $"Cannot listen on {host}, port {port}: {inner.Message} Choose another port with {setting}; 0 chooses a free one.", inner);

    internal static ServerException KeysUnreadable(string setting, string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"{setting} '{path}' cannot be read: {inner.Message}", inner);

    internal static ServerException DamagedKey(string setting, string path, int line) =>
        new(ProblemKind.Damaged, $"{setting} '{path}', line {line}: the key contains control characters or is not valid Unicode.");

    internal static ServerException NoKeys(string setting, string path) =>
        new(ProblemKind.Invalid, $"{setting} '{path}' contains no key, expected one per line; blank lines and lines that begin with # are ignored.");

    internal static ServerException WeakKey(string setting, string path, int line, int length, int least) =>
        new(ProblemKind.Invalid,
            $"{setting} '{path}', line {line}: the key has {length} characters, "
                + $"expected at least {least} without white space. 'openssl rand -hex 24' generates a good one.");
}
