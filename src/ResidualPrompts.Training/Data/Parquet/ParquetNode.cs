using System.Text.Json;
using Parquet.Schema;

namespace ResidualPrompts.Data.Parquet;

/// <summary>A field of a Parquet schema: reassembles the values of its columns as they were in the row.</summary>
internal abstract class ParquetNode(Field place, IReadOnlyList<ParquetColumn> columns)
{
    public string Name => place.Name;

    protected IReadOnlyList<ParquetColumn> Columns => columns;

    protected int Definition => columns[0].Definition;

    protected Field Field => place;

    /// <summary>The node of a field, with nodes for all its children.</summary>
    /// <param name="field">The field.</param>
    /// <param name="columnOf">Reads a column.</param>
    public static ParquetNode Of(Field field, Func<DataField, ParquetColumn> columnOf) => field switch
    {
        DataField leaf => new LeafNode(leaf, columnOf(leaf)),
        ListField list => new ListNode(list, Of(list.Item, columnOf)),
        StructField group => new StructNode(group, [.. Distinct(group.Fields, group.Name).Select(child => Of(child, columnOf))]),
        MapField map => new ListNode(map, new StructNode(map, [Of(map.Key, columnOf), Of(map.Value, columnOf)])),
        _ => throw new InvalidDataException($"field {field.Path} is {field.SchemaType}, which is not supported"),
    };

    /// <exception cref="InvalidDataException">Two fields have the same name.</exception>
    public static IReadOnlyList<Field> Distinct(IReadOnlyList<Field> fields, string place)
    {
        if (fields.Count == 0)
            throw new InvalidDataException($"{place} has no fields");
        return fields.GroupBy(field => field.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InvalidDataException($"{place} has two fields '{Example.Shortened(twice.Key)}'")
            : fields;
    }

    /// <summary>Writes the current value as a property and moves to the next one.</summary>
    public void Write(Utf8JsonWriter json, string name)
    {
        json.WritePropertyName(name);
        Write(json);
    }

    /// <summary>Writes the current value and moves to the next one.</summary>
    public abstract void Write(Utf8JsonWriter json);

    protected void SkipAll()
    {
        foreach (var column in columns)
            column.Skip();
    }

    private sealed class LeafNode(DataField field, ParquetColumn column) : ParquetNode(field, [column])
    {
        private readonly bool _isList = field.IsArray;

        public override void Write(Utf8JsonWriter json)
        {
            if (!_isList)
            {
                column.Write(json);
                return;
            }

            json.WriteStartArray();
            if (Definition < Field.MaxDefinitionLevel)
            {
                column.Skip();
            }
            else
            {
                do
                    column.Write(json);
                while (column.Repetition == Field.MaxRepetitionLevel);
            }

            json.WriteEndArray();
        }
    }

    private sealed class ListNode(Field field, ParquetNode item) : ParquetNode(field, item.Columns)
    {
        public override void Write(Utf8JsonWriter json)
        {
            // The last definition level of a list means that it has an item; the one before, that the list is present.
            if (Definition < Field.MaxDefinitionLevel - 1)
            {
                json.WriteNullValue();
                SkipAll();
                return;
            }

            json.WriteStartArray();
            if (Definition < Field.MaxDefinitionLevel)
            {
                SkipAll();
            }
            else
            {
                do
                    item.Write(json);
                while (Columns[0].Repetition == Field.MaxRepetitionLevel);
            }

            json.WriteEndArray();
        }
    }

    private sealed class StructNode(Field field, IReadOnlyList<ParquetNode> children)
        : ParquetNode(field, [.. children.SelectMany(child => child.Columns)])
    {
        public override void Write(Utf8JsonWriter json)
        {
            if (Definition < Field.MaxDefinitionLevel)
            {
                json.WriteNullValue();
                SkipAll();
                return;
            }

            json.WriteStartObject();
            foreach (var child in children)
                child.Write(json, child.Name);
            json.WriteEndObject();
        }
    }
}
