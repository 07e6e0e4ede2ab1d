using Mlops.Contracts.Spec;

namespace Mlops.Training.Gradients;

/// <summary>What a stack of fully connected layers does beside their products.</summary>
/// <param name="Activation">Of each layer but the last, whose units dropout then switches off.</param>
/// <param name="DropsInputs">Whether dropout meets the inputs too.</param>
internal sealed record DenseStack(Activation Activation, bool DropsInputs);
