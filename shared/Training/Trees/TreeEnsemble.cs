using Mlops.Onnx;

namespace Mlops.Training.Trees;

/// <summary>Trees whose leaves' values add up to the outputs: logits of classes (of two, the first's is 0), or values.</summary>
/// <param name="trees">In the order in which they are added.</param>
/// <param name="width">Numbers in an encoded row.</param>
/// <param name="outputs">Classes, or targets.</param>
internal sealed class TreeEnsemble(IReadOnlyList<Tree> trees, int width, int outputs) : IPredictor
{
    public IReadOnlyList<Tree> Trees => trees;

    public float[] Predict(float[] encoded, int rows)
    {
        var predictions = new float[rows * outputs];
        Span<double> sums = new double[outputs];
        for (var row = 0; row < rows; row++)
        {
            sums.Clear();
            foreach (var tree in trees)
                sums[tree.Output] += tree.ValueOf(encoded.AsSpan(row * width, width));
            for (var output = 0; output < outputs; output++)
                predictions[(row * outputs) + output] = (float)sums[output];
        }
        return predictions;
    }

    // The regressor for classes too: what follows the logits is then the same for trees and networks.
    public string Export(GraphBuilder graph, string input) => graph.NodeIn(GraphBuilder.MlDomain, "TreeEnsembleRegressor", [input],
        [.. new EnsembleNodes(trees).Attributes(), GraphBuilder.Attribute("n_targets", (long)outputs)]);

    public void Dispose()
    {
        // Trees are managed memory alone.
    }
}
