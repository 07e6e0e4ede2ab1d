using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>The weights of a layer that shows them by name alone.</summary>
internal sealed class NamedWeights
{
    private readonly IReadOnlyDictionary<string, Tensor> _all;
    private readonly string _prefix;

    private NamedWeights(IReadOnlyDictionary<string, Tensor> all, string prefix) => (_all, _prefix) = (all, prefix);

    public static NamedWeights Of(nn.Module layer) =>
        new(layer.named_parameters().ToDictionary(parameter => parameter.name, parameter => (Tensor)parameter.parameter), "");

    public Tensor this[string name] => _all[_prefix + name];

    public Tensor? Find(string name) => _all.GetValueOrDefault(_prefix + name);

    /// <summary>Those of a part.</summary>
    public NamedWeights Of(string part) => new(_all, $"{_prefix}{part}.");

    /// <summary>Name of a constant of the part that these are of.</summary>
    public string NameOf(string name) => (_prefix + name).Replace('.', '/');
}
