using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>A setting as a sweep file gives it.</summary>
/// <param name="Property">The setting.</param>
/// <param name="Value">Its value as a <see cref="RunSpec"/> holds it; null = the default.</param>
/// <param name="Place">Where it stands.</param>
internal sealed record SweepSetting(RunSpecProperty Property, object? Value, PlacedJson Place)
{
    /// <summary>Sets the value in a record that is not shared yet.</summary>
    internal void ApplyTo(RunSpec spec)
    {
        if (Value is not null)
            Property.Property.SetValue(spec, Value);
    }
}
