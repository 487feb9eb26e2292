namespace ResidualPrompts.Cli.Rendering;

/// <summary>Text in the width of a screen.</summary>
internal static class WrappedText
{
    /// <summary>Breaks a text at spaces into lines of at most <paramref name="width"/> characters; a longer word gets its own line.</summary>
    internal static IEnumerable<string> Lines(string text, int width)
    {
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            if (end < 0 && (end = text.IndexOf(' ')) < 0)
                break;
            yield return text[..end];
            text = text[(end + 1)..];
        }

        yield return text;
    }
}
