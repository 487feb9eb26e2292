namespace ResidualPrompts.Data.Splits;

/// <summary>Rows divided into two parts, each in the original order.</summary>
/// <param name="Selected">The selected rows.</param>
/// <param name="Rest">The other rows.</param>
/// <param name="Notes">Where the result differs from the request, one sentence each.</param>
internal sealed record SelectedRows(IReadOnlyList<Example> Selected, IReadOnlyList<Example> Rest, IReadOnlyList<string> Notes);
