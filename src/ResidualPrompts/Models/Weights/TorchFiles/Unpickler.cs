
namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>
/// Reads a pickle of protocol 2 written by torch.save. It knows only the operations and globals that tensors need; any other is refused before it has
/// an effect. Source: Python's pickletools, which documents every operation, and PEP 307.
/// </summary>
internal sealed class Unpickler(string path, byte[] pickle)
{
    private const int Protocol = 2;

    private readonly PickleBytes _bytes = new(path, pickle);
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    /// <summary>Reads the pickle's only value.</summary>
    /// <exception cref="CheckpointException">The pickle is damaged, or holds values that tensors do not need.</exception>
    public object? Read()
    {
        while (true)
        {
            var operation = _bytes.Byte();
            if (operation == '.')
            {
                return Pop();
            }

            Perform(operation);
        }
    }

    private void Perform(byte operation)
    {
        switch (operation)
        {
            case 0x80: ExpectProtocol(_bytes.Byte()); break;
            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)'N': _stack.Add(null); break;
            case 0x88: _stack.Add(true); break;
            case 0x89: _stack.Add(false); break;
            case (byte)'J': _stack.Add((long)_bytes.Int32()); break;
            case (byte)'K': _stack.Add((long)_bytes.Byte()); break;
            case (byte)'M': _stack.Add((long)_bytes.UInt16()); break;
            case 0x8a: _stack.Add(_bytes.Long()); break;
            case (byte)'G': _stack.Add(_bytes.Double()); break;
            case (byte)'X': _stack.Add(_bytes.Text()); break;
            case (byte)')': _stack.Add(new PickleTuple([])); break;
            case (byte)'t': _stack.Add(new PickleTuple(PopToMark())); break;
            case 0x85: _stack.Add(new PickleTuple(Pop(1))); break;
            case 0x86: _stack.Add(new PickleTuple(Pop(2))); break;
            case 0x87: _stack.Add(new PickleTuple(Pop(3))); break;
            case (byte)']': _stack.Add(new PickleList([])); break;
            case (byte)'a': Append(Pop(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'}': _stack.Add(new PickleDictionary([])); break;
            case (byte)'s': SetItems(Pop(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'c': _stack.Add(Global($"{_bytes.Line()}.{_bytes.Line()}")); break;
            case (byte)'R': Call(Pop(2)); break;
            case (byte)'b': Build(Pop()); break;
            case (byte)'Q': _stack.Add(TorchGlobals.Storage(Pop(), _bytes.Invalid)); break;
            case (byte)'q': _memo[_bytes.Byte()] = Top(); break;
            case (byte)'r': _memo[_bytes.UInt32()] = Top(); break;
            case (byte)'h': Recall(_bytes.Byte()); break;
            case (byte)'j': Recall(_bytes.UInt32()); break;
            default: throw _bytes.Invalid("an operation that tensors need", $"the operation 0x{operation:x2}");
        }
    }

    private void ExpectProtocol(byte protocol)
    {
        if (protocol != Protocol)
        {
            throw _bytes.Invalid($"pickle protocol {Protocol}, torch.save's default", $"{protocol}");
        }
    }

    private TorchGlobal Global(string name) => TorchGlobals.Find(name) ?? throw CheckpointException.ForeignGlobal(path, name);

    private void Call(object?[] callee) => _stack.Add(callee is [TorchGlobal global, PickleTuple { Items: var arguments }]
        ? TorchGlobals.Call(global, arguments, _bytes.Invalid)
        : throw _bytes.Invalid("a call of a global with a tuple", "another one"));

    /// <summary>A state dict has the versions of its modules as attributes, which do not describe tensors.</summary>
    private void Build(object? state)
    {
        if (Top() is not PickleDictionary || state is not PickleDictionary)
        {
            throw _bytes.Invalid("attributes of an OrderedDict", "those of something else");
        }
    }

    private void Append(object?[] items)
    {
        if (Top() is not PickleList list)
        {
            throw _bytes.Invalid("a list to append to", "something else");
        }

        list.Items.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw _bytes.Invalid("a dict and pairs of key and value", "something else");
        }

        for (var index = 0; index < items.Length; index += 2)
        {
            dictionary.Items.Add(new(items[index], items[index + 1]));
        }
    }

    private void Recall(uint index) =>
        _stack.Add(_memo.TryGetValue(index, out var value) ? value
            : throw _bytes.Invalid("a value that was memorized", $"the number {index}, which was not"));

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw _bytes.Invalid("a mark", "none");
        }

        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return Pop(_stack.Count - mark);
    }

    private object? Pop() => Pop(1)[0];

    private object?[] Pop(int count)
    {
        Require(count);
        var items = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return [.. items];
    }

    private object? Top()
    {
        Require(1);
        return _stack[^1];
    }

    /// <summary>Values below a mark belong to the operation that set it.</summary>
    private void Require(int count)
    {
        var available = _stack.Count - (_marks.Count > 0 ? _marks[^1] : 0);
        if (count < 0 || available < count)
        {
            throw _bytes.Invalid($"{Math.Max(1, count)} values on the stack", $"{Math.Max(0, available)}");
        }
    }
}
