using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ResidualPrompts.Server.Http;

/// <summary>The keys that open the server. Only their digests are kept, and a comparison takes the same time whatever is compared.</summary>
internal sealed class ApiKeys
{
    private const int LeastLength = 16;
    private readonly byte[][] _digests;

    private ApiKeys(byte[][] digests) => _digests = digests;

    /// <summary>Whether a key is asked for at all.</summary>
    internal bool AreAsked => _digests.Length > 0;

    /// <summary>Reads the file of keys; without one, none are asked for.</summary>
    /// <exception cref="ServerException">It cannot be read, or holds no key or a weak one.</exception>
    internal static ApiKeys Load(string? path, SettingNames names)
    {
        if (path is null)
            return new ApiKeys([]);
        var setting = names[nameof(PromptServingOptions.KeysFile)];
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ServerException.KeysUnreadable(setting, path, e);
        }

        var digests = new List<byte[]>();
        for (var i = 0; i < lines.Length; i++)
        {
            var key = lines[i].Trim();
            if (key.Length == 0 || key[0] == '#')
                continue;
            if (key.Length < LeastLength || key.Any(char.IsWhiteSpace))
                throw ServerException.WeakKey(setting, path, i + 1, key.Length, LeastLength);
            digests.Add(Digest(key));
        }

        return digests.Count > 0 ? new ApiKeys([.. digests]) : throw ServerException.NoKeys(setting, path);
    }

    /// <summary>Whether a request may go on: it has one of the keys, or none are asked for.</summary>
    internal bool Open(HttpRequest request)
    {
        if (!AreAsked)
            return true;
        const string Bearer = "Bearer ";
        string? given = request.Headers["X-Api-Key"];
        if (given is null && request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            given = header[Bearer.Length..].Trim();
        if (given is null)
            return false;
        var digest = Digest(given);
        var found = false;
        foreach (var key in _digests)
            found |= CryptographicOperations.FixedTimeEquals(key, digest);
        return found;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
