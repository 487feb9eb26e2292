using System.Buffers;

namespace ResidualPrompts.Tokenization;

/// <summary>A growing list on an array of the shared pool, so that encoding allocates only its result.</summary>
/// <typeparam name="T">The element; plain values only, since returned arrays are not cleared.</typeparam>
internal ref struct PooledList<T>(int capacity)
    where T : unmanaged
{
    private T[] _items = ArrayPool<T>.Shared.Rent(Math.Max(capacity, 16));

    public int Count { get; private set; }

    public readonly ReadOnlySpan<T> Written => _items.AsSpan(0, Count);

    /// <summary>The whole array of the list; valid until it grows.</summary>
    public readonly Span<T> Storage => _items;

    public void Add(T item)
    {
        if (Count == _items.Length)
            Reserve(1);
        _items[Count++] = item;
    }

    public void Add(ReadOnlySpan<T> items)
    {
        Reserve(items.Length);
        items.CopyTo(_items.AsSpan(Count));
        Count += items.Length;
    }

    /// <summary>Reserves space for further elements.</summary>
    public void Reserve(int further)
    {
        var needed = (long)Count + further;
        if (needed > _items.Length)
            Grow(needed);
    }

    public void Remove(int start, int count)
    {
        _items.AsSpan(start + count, Count - start - count).CopyTo(_items.AsSpan(start));
        Count -= count;
    }

    public void Truncate(int count) => Count = Math.Min(Count, count);

    public void Dispose()
    {
        var items = _items;
        _items = [];
        Count = 0;
        if (items.Length > 0)
            ArrayPool<T>.Shared.Return(items);
    }

    private void Grow(long needed)
    {
        if (needed > Array.MaxLength)
            throw TokenizerException.TextTooLong(needed, Array.MaxLength, "elements while encoding");
        var larger = ArrayPool<T>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * _items.Length), Array.MaxLength));
        Written.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
