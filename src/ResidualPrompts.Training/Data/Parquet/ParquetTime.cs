using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// Dates and times as ISO 8601 writes them, computed from whole numbers: with all digits, for every year, whatever the time zone of the machine. A
/// timestamp in UTC ends in <c>Z</c>; one without time zone does not. Years outside 0 to 9999 have a sign and at least five digits.
/// </summary>
internal static partial class ParquetTime
{
    private const long SecondsPerDay = 24 * 60 * 60;
    private const long NanosecondsPerDay = SecondsPerDay * 1_000_000_000;
    private const long JulianEpoch = 2_440_588; // the number of the Julian day 1970-01-01
    private const int DaysPerEra = 146_097; // 400 years

    /// <summary>A date from days since 1970.</summary>
    public static string Date(long days)
    {
        // Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that a leap day is their last.
        days += 719_468;
        var era = FloorDivide(days, DaysPerEra);
        var dayOfEra = days - era * DaysPerEra;
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var shifted = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * shifted + 2) / 5 + 1;
        var month = shifted < 10 ? shifted + 3 : shifted - 9;
        var year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        var sign = year < 0 ? "-" : year > 9999 ? "+" : "";
        var digits = Math.Abs(year).ToString(CultureInfo.InvariantCulture).PadLeft(sign == "" ? 4 : 5, '0');
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits}-{month:00}-{day:00}");
    }

    /// <summary>A time of day from a number of units since midnight.</summary>
    public static string TimeOfDay(long count, ParquetUnit unit)
    {
        var perSecond = PerSecond(unit);
        return count >= 0 && count < SecondsPerDay * perSecond ? Clock(count, perSecond, (int)unit)
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{count} is not a time of day"));
    }

    /// <summary>A timestamp from a number of units since 1970.</summary>
    public static string Timestamp(long count, ParquetUnit unit, bool isUtc)
    {
        var perDay = SecondsPerDay * PerSecond(unit);
        var days = FloorDivide(count, perDay);
        return $"{Date(days)}T{Clock(count - days * perDay, PerSecond(unit), (int)unit)}{(isUtc ? "Z" : "")}";
    }

    /// <summary>A timestamp from twelve bytes: nanoseconds of a day, and the day's Julian number.</summary>
    public static string Julian(ReadOnlySpan<byte> bytes)
    {
        var (nanoseconds, day) = (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
        var more = FloorDivide(nanoseconds, NanosecondsPerDay); // some writers count from noon, or pass midnight
        var clock = Clock(nanoseconds - more * NanosecondsPerDay, PerSecond(ParquetUnit.Nanoseconds), (int)ParquetUnit.Nanoseconds);
        return $"{Date(day - JulianEpoch + more)}T{clock}Z";
    }

    /// <summary>A duration from twelve bytes: months, days and milliseconds.</summary>
    public static string Interval(ReadOnlySpan<byte> bytes)
    {
        var (months, days, milliseconds) = (Part(bytes, 0), Part(bytes, 4), Part(bytes, 8));
        return string.Create(CultureInfo.InvariantCulture, $"P{months}M{days}DT{milliseconds / 1000}{Fraction(milliseconds % 1000, 3)}S");
    }

    /// <summary>The days since 1970 of a date.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static long ParseDate(string text) => Dates().Match(text) is { Success: true } found ? Days(found) : throw NoSuch("date", text);

    /// <summary>The units since midnight of a time of day.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static long ParseTimeOfDay(string text, ParquetUnit unit) =>
        Clocks().Match(text) is { Success: true } found ? Units(found, unit) : throw NoSuch("time", text);

    /// <summary>The units since 1970 of a timestamp.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static long ParseTimestamp(string text, ParquetUnit unit)
    {
        var (days, units) = Split(text, unit);
        return (long)((Int128)days * (SecondsPerDay * PerSecond(unit)) + units);
    }

    /// <summary>The twelve bytes of a timestamp.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static byte[] ParseJulian(string text)
    {
        var (days, nanoseconds) = Split(text, ParquetUnit.Nanoseconds);
        var bytes = new byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), (int)(days + JulianEpoch));
        return bytes;
    }

    /// <summary>The twelve bytes of a duration.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static byte[] ParseInterval(string text)
    {
        if (Intervals().Match(text) is not { Success: true } found)
            throw NoSuch("duration", text);
        var bytes = new byte[12];
        var milliseconds = Number(found, "second") * 1000 + long.Parse(found.Groups["fraction"].Value.PadRight(3, '0'), CultureInfo.InvariantCulture);
        foreach (var (i, value) in new[] { Number(found, "month"), Number(found, "day"), milliseconds }.Index())
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), checked((uint)value));
        return bytes;
    }

    private static (long Days, long Units) Split(string text, ParquetUnit unit) =>
        text.IndexOf('T', StringComparison.Ordinal) is var cut and > 0 && Dates().Match(text[..cut]) is { Success: true } date
            && Clocks().Match(text[(cut + 1)..].TrimEnd('Z')) is { Success: true } clock
            ? (Days(date), Units(clock, unit))
            : throw NoSuch("timestamp", text);

    private static string Clock(long count, long perSecond, int digits)
    {
        var (seconds, fraction) = (count / perSecond, count % perSecond);
        return string.Create(
            CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{Fraction(fraction, digits)}");
    }

    /// <summary>The digits of a fraction, without zeros at its end.</summary>
    private static string Fraction(long fraction, int digits) =>
        fraction == 0 ? "" : "." + fraction.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0').TrimEnd('0');

    private static long Days(Match date)
    {
        var (year, month, day) = (Number(date, "year"), Number(date, "month"), Number(date, "day"));
        if (date.Groups["sign"].Value == "-")
            year = -year;
        year -= month <= 2 ? 1 : 0;
        var era = FloorDivide(year, 400);
        var yearOfEra = year - era * 400;
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * DaysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }

    private static long Units(Match clock, ParquetUnit unit)
    {
        var seconds = Number(clock, "hour") * 3600 + Number(clock, "minute") * 60 + Number(clock, "second");
        var fraction = clock.Groups["fraction"].Value.PadRight((int)unit, '0')[..(int)unit];
        return seconds * PerSecond(unit) + long.Parse(fraction, CultureInfo.InvariantCulture);
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static uint Part(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static long PerSecond(ParquetUnit unit) => unit switch
    {
        ParquetUnit.Milliseconds => 1_000,
        ParquetUnit.Microseconds => 1_000_000,
        _ => 1_000_000_000,
    };

    private static long FloorDivide(long value, long by) => value >= 0 ? value / by : -((-(value + 1)) / by) - 1;

    private static FormatException NoSuch(string what, string text) => new($"'{Example.Shortened(text)}' is not a {what}");

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<year>[0-9]{4,12})-(?<month>[0-9]{2})-(?<day>[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dates();

    [GeneratedRegex(@"^(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(\.(?<fraction>[0-9]{1,9}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Clocks();

    [GeneratedRegex(
        @"^P(?<month>[0-9]{1,10})M(?<day>[0-9]{1,10})DT(?<second>[0-9]{1,10})(\.(?<fraction>[0-9]{1,3}))?S\z", RegexOptions.CultureInvariant)]
    private static partial Regex Intervals();
}
