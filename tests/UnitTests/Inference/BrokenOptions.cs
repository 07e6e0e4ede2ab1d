using Microsoft.Extensions.Options;
using Mlops.Inference;

namespace Mlops.UnitTests.Inference;

/// <summary>A defect that shows once the server is asked something.</summary>
internal sealed class BrokenOptions : IOptions<InferenceOptions>
{
    /// <summary>From when on it shows.</summary>
    public bool Breaks { get; set; }

    public InferenceOptions Value => Breaks ? throw new InvalidOperationException("/secret/path") : new InferenceOptions();
}
