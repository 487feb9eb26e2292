namespace ResidualPrompts.Runs.Settings;

/// <summary>The reparameterization of a prompt during training.</summary>
public enum Reparameterization
{
    /// <summary>None: prompt tuning.</summary>
    None,

    /// <summary>A two-layer network: residual prompt tuning.</summary>
    Mlp,

    /// <summary>Two such networks in sequence.</summary>
    Mlp2,

    /// <summary>One such network, applied twice.</summary>
    Mlp2Tied,

    /// <summary>A bidirectional LSTM of two layers with a head of two linear layers.</summary>
    Lstm,

    /// <summary>A bidirectional LSTM of one layer.</summary>
    Lstm1,

    /// <summary>A bidirectional LSTM of two layers.</summary>
    Lstm2,

    /// <summary>A transformer encoder of two layers.</summary>
    Transformer,
}

/// <summary>The trained parameters.</summary>
public enum TuningMethod
{
    /// <summary>A prompt before a frozen T5.</summary>
    Prompt,

    /// <summary>All weights of the T5, without a prompt.</summary>
    Full,
}

/// <summary>Which state of the training is released.</summary>
public enum ReleasedState
{
    /// <summary>The state with the best validation metric.</summary>
    Best,

    /// <summary>The last state.</summary>
    Last,
}

/// <summary>How parameters are updated.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW by the original's rule.</summary>
    OriginalAdamw,

    /// <summary>AdamW by torch's rule.</summary>
    Adamw,

    /// <summary>Adafactor as Lester et al. use it.</summary>
    Adafactor,
}
