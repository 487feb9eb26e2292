using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ResidualPrompts.Files;

namespace ResidualPrompts.Server.Http;

/// <summary>The API keys of the server. Only their digests are kept, and comparisons take constant time.</summary>
internal sealed class ApiKeys
{
    private const int LeastLength = 16;
    private readonly byte[][] _digests;

    private ApiKeys(byte[][] digests) => _digests = digests;

    /// <summary>Whether a key is required.</summary>
    internal bool AreAsked => _digests.Length > 0;

    /// <summary>Reads the file of keys; without a file no key is required.</summary>
    /// <exception cref="ServerException">The file cannot be read, or contains no key or a weak one.</exception>
    internal static ApiKeys Load(string? path, SettingNames names)
    {
        if (path is null)
            return new ApiKeys([]);
        var setting = names[nameof(PromptServingOptions.KeysFile)];
        string[] lines;
        try
        {
            lines = PlainFile.ReadNamedText(path, PlainFile.LongestText).Split('\n');
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

    /// <summary>Whether a request is authorized: it has one of the keys, or no key is required.</summary>
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
