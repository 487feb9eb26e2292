using System.Text.Json;
using Parquet.Data;
using Parquet.Schema;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// The values of a column, read from first to last. Each value has two levels: how many lists it continues (repetition) and how much of its
/// path is present (definition); see Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets", VLDB 2010.
/// </summary>
internal sealed class ParquetColumn(DataField leaf, RawColumnData data, int count, ParquetType type) : IDisposable
{
    private readonly Action<Utf8JsonWriter, int> _write = ParquetValues.WriterOf(data, type);
    private int _position;
    private int _value;
    private int _rowPosition;
    private int _rowValue;

    public string Name => leaf.Path.ToString();

    /// <summary>How much of the path of the current value is present.</summary>
    public int Definition => leaf.MaxDefinitionLevel == 0 ? 0 : data.DefinitionLevels[Current];

    /// <summary>How many lists the current value continues; 0 at the start of a row and at the end.</summary>
    public int Repetition => leaf.MaxRepetitionLevel == 0 || _position == count ? 0 : data.RepetitionLevels[_position];

    /// <summary>Whether the current value is the first of a row.</summary>
    public bool IsAtRow => Repetition == 0;

    private int Current => _position < count ? _position : throw new InvalidDataException($"column {Name} has too few values");

    /// <summary>Writes the current value, or null, and moves to the next one.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (Definition == leaf.MaxDefinitionLevel)
            WriteValue(json);
        else
            json.WriteNullValue();
        Skip();
    }

    /// <summary>Moves past a missing value.</summary>
    public void Skip() => _position = Current + 1;

    /// <summary>Marks the start of a row.</summary>
    public void BeginRow() => (_rowPosition, _rowValue) = (_position, _value);

    /// <summary>Moves to the row after the last one begun, however far that one was read.</summary>
    public void PassRow()
    {
        (_position, _value) = (_rowPosition, _rowValue);
        do
        {
            _value += Definition == leaf.MaxDefinitionLevel ? 1 : 0;
            Skip();
        }
        while (!IsAtRow);
    }

    public void Dispose() => data.Dispose();

    private void WriteValue(Utf8JsonWriter json)
    {
        try
        {
            _write(json, _value++);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"the value of column {Name} is broken: {e.Message}", e);
        }
    }
}
