namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>Where the bytes of a file lie in a zip archive: uncompressed, from <see cref="Begin"/>, counted from the start of the archive.</summary>
internal sealed record ZipEntry(string Name, long Begin, long Length);
