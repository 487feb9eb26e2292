namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// The type of a column as its file's schema states it. The newer annotation (logical type) counts before the older one (converted type).
/// </summary>
/// <param name="Physical">How values are stored.</param>
/// <param name="Meaning">What they stand for.</param>
internal sealed record ParquetType(ParquetPhysical Physical, ParquetMeaning Meaning)
{
    /// <summary>The most digits of a decimal number, and more than any has.</summary>
    public const int MostDigits = 1000;

    // Fields of a schema element.
    private const short TypeField = 1;
    private const short LengthField = 2;
    private const short RepetitionField = 3;
    private const short ChildrenField = 5;
    private const short ConvertedField = 6;
    private const short ScaleField = 7;
    private const short PrecisionField = 8;
    private const short LogicalField = 10;
    private static readonly short[] AnnotationFields = [ConvertedField, ScaleField, PrecisionField, LogicalField];

    /// <summary>The unit of a time.</summary>
    public ParquetUnit Unit { get; init; }

    /// <summary>Whether a timestamp is in UTC.</summary>
    public bool IsUtc { get; init; }

    /// <summary>Digits of a decimal number behind the point.</summary>
    public int Scale { get; init; }

    /// <summary>Digits of a decimal number.</summary>
    public int Precision { get; init; }

    /// <summary>Bytes of a value of fixed length.</summary>
    public int Length { get; init; }

    /// <summary>Whether the element holds values.</summary>
    public static bool IsLeaf(ThriftStruct element) => element.Has(TypeField);

    /// <summary>Number of elements below this one.</summary>
    public static int Children(ThriftStruct element) => (int)Math.Clamp(element.Number(ChildrenField) ?? 0, 0, int.MaxValue);

    /// <summary>The type of an element that holds values.</summary>
    /// <exception cref="NotSupportedException">The format has no such type, or none that can be read.</exception>
    public static ParquetType Of(ThriftStruct element)
    {
        var physical = (ParquetPhysical)(element.Number(TypeField) ?? -1);
        if (!Enum.IsDefined(physical))
            throw new NotSupportedException($"it has the type {element.Number(TypeField)}, which is unknown");
        var type = new ParquetType(physical, ParquetMeaning.Plain)
        {
            Length = physical == ParquetPhysical.Int96 ? 12 : (int)Math.Clamp(element.Number(LengthField) ?? 0, 0, int.MaxValue),
        };
        if (physical == ParquetPhysical.Int96)
            return type with { Meaning = ParquetMeaning.JulianTimestamp };
        var found = element.Struct(LogicalField) is { } logical ? type.Logical(logical) : null;
        found ??= element.Number(ConvertedField) is { } converted ? type.Converted((int)converted, element) : null;
        return found is not null && found.Fits() ? found : type;
    }

    /// <summary>An element with nothing but this one's annotations.</summary>
    public static ThriftStruct Annotations(ThriftStruct element)
    {
        var annotations = new ThriftStruct();
        foreach (var field in AnnotationFields)
            annotations.Take(field, element);
        return annotations;
    }

    /// <summary>Changes the element so that a reader gives stored values, without a meaning.</summary>
    public void Strip(ThriftStruct element)
    {
        element.Remove(AnnotationFields);
        if (Physical == ParquetPhysical.Int96)
            element.Set32(TypeField, (int)ParquetPhysical.FixedBytes);
        if (Physical == ParquetPhysical.Int96)
            element.Set32(LengthField, Length);
        if (Physical == ParquetPhysical.Boolean)
            element.Set32(LengthField, 1); // bits of a value
    }

    /// <summary>Gives an element this type, with the annotations of another element of it.</summary>
    /// <param name="element">The element.</param>
    /// <param name="physical">How its values are stored.</param>
    /// <param name="like">An element of this type.</param>
    public void Restore(ThriftStruct element, ParquetPhysical physical, ThriftStruct like)
    {
        element.Set32(TypeField, (int)physical);
        element.Remove(LengthField);
        if (physical == ParquetPhysical.FixedBytes)
            element.Set32(LengthField, Meaning == ParquetMeaning.Decimal ? 16 : Length);
        foreach (var field in AnnotationFields)
            element.Take(field, like);
    }

    /// <summary>Whether values may repeat within a row, without the form of a list.</summary>
    public static bool IsRepeated(ThriftStruct element) => element.Number(RepetitionField) == 2;

    private ParquetType? Logical(ThriftStruct logical) => this switch
    {
        _ when logical.Has(1) || logical.Has(4) || logical.Has(12) => this with { Meaning = ParquetMeaning.Text }, // STRING, ENUM, JSON
        _ when logical.Struct(5) is { } number => WithDigits(number.Number(1), number.Number(2)),
        _ when logical.Has(6) => this with { Meaning = ParquetMeaning.Date },
        _ when logical.Struct(7) is { } time => With(ParquetMeaning.Time, time),
        _ when logical.Struct(8) is { } timestamp => With(ParquetMeaning.Timestamp, timestamp),
        _ when logical.Struct(10) is { } integer => integer.Flag(2) ? this : this with { Meaning = ParquetMeaning.Unsigned },
        _ when logical.Has(14) => this with { Meaning = ParquetMeaning.Uuid },
        _ when logical.Has(15) => this with { Meaning = ParquetMeaning.Half },
        _ => null,
    };

    private ParquetType? Converted(int converted, ThriftStruct element) => converted switch
    {
        0 or 4 or 19 => this with { Meaning = ParquetMeaning.Text }, // UTF8, ENUM, JSON
        5 => WithDigits(element.Number(ScaleField), element.Number(PrecisionField)),
        6 => this with { Meaning = ParquetMeaning.Date },
        7 => this with { Meaning = ParquetMeaning.Time, Unit = ParquetUnit.Milliseconds },
        8 => this with { Meaning = ParquetMeaning.Time, Unit = ParquetUnit.Microseconds },
        9 => this with { Meaning = ParquetMeaning.Timestamp, Unit = ParquetUnit.Milliseconds, IsUtc = true },
        10 => this with { Meaning = ParquetMeaning.Timestamp, Unit = ParquetUnit.Microseconds, IsUtc = true },
        >= 11 and <= 14 => this with { Meaning = ParquetMeaning.Unsigned },
        21 => this with { Meaning = ParquetMeaning.Interval },
        _ => null,
    };

    private ParquetType WithDigits(long? scale, long? precision) => (scale ?? 0) is >= 0 and <= MostDigits and var digits
        ? this with { Meaning = ParquetMeaning.Decimal, Scale = (int)digits, Precision = (int)Math.Clamp(precision ?? 0, 0, int.MaxValue) }
        : throw new NotSupportedException($"it has decimal numbers with {scale} digits behind the point, expected 0 to {MostDigits}");

    private ParquetType? With(ParquetMeaning meaning, ThriftStruct time)
    {
        var unit = time.Struct(2);
        ParquetUnit? found = unit is null ? null
            : unit.Has(1) ? ParquetUnit.Milliseconds : unit.Has(2) ? ParquetUnit.Microseconds : unit.Has(3) ? ParquetUnit.Nanoseconds : null;
        return found is { } known ? this with { Meaning = meaning, Unit = known, IsUtc = time.Flag(1) }
            : throw new NotSupportedException("it has times in an unknown unit");
    }

    /// <summary>Whether values that are stored like this can have the meaning.</summary>
    private bool Fits() => Meaning switch
    {
        ParquetMeaning.Text => Physical == ParquetPhysical.Bytes,
        ParquetMeaning.Decimal => Physical is ParquetPhysical.Int32 or ParquetPhysical.Int64 or ParquetPhysical.Bytes or ParquetPhysical.FixedBytes,
        ParquetMeaning.Date => Physical == ParquetPhysical.Int32,
        ParquetMeaning.Time => Physical == (Unit == ParquetUnit.Milliseconds ? ParquetPhysical.Int32 : ParquetPhysical.Int64),
        ParquetMeaning.Timestamp => Physical == ParquetPhysical.Int64,
        ParquetMeaning.Unsigned => Physical is ParquetPhysical.Int32 or ParquetPhysical.Int64,
        ParquetMeaning.Interval => Physical == ParquetPhysical.FixedBytes && Length == 12,
        ParquetMeaning.Half => Physical == ParquetPhysical.FixedBytes && Length == sizeof(ushort),
        ParquetMeaning.Uuid => Physical == ParquetPhysical.FixedBytes && Length == 16,
        _ => true,
    };
}
