using static TorchSharp.torch;

namespace Mlops.TorchExport;

/// <summary>A module and all its layers outside training, until disposed of: then each is what it was.</summary>
internal sealed class EvaluationMode : IDisposable
{
    // Setting a module sets its layers too, so those come after it.
    private readonly List<(nn.Module Module, bool Training)> _before = [];

    public EvaluationMode(nn.Module module)
    {
        Note(module);
        module.eval();
    }

    public void Dispose()
    {
        foreach (var (module, training) in _before)
            module.train(training);
    }

    private void Note(nn.Module module)
    {
        _before.Add((module, module.training));
        foreach (var (_, child) in module.named_children())
            Note(child);
    }
}
