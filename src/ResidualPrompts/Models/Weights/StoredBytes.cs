using Microsoft.Win32.SafeHandles;
using ResidualPrompts.Files;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The bytes of a file of tensors. A file that a user may rewrite is read by plain reads: a program that shortens it in place then causes a message,
/// while under a mapping it would end the process. Only a file of our own cache is mapped (<see cref="MappedFile"/>).
/// </summary>
internal abstract class StoredBytes : IDisposable
{
    private protected StoredBytes(long length) => Length = length;

    /// <summary>The number of bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file of at least one byte. Its tensors are copies.</summary>
    /// <exception cref="IOException">The file is missing, a folder, empty or unreadable; the message is the reason, without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="FileException">It is not a plain file.</exception>
    public static StoredBytes Open(string path)
    {
        RequireFile(path);
        var stream = PlainFile.Open(path);
        try
        {
            return stream.Length > 0 ? new OpenFile(path, stream) : throw Empty();
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a file that were read before.</summary>
    /// <exception cref="IOException">There are none.</exception>
    public static StoredBytes Of(byte[] content) => content.Length > 0 ? new Content(content) : throw Empty();

    /// <summary>Copies <paramref name="count"/> bytes from <paramref name="begin"/>; all must lie in the file.</summary>
    /// <exception cref="FileException">The file became shorter since it was opened.</exception>
    public abstract byte[] Copy(long begin, int count);

    /// <summary>
    /// Returns a tensor on the bytes from <paramref name="begin"/>, which must all lie in the file. It is not a view of another tensor, so it can be
    /// trained, written to and disposed like any other, and it outlives this object.
    /// </summary>
    /// <exception cref="FileException">The file became shorter since it was opened.</exception>
    public abstract Tensor View(ScalarType elementType, long[] shape, long begin);

    /// <summary>Checks after reading that nothing changed the file since it was opened.</summary>
    /// <exception cref="FileException">Its size or its time is another one.</exception>
    public virtual void CheckUnchanged()
    {
    }

    public abstract void Dispose();

    private protected static void RequireFile(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("it is a folder, not a file");
        if (!File.Exists(path))
            throw new FileNotFoundException("there is no such file");
    }

    private protected static IOException Empty() => new("the file is empty (0 bytes)");

    /// <summary>Bytes that are copied into each tensor.</summary>
    private abstract class Copied(long length) : StoredBytes(length)
    {
        private bool _isDisposed;

        public override byte[] Copy(long begin, int count)
        {
            var bytes = new byte[count];
            Read(bytes, begin);
            return bytes;
        }

        public override Tensor View(ScalarType elementType, long[] shape, long begin)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var tensor = empty(shape, dtype: elementType, device: CPU);
            try
            {
                TensorBytes.Fill(tensor, (bytes, offset) => Read(bytes, begin + offset));
                return tensor;
            }
            catch
            {
                tensor.Dispose();
                throw;
            }
        }

        public override void Dispose() => _isDisposed = true;

        protected abstract void Read(Span<byte> bytes, long begin);
    }

    private sealed class Content(byte[] bytes) : Copied(bytes.Length)
    {
        protected override void Read(Span<byte> target, long begin) => bytes.AsSpan((int)begin, target.Length).CopyTo(target);
    }

    private sealed class OpenFile(string path, FileStream stream) : Copied(stream.Length)
    {
        private readonly DateTime _time = TimeOf(stream.SafeFileHandle);

        public override void CheckUnchanged()
        {
            if (RandomAccess.GetLength(stream.SafeFileHandle) != Length || TimeOf(stream.SafeFileHandle) != _time)
                throw FileException.ChangedWhileRead(path);
        }

        public override void Dispose()
        {
            base.Dispose();
            stream.Dispose();
        }

        protected override void Read(Span<byte> bytes, long begin)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = RandomAccess.Read(stream.SafeFileHandle, bytes[done..], begin + done);
                done += count > 0 ? count : throw FileException.ChangedWhileRead(path);
            }
        }

        private static DateTime TimeOf(SafeFileHandle handle) => File.GetLastWriteTimeUtc(handle);
    }
}
