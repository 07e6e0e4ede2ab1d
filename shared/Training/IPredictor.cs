using Mlops.Onnx;

namespace Mlops.Training;

/// <summary>What was trained, between preprocessing and answers: from encoded rows [N, inputs] to logits or values [N, outputs].</summary>
internal interface IPredictor : IDisposable
{
    /// <summary>Computes the output, row-major.</summary>
    /// <param name="encoded">Row-major.</param>
    /// <param name="rows">How many.</param>
    float[] Predict(float[] encoded, int rows);

    /// <summary>Adds the same computation to a graph and names its output.</summary>
    string Export(GraphBuilder graph, string input);
}
