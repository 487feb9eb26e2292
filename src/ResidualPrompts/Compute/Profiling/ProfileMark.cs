using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Profiling;

/// <summary>
/// Passes a tensor on. When the gradient comes back through it, a part of a <see cref="StepProfile"/> begins: the mark on an operation's result
/// begins the operation, the marks on its operands end it.
/// </summary>
internal sealed class ProfileMark : ManagedAutogradFunction<ProfileMark, ProfileMark.Place>
{
    /// <summary>The same values, with a mark.</summary>
    /// <param name="x">Takes a gradient.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="part">The part that begins in the backward pass.</param>
    internal static Tensor Of(Tensor x, StepProfile profile, string part) => Apply(new Place(profile, part), x);

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Place call) =>
        (Keep(inputs[0]), []);

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Place call)
    {
        StepProfile.Switch(call.Profile, call.Part);
        return [Keep(gradient)];
    }

    /// <summary>What begins.</summary>
    /// <param name="Profile">The profile.</param>
    /// <param name="Part">The part.</param>
    internal sealed record Place(StepProfile Profile, string Part);
}
