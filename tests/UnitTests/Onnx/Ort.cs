using Microsoft.ML.OnnxRuntime;
using Mlops.Onnx;
using Mlops.Onnx.Format;

namespace Mlops.UnitTests.Onnx;

/// <summary>Runs a model in ONNX Runtime, the judge of what a pass made.</summary>
internal static class Ort
{
    /// <summary>The first output of a model with one input.</summary>
    public static float[] Run(ModelProto model, float[] input, params long[] shape)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        return Run(model, new Dictionary<string, OrtValue> { [model.Graph.Input[0].Name] = value });
    }

    /// <summary>The first output.</summary>
    public static float[] Run(ModelProto model, Dictionary<string, OrtValue> inputs)
    {
        using var session = new InferenceSession(OnnxFile.Write(model));
        using var options = new RunOptions();
        using var outputs = session.Run(options, inputs, [model.Graph.Output[0].Name]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>A tensor of texts.</summary>
    public static OrtValue Texts(string[] texts, params long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (var i = 0; i < texts.Length; i++)
            value.StringTensorSetElementAt(texts[i], i);
        return value;
    }
}
