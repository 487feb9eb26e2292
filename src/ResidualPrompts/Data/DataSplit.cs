namespace ResidualPrompts.Data;

/// <summary>What a part of a data set is for.</summary>
public enum DataSplit
{
    /// <summary>Rows to train on.</summary>
    Train,

    /// <summary>Rows that choose the best prompt.</summary>
    Validation,

    /// <summary>Rows that nothing is chosen by.</summary>
    Test,
}
